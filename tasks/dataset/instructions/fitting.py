"""Bringing an example to the length that the model takes: less of the document around what the answer needs."""

import bisect
import math
from dataclasses import dataclass, replace

from tasks.dataset.instructions.chat import ChatFormat, Rendered
from tasks.dataset.instructions.material import Draft, Span, trim
from tasks.dataset.structure import sentence_cuts

_TRIES = 12  # a passage shrinks to what the count of tokens suggests, so two or three are enough mostly
_SPARE = 0.95  # of that: tokens are not spread evenly


@dataclass(frozen=True)
class Example:
    """A draft that fits. messages: what the user and the assistant say."""

    draft: Draft
    messages: tuple[dict[str, str], ...]
    rendered: Rendered


def fit(draft: Draft, text: str, chat: ChatFormat, max_tokens: int) -> Example | None:
    """The example with at most `max_tokens`, its passage cut where it must be; None when even the least passage is too long."""
    if draft.answer != draft.answer.strip():  # templates trim what they are given
        return None
    for _ in range(_TRIES):
        messages = (
            {"role": "user", "content": draft.question(text).strip()},
            {"role": "assistant", "content": draft.answer},
        )
        rendered = chat.render(messages)
        if rendered is None:
            return None
        if rendered.tokens <= max_tokens:
            return Example(draft, messages, rendered)
        passage = shrink(draft, text, rendered.tokens - max_tokens, rendered.prompt_tokens)
        if passage is None:
            return None
        draft = replace(draft, passage=passage)
    return None


def shrink(draft: Draft, text: str, excess: int, prompt_tokens: int) -> Span | None:
    """A shorter passage that holds what must be kept; None when there is none that is long enough.

    excess: tokens to lose. prompt_tokens: of passage and question together, from which the characters to lose are reckoned.
    """
    (start, end), (kept_start, kept_end) = draft.passage, draft.kept
    per_token = len(draft.question(text)) / max(prompt_tokens, 1)
    kept = kept_end - kept_start
    wanted = max(math.floor((end - start - math.ceil(excess * per_token)) * _SPARE), kept, draft.least)
    right = min(end - kept_end, (wanted - kept + 1) // 2)
    left = min(kept_start - start, wanted - kept - right)
    right = min(end - kept_end, wanted - kept - left)
    cuts = [start, *_cuts(text, draft), end]
    first = _from(cuts, kept_start - left, kept_start)
    last = _to(cuts, kept_end + right, kept_end)
    if not draft.by_line and first == kept_start:  # no sentence begins before it: a word at least
        first = _found(text.find(" ", kept_start - left, kept_start), kept_start)
    if not draft.by_line and last == kept_end:
        last = _found(text.rfind(" ", kept_end, kept_end + right), kept_end)
    shorter_start, shorter_end = trim(text, (first, last))
    if kept:
        shorter_start, shorter_end = min(shorter_start, kept_start), max(shorter_end, kept_end)
    length = shorter_end - shorter_start
    return (shorter_start, shorter_end) if max(draft.least, 1) <= length < end - start else None


def _cuts(text: str, draft: Draft) -> list[int]:
    cuts = sentence_cuts(text, *draft.passage)
    return [cut for cut in cuts if text[cut - 1] == "\n"] if draft.by_line else cuts


def _from(cuts: list[int], position: int, latest: int) -> int:
    """The first cut from a position on; the latest where there is none before it."""
    at = bisect.bisect_left(cuts, position)
    return min(cuts[at], latest) if at < len(cuts) else latest


def _to(cuts: list[int], position: int, earliest: int) -> int:
    """The last cut up to a position; the earliest where there is none behind it."""
    at = bisect.bisect_right(cuts, position) - 1
    return max(cuts[at], earliest) if at >= 0 else earliest


def _found(place: int, otherwise: int) -> int:
    return otherwise if place < 0 else place
