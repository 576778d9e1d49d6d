"""Counting and cutting by tokens with the model's own tokenizer, loaded once per process from its tokenizer.json."""

import bisect
import os
from typing import Any, Protocol

BATCH_CHARACTERS = 1 << 18  # a batch of encodings costs some 100 bytes per token while it lives
_LOADED: dict[str, "ModelTokens"] = {}


class Tokens(Protocol):
    """What a chunker asks of a tokenizer. `extra`: tokens that are added to every text, the end-of-text token included."""

    extra: int

    def count(self, texts: list[str]) -> list[int]:
        """Tokens of each text, without the extra ones."""

    def starts(self, text: str) -> list[int]:
        """The character at which each token of a text begins, ascending."""


class ModelTokens:
    """The tokenizer of a model. mlx-lm adds the end-of-text token to every example, so it counts here.

    front: tokens that it adds before a text. special: how its control tokens are written.
    """

    def __init__(self, tokenizer_file: str) -> None:
        # The worker pool is the parallelism; threads of the tokenizer on top of it would only fight over the cores.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer

        self._tokenizer: Any = Tokenizer.from_file(tokenizer_file)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.extra = self._tokenizer.num_special_tokens_to_add(False) + 1
        mask = self._tokenizer.encode("a").special_tokens_mask
        self.front = mask.index(0) if 0 in mask else 0
        added = self._tokenizer.get_added_tokens_decoder()
        self.special = tuple(token.content for _, token in sorted(added.items()) if token.special)

    def count(self, texts: list[str]) -> list[int]:
        """Tokens of each text, without the extra ones."""
        counts: list[int] = []
        for batch in _batches(texts):
            counts += [len(encoded) for encoded in self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)]
        return counts

    def count_before(self, text: str, position: int) -> tuple[int, int]:
        """Tokens of a text with the extra ones, and those of them that begin before a character."""
        starts = self.starts(text)
        return len(starts) + self.extra, self.front + bisect.bisect_left(starts, position)

    def starts(self, text: str) -> list[int]:
        """The character at which each token of a text begins, ascending."""
        return [start for start, _ in self._tokenizer.encode(text, add_special_tokens=False).offsets]


def _batches(texts: list[str]) -> list[list[str]]:
    batches: list[list[str]] = []
    room = 0
    for text in texts:
        if room < len(text) or not batches:
            batches.append([])
            room = BATCH_CHARACTERS
        batches[-1].append(text)
        room -= len(text)
    return batches


def load_tokens(tokenizer_file: str, digest: str) -> ModelTokens:
    """The tokenizer of the model with this digest; a second call in the same process costs nothing."""
    if digest not in _LOADED:
        _LOADED.clear()  # one model per run: a long-lived worker must not collect tokenizers
        _LOADED[digest] = ModelTokens(tokenizer_file)
    return _LOADED[digest]
