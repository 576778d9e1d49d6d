"""National identity, tax and insurance numbers: found by the way they are written, then by their check digits.

A number's characters give its shape, digits as 9 and letters as A, and a shape names the kinds that are written so. Where the
check digits would let too many other numbers pass, a word before the number must say what it is.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from tasks.privacy.finding import Finding
from tasks.privacy.landmarks import digit_runs, letters_before_digits, words_before
from tasks.privacy.national_id_kinds import KINDS, NationalId

_REACH = 70  # characters before a number in which a word counts
_MOST_GROUPS = 8
_LONGEST = 24  # characters
_HEAD = re.compile(r"(?:[A-Z]{1,2}[ .-]?)?\Z")
_TAIL = re.compile(r"[ -]?[A-Z]{1,2}(?![A-Za-z0-9])")
_TO_SHAPE = str.maketrans(
    {
        **dict.fromkeys("0123456789", "9"),
        **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A"),
        "\u00a0": " ",
        "\u2011": "-",
        "\u2013": "-",
    }
)


def find(text: str) -> Iterator[Finding]:
    """Identity numbers in a text."""
    for start, end in digit_runs(text):
        if end - start <= 4 * _LONGEST:  # a table of figures holds none
            yield from _in_groups(text, *_widened(text, start, end))
    done = 0
    for at in letters_before_digits(text):
        if at >= done:
            start, done = _word_around(text, at)
            if _is_one(text, start, done):
                yield Finding("national_id", start, done)


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """With the letters that stand before and after the digits."""
    head = _HEAD.search(text[max(0, start - 3) : start])
    tail = _TAIL.match(text, end)
    return start - (len(head.group()) if head else 0), tail.end() if tail else end


def _word_around(text: str, at: int) -> tuple[int, int]:
    start = end = at
    while start > max(0, at - _LONGEST) and text[start - 1].isalnum():
        start -= 1
    while end < min(len(text), at + _LONGEST) and text[end].isalnum():
        end += 1
    return start, max(end, at + 1)


def _in_groups(text: str, start: int, end: int) -> Iterator[Finding]:
    """Longest first from each place on, among the spans that begin and end with a group of characters between spaces."""
    spans = [(start + match.start(), start + match.end()) for match in re.finditer(r"[^ \u00a0]+", text[start:end])]
    first = 0
    while first < len(spans):
        for last in range(min(len(spans), first + _MOST_GROUPS) - 1, first - 1, -1):
            if _is_one(text, spans[first][0], spans[last][1]):
                yield Finding("national_id", spans[first][0], spans[last][1])
                first = last
                break
        first += 1


def _is_one(text: str, start: int, end: int) -> bool:
    kinds = _shapes().get(text[start:end].translate(_TO_SHAPE))
    if (
        not kinds
        or re.match(r"[\w-]|[.,/][0-9]", text[end : end + 2])
        or re.search(r"\w$|[\w][./-]$", text[max(0, start - 2) : start])
    ):
        return False
    bare = "".join(character for character in text[start:end] if character.isalnum())
    before = words_before(text, start, _REACH)
    return any(kind.is_valid(bare) and (kind.words is None or re.search(kind.words, before)) for kind in kinds)


@lru_cache(maxsize=1)
def _shapes() -> dict[str, list[NationalId]]:
    shapes: dict[str, list[NationalId]] = {}
    for kind in KINDS:
        for shape in kind.shapes:
            shapes.setdefault(shape, []).append(kind)
    return shapes
