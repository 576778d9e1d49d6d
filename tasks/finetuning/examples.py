"""Examples of a dataset as tokens: read, encoded and, where a training has to make do with shorter ones, cut."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARQUET = "examples.parquet"


class UnfitError(ValueError):
    """The model or the dataset cannot be trained with; the message says why, on one line."""


@dataclass(frozen=True)
class Text:
    """An example as the dataset has it. prompt_tokens: tokens at its head that are not trained on."""

    text: str
    prompt_tokens: int = 0


@dataclass(frozen=True)
class Example:
    """An example as tokens. prompt: how many tokens at its head are read but not trained on."""

    tokens: Sequence[int]
    prompt: int = 0

    @property
    def places(self) -> int:
        """Places in a batch: every token but the last is an input."""
        return len(self.tokens) - 1

    @property
    def trained(self) -> int:
        """Tokens with a loss: all but the first and the prompt."""
        return max(0, len(self.tokens) - max(1, self.prompt))


def read_texts(folder: Path, split: str) -> list[Text]:
    """The examples of a split in their order; none when the dataset has no such split.

    The number of prompt tokens stands in the lines, or in the dataset's Parquet, where there is one; it is 0 otherwise.
    """
    file = folder / f"{split}.jsonl"
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="\n") as stream:
        rows = [json.loads(line) for line in stream]
    prompts = [int(row.get("prompt_tokens") or 0) for row in rows]
    if not any(prompts):
        prompts = _prompts_of_parquet(folder / PARQUET, split) or prompts
    return [Text(row["text"], prompt) for row, prompt in zip(rows, prompts, strict=True)]


def _prompts_of_parquet(file: Path, split: str) -> list[int]:
    if not file.is_file():
        return []
    from pyarrow import parquet

    if "prompt_tokens" not in parquet.read_schema(file).names:
        return []
    table = parquet.read_table(file, columns=["split", "prompt_tokens"], filters=[("split", "=", split)])
    return [value or 0 for value in table["prompt_tokens"].to_pylist()]


def encode(tokenizer: Any, text: Text, longest: int, mask_prompt: bool = True) -> Example:
    """As mlx-lm encodes a text example: with the end-of-text token. Raises UnfitError instead of cutting it off."""
    tokens: list[int] = list(tokenizer.encode(text.text))
    if not tokens or tokens[-1] != tokenizer.eos_token_id:
        tokens.append(tokenizer.eos_token_id)
    if len(tokens) > longest:
        raise UnfitError(
            f"an example has {len(tokens)} tokens, more than max_seq_length {longest}: raise it, or make the dataset again"
        )
    return Example(tokens, text.prompt_tokens if mask_prompt else 0)


def cut_long(examples: Sequence[Example], longest: int) -> list[Example]:
    """Examples in pieces of at most `longest` tokens; a piece begins with the last token of the one before, so that each token
    that had a loss has one still."""
    return [piece for example in examples for piece in _pieces(example, longest)]


def _pieces(example: Example, longest: int) -> Iterator[Example]:
    for start in range(0, max(1, example.places), longest - 1):
        yield Example(example.tokens[start : start + longest], max(0, example.prompt - start))
