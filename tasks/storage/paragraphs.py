"""Paragraphs of a text and the digests by which the same paragraph is found in other documents."""

import re
from typing import TYPE_CHECKING, NamedTuple

from tasks.storage.words import WEIGHT, Words, find_words, fold, hash_spans, mix

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LEAST_WORDS = 8  # shorter ones (headings, greetings, a date) recur in documents that have nothing in common;
# in scripts without spaces as many letters as say the same (Words.weights)
_BREAK = re.compile(r"\n\s*\n\s*")  # one or more blank lines


class Paragraph(NamedTuple):
    """start, end: character span [start, end) in the text. digest: 64 bits of its folded words; None below LEAST_WORDS words."""

    start: int
    end: int
    digest: int | None


def split_paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs of a text in order: runs of lines between blank lines, without the space around them."""
    spans = []
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    for blank in _BREAK.finditer(text, start, end):
        spans.append((start, start + len(text[start : blank.start()].rstrip())))
        start = blank.end()
    if start < end:
        spans.append((start, end))
    folded = fold(text)
    digests = digest_paragraphs(folded, find_words(folded))
    return [Paragraph(*span, digest) for span, digest in zip(spans, digests, strict=True)]


def digest_paragraphs(folded: str, words: Words) -> list[int | None]:
    """The digest of each paragraph of a folded text, whose words were found already."""
    import numpy as np

    start = len(folded) - len(folded.lstrip())
    end = len(folded.rstrip())
    if start >= end:
        return []
    breaks = [match.start() for match in _BREAK.finditer(folded, start, end)]
    edges = np.concatenate([[0], np.searchsorted(words.starts, breaks), [len(words.starts)]]).astype(np.int64)
    digests = mix(hash_spans(words.hashes, edges[:-1], edges[1:]))
    reached = np.concatenate([[0], np.cumsum(words.weights())])
    enough = np.diff(reached[edges]) >= LEAST_WORDS * WEIGHT
    return [digest if long else None for digest, long in zip(digests.tolist(), enough.tolist(), strict=True)]


def distinct_digests(folded: str, words: Words) -> "npt.NDArray[np.uint64]":
    """The distinct digests of a text's paragraphs, sorted."""
    import numpy as np

    return np.unique(np.array([digest for digest in digest_paragraphs(folded, words) if digest is not None], dtype=np.uint64))
