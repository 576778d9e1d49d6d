"""Pieces of a text for a model to read. Each repeats the end of the one before, so that no value is cut by a border."""

import re
from collections.abc import Iterator

# From where a piece is best cut to where it may be: after a paragraph, a line, a sentence, a word.
_CUTS = (
    re.compile(r"\n[ \t]*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(r"(?<=[.!?;:])\s+|(?<=[\u3002\uff01\uff1f\uff1b])"),
    re.compile(r"\s+"),
)
LEAST_SHARE = 0.5  # of the largest size, that a piece has at least if it is not the last


def cut(text: str, largest: int, overlap: int) -> list[tuple[int, int]]:
    """(start, end) of pieces that cover a text, none longer than `largest` characters; linear in the text.

    overlap: characters that a piece shares with the one before, at least where a word begins there; below half of `largest`.
    Pieces of white space only are left out.
    """
    return [(start, end) for start, end in _pieces(text, largest, overlap) if not text[start:end].isspace()]


def _pieces(text: str, largest: int, overlap: int) -> Iterator[tuple[int, int]]:
    start = 0
    while len(text) - start > largest:
        end = _cut_before(text, start + int(largest * LEAST_SHARE), start + largest)
        yield start, end
        start = max(start + 1, _word_from(text, max(end - overlap, start), end))
    if start < len(text):
        yield start, len(text)


def _cut_before(text: str, earliest: int, latest: int) -> int:
    """The last place of the best kind between two offsets."""
    for pattern in _CUTS:
        ends = [found.end() for found in pattern.finditer(text, earliest, latest) if found.end() > earliest]
        if ends:
            return ends[-1]
    return latest


def _word_from(text: str, earliest: int, latest: int) -> int:
    """The first beginning of a word from an offset on; the offset itself where none comes."""
    if earliest == latest:
        return latest
    found = _CUTS[-1].search(text, earliest, latest)
    return found.end() if found and found.end() < latest else earliest


def covered(intervals: list[tuple[int, int]], text: str) -> float:
    """Share of the characters of a text, white space aside, that lie in the intervals; 1.0 for a text of white space only."""
    inside, at = 0, 0
    for start, end in sorted(intervals):
        inside += _visible(text[max(start, at) : end])
        at = max(at, end)
    everything = _visible(text)
    return inside / everything if everything else 1.0


def _visible(text: str) -> int:
    return len("".join(text.split()))
