"""Prompts in, answers out, through mlx-lm: one model per process, its work on the beginning of the prompts kept between them."""

import contextlib
import copy
import functools
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks.annotation.errors import ModelError
from tasks.annotation.model.prompt import QUESTION
from tasks.runtime.blas import enable_fast_blas

if TYPE_CHECKING:
    from tasks.annotation.model.grammar import Grammar, Mask

LEAST_PREFIX = 16  # tokens, below which keeping the work is not worth it
MOST_PREFIXES = 6  # kept per model: one per annotation schema, in practice, and two for questions
PREFILL_TOKENS = 512  # of a prompt read in one go; bounds the memory for it
BATCH_TOKENS = 16_384  # of prompts and answers in one batch
FALLBACK_CONTEXT = 4096  # tokens, of a model whose configuration says nothing
_LOADING = threading.Lock()


class AnswerFailed(RuntimeError):
    """One prompt got no answer; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What the model said.

    ends: offset in the text after each token. logprobs: of each token among those allowed, natural logarithms. finished: it
    came to an end by itself, within its budget; else the last item is cut, whole as its JSON may be.
    """

    text: str
    ends: tuple[int, ...]
    logprobs: tuple[float, ...]
    finished: bool

    def probability(self, start: int, end: int) -> float:
        """Geometric mean of the probabilities of the tokens between two offsets, 0 to 1; 1 where there are none."""
        starts = (0, *self.ends)
        inside = [each for at, to, each in zip(starts, self.ends, self.logprobs, strict=False) if at < end and to > start]
        return min(1.0, math.exp(sum(inside) / len(inside))) if inside else 1.0


class Decoder:
    """A model that was loaded. Not for several threads at once."""

    def __init__(self, model: Any, tokenizer: Any, config: Mapping[str, Any]) -> None:
        import mlx.core as mx
        from mlx_lm.models.cache import make_prompt_cache

        self.model, self.tokenizer = model, tokenizer
        sizes = (config, config.get("text_config", {}))
        self.context = next((size for each in sizes if (size := each.get("max_position_embeddings"))), FALLBACK_CONTEXT)
        self.vocabulary: int = model(mx.array([[0]])).shape[-1]  # lazy: nothing is computed for a shape
        self.batches = all(hasattr(each, "merge") for each in make_prompt_cache(model))
        self.prefix_hits = 0
        self._prefixes: OrderedDict[tuple[int, ...], list[Any]] = OrderedDict()

    def answer(
        self, prompts: Sequence[str], grammar: "Grammar | None", max_tokens: int, batch: int
    ) -> Iterator[Answer | AnswerFailed]:
        """An answer or a failure for each prompt, in order. Never raises for one prompt's sake.

        Prompts are read in batches where the model's cache can be merged, else one by one; a batch that breaks is done again one
        by one, so that a bad prompt costs only itself.
        """
        waiting = [self._tokens(prompt, max_tokens) for prompt in prompts]
        at = 0
        while at < len(waiting):
            group = self._group(waiting[at:], batch if self.batches else 1, max_tokens)
            yield from self._answer_group(group, grammar, max_tokens)
            at += len(group)

    def _group(
        self, waiting: Sequence["_Prompt | AnswerFailed"], batch: int, max_tokens: int
    ) -> Sequence["_Prompt | AnswerFailed"]:
        """The next prompts that fit into a batch together, at least one."""
        size = 0
        for count, each in enumerate(waiting[:batch]):
            size += len(each.tokens) + max_tokens if isinstance(each, _Prompt) else 0
            if count and size > BATCH_TOKENS:
                return waiting[:count]
        return waiting[:batch]

    def _answer_group(
        self, group: Sequence["_Prompt | AnswerFailed"], grammar: "Grammar | None", max_tokens: int
    ) -> list[Answer | AnswerFailed]:
        prompts = [each for each in group if isinstance(each, _Prompt)]
        answers: list[Answer | AnswerFailed] = []
        if len(prompts) > 1:
            with contextlib.suppress(Exception):  # each is done again below, and a fault that stays is told there
                answers = list(self._together(prompts, grammar, max_tokens))
        if len(answers) != len(prompts):
            answers = [self._alone(each, grammar, max_tokens) for each in prompts]
        found = iter(answers)
        return [next(found) if isinstance(each, _Prompt) else each for each in group]

    def _together(self, prompts: Sequence["_Prompt"], grammar: "Grammar | None", max_tokens: int) -> list[Answer]:
        from mlx_lm.generate import BatchGenerator

        masks = [_mask(grammar, max_tokens) for _ in prompts]
        generator = BatchGenerator(
            self.model,
            stop_tokens=[[token] for token in sorted(self.tokenizer.eos_token_ids)],
            completion_batch_size=len(prompts),
            prefill_batch_size=len(prompts),
            prefill_step_size=PREFILL_TOKENS,
        )
        try:
            uids = generator.insert(
                [each.rest for each in prompts],
                [max_tokens] * len(prompts),
                caches=[self._cache(each) for each in prompts],
                all_tokens=[list(each.prefix) for each in prompts],
                logits_processors=masks,
            )
            said: dict[int, list[tuple[int, float]]] = {uid: [] for uid in uids}
            ended: set[int] = set()
            while responses := generator.next_generated():
                for each in responses:
                    if each.finish_reason == "stop":
                        ended.add(each.uid)
                    else:
                        said[each.uid].append((each.token, float(each.logprobs[each.token])))
        finally:
            generator.close()
        return [self._finish(said[uid], uid in ended, mask) for uid, mask in zip(uids, masks, strict=True)]

    def _alone(self, prompt: "_Prompt", grammar: "Grammar | None", max_tokens: int) -> Answer | AnswerFailed:
        import mlx.core as mx
        from mlx_lm.generate import generate_step

        try:
            masks = _mask(grammar, max_tokens)
            said: list[tuple[int, float]] = []
            ended = False
            for token, logprobs in generate_step(
                mx.array(prompt.rest),
                self.model,
                max_tokens=max_tokens,
                logits_processors=masks,
                prompt_cache=self._cache(prompt),
                prefill_step_size=PREFILL_TOKENS,
            ):
                if token in self.tokenizer.eos_token_ids:
                    ended = True
                    break
                said.append((int(token), float(logprobs[token])))
            return self._finish(said, ended, masks)
        except Exception as error:  # noqa: BLE001 - whatever a model's code raises costs one piece, not the document
            return AnswerFailed(f"{type(error).__name__}: {error}")

    def _finish(self, said: Sequence[tuple[int, float]], ended: bool, masks: "Sequence[Mask]") -> Answer:
        from tasks.annotation.model.grammar import wrapped

        tokenizer = wrapped(self.tokenizer, self.vocabulary)
        pieces = [tokenizer.decode_bytes([token]) for token, _ in said]
        ends, at = [], 0
        for piece in pieces:
            at += sum((byte & 0xC0) != 0x80 for byte in piece)  # bytes that begin a character in UTF-8
            ends.append(at)
        text = b"".join(pieces).decode("utf-8", errors="replace")
        finished = ended and not any(mask.is_hurried for mask in masks)
        return Answer(text, tuple(ends), tuple(logprob for _, logprob in said), finished)

    def _tokens(self, prompt: str, max_tokens: int) -> "_Prompt | AnswerFailed":
        try:
            tokens = self._render(prompt)
            if len(tokens) + max_tokens > self.context:
                return AnswerFailed(
                    f"the prompt of {len(tokens)} tokens and {max_tokens} for the answer exceed the model's {self.context}"
                )
            return _Prompt(tuple(tokens), self._prefix(prompt, tokens))
        except Exception as error:  # noqa: BLE001 - a chat template is a program, and the tokenizer another
            return AnswerFailed(f"{type(error).__name__}: {error}")

    def _render(self, prompt: str) -> list[int]:
        """The tokens of a prompt, in the model's chat template where it has one; not thinking aloud, as the answer is JSON."""
        if not self.tokenizer.has_chat_template:
            return list(self.tokenizer.encode(prompt))
        messages = [{"role": "user", "content": prompt}]
        return list(self.tokenizer.apply_chat_template(messages, add_generation_prompt=True, enable_thinking=False))

    def _prefix(self, prompt: str, tokens: Sequence[int]) -> tuple[int, ...]:
        """The tokens at the beginning of a prompt that are worth keeping: what was kept before, else all before its text."""
        for known in self._prefixes:
            if len(known) < len(tokens) and tuple(tokens[: len(known)]) == known:
                return known
        before = self._render(prompt[: max(prompt.rfind(f"\n{QUESTION}"), 0)])
        shared = 0
        for ours, theirs in zip(before, tokens[:-1], strict=False):
            if ours != theirs:
                break
            shared += 1
        # The last shared token may be one that the text after it would change.
        prefix = tuple(tokens[: shared - 1]) if shared > LEAST_PREFIX else ()
        if prefix:
            self._prefixes[prefix] = self._read(prefix)
            if len(self._prefixes) > MOST_PREFIXES:
                self._prefixes.popitem(last=False)
        return prefix

    def _read(self, prefix: Sequence[int]) -> list[Any]:
        import mlx.core as mx
        from mlx_lm.models.cache import make_prompt_cache

        cache: list[Any] = make_prompt_cache(self.model)
        for at in range(0, len(prefix), PREFILL_TOKENS):
            self.model(mx.array([prefix[at : at + PREFILL_TOKENS]]), cache=cache)
            mx.eval([each.state for each in cache])
        return cache

    def _cache(self, prompt: "_Prompt") -> list[Any]:
        """A copy of what was kept for the beginning of a prompt; it may have been dropped for others since."""
        from mlx_lm.models.cache import make_prompt_cache

        if not prompt.prefix:
            return list(make_prompt_cache(self.model))
        if prompt.prefix not in self._prefixes:
            return self._read(prompt.prefix)
        self.prefix_hits += 1
        self._prefixes.move_to_end(prompt.prefix)
        return copy.deepcopy(self._prefixes[prompt.prefix])


@dataclass(frozen=True)
class _Prompt:
    """tokens: of the whole. prefix: those at its beginning that are kept; () for none."""

    tokens: tuple[int, ...]
    prefix: tuple[int, ...]

    @property
    def rest(self) -> list[int]:
        return list(self.tokens[len(self.prefix) :])


def _mask(grammar: "Grammar | None", max_tokens: int) -> "list[Any]":
    return [grammar.mask(max_tokens)] if grammar is not None else []


def load(folder: str, adapter: str | None) -> Decoder:
    """The model of a folder, loaded once per process whoever asks. Raises ModelError."""
    with _LOADING:  # lru_cache alone would let two threads load at once
        return _load(folder, adapter)


@functools.lru_cache(maxsize=1)
def _load(folder: str, adapter: str | None) -> Decoder:
    for path in (folder, adapter):
        if path is not None and not Path(path).is_dir():
            raise ModelError(f"there is no model in {path}: name a folder that mlx-lm can load")
    enable_fast_blas()
    loading: Callable[..., Any]
    from mlx_lm import load as loading

    try:
        model, tokenizer, config = loading(folder, adapter_path=adapter, return_config=True)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"mlx-lm cannot load {folder}: {error}") from error
    return Decoder(model, tokenizer, config)
