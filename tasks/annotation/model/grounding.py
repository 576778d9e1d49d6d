"""Where a value that a model named stands in the text. LangExtract's own alignment counts near misses as hits; ours does not.

A value is grounded if and only if the text between its offsets is equal to it after folding, and neither end cuts a word.
Folding: Unicode NFC; every run of white space is one space, none at the ends; curly quotation marks, primes and backticks are
straight ones; hyphens, dashes and minus signs are "-". Upper and lower case differ. An end cuts a word when two letters, or two
digits, stand on both sides of it; letters of scripts that write words without spaces or glue particles to them have no such ends.
"""

import bisect
import functools
import re
import sys
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_MARKS = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc",
    '"': "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d",
}
_FOLDED_MARKS = str.maketrans({mark: plain for plain, marks in _MARKS.items() for mark in marks})
_WORD = re.compile(r"\S+")
# Latin, Greek, Cyrillic, Armenian, Georgian: scripts whose words end at spaces and marks.
_SPACED = re.compile("[A-Za-z\u00aa\u00ba\u00c0-\u024f\u0370-\u052f\u0531-\u0587\u10a0-\u10ff\u1e00-\u1fff]")


def fold(text: str) -> str:
    """A text in the form in which values are compared; see the module."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_FOLDED_MARKS).split())


@functools.cache
def _composing() -> frozenset[str]:
    """Characters that may melt with the one before under NFC without being combining marks: jamo, some Indic vowel signs."""
    found = {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            found.add(chr(int(parts[1], 16)))
    return frozenset(found)


def _clusters(word: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, NFC) of the smallest parts of a word that can be normalized by themselves."""
    start = 0
    for at in range(1, len(word) + 1):
        if at == len(word) or not (unicodedata.combining(word[at]) or word[at] in _composing()):
            yield start, at, unicodedata.normalize("NFC", word[start:at])
            start = at


@dataclass(frozen=True)
class FoldedText:
    """A stretch of a text, folded, with the way back. starts, ends: of its
    parts, in the folded text. raw_starts, raw_ends: of the same, in the text."""

    text: str
    folded: str
    starts: "array[int]"
    ends: "array[int]"
    raw_starts: "array[int]"
    raw_ends: "array[int]"

    @classmethod
    def of(cls, text: str, start: int, end: int) -> "FoldedText":
        """Fold what stands between two offsets; linear in its length."""
        words: list[str] = []
        starts, ends, raw_starts, raw_ends = (array("q") for _ in range(4))
        at = 0
        for found in _WORD.finditer(text, start, end):
            raw = found.group()
            at += bool(words)  # the space between
            parts = ((0, len(raw), raw),) if unicodedata.is_normalized("NFC", raw) else tuple(_clusters(raw))
            for first, last, part in parts:
                starts.append(at)
                raw_starts.append(found.start() + first)
                raw_ends.append(found.start() + last)
                at += len(part)
                ends.append(at)
            words.append("".join(part for _, _, part in parts))
        return cls(text, " ".join(words).translate(_FOLDED_MARKS), starts, ends, raw_starts, raw_ends)

    def occurrences(self, value: str) -> list[tuple[int, int]]:
        """(start, end) in the text of all places where a value stands, in order, none overlapping another."""
        wanted = fold(value)
        found: list[tuple[int, int]] = []
        at = self.folded.find(wanted) if wanted else -1
        while at >= 0:
            place = self._raw(at, at + len(wanted))
            stands = not cuts_word(self.text, *place) and fold(self.text[slice(*place)]) == wanted
            if stands:
                found.append(place)
            at = self.folded.find(wanted, at + (len(wanted) if stands else 1))
        return found

    def _raw(self, start: int, end: int) -> tuple[int, int]:
        """A folded interval in the text; where it cuts a part that did not stay as it was, one that is not equal to the value."""
        first, last = bisect.bisect_right(self.starts, start) - 1, bisect.bisect_right(self.starts, end - 1) - 1
        raw_start = min(self.raw_starts[first] + start - self.starts[first], self.raw_ends[first])
        if end == self.ends[last]:
            return raw_start, self.raw_ends[last]
        return raw_start, min(self.raw_starts[last] + end - self.starts[last], self.raw_ends[last])


def cuts_word(text: str, start: int, end: int) -> bool:
    """Whether an interval begins or ends inside of a word or a run of digits."""
    return any(
        0 < at < len(text)
        and (bool(_SPACED.match(text[at - 1]) and _SPACED.match(text[at])) or (text[at - 1].isdigit() and text[at].isdigit()))
        for at in (start, end)
    )


def is_grounded(text: str, start: int, end: int, value: str) -> bool:
    """Whether a value stands between two offsets of a text, by the rule above."""
    return start < end and not cuts_word(text, start, end) and fold(text[start:end]) == fold(value)


@dataclass(frozen=True)
class Named:
    """A value that a model named. text: as it wrote it. confidence: 0 to 1."""

    field: str
    text: str
    confidence: float = 1.0


@dataclass(frozen=True)
class Place:
    """Where a named value stands: start and end in the text, end exclusive."""

    named: Named
    start: int
    end: int


def ground(text: str, chunk: tuple[int, int], named: Sequence[Named], margin: int) -> tuple[list[Place], list[Named]]:
    """The places of what a model named after reading a piece of a text, and what stands nowhere in it.

    margin: characters around the piece in which a value may begin or end that crosses its border. A model names values in the
    order of the text, so each gets the first free place after the one before, else the first free place; places in the piece go
    before those that cross its border. A value that is named more often than it stands there is reported once per place.
    """
    start, end = chunk
    folded = FoldedText.of(text, max(0, start - margin), min(len(text), end + margin))
    places: list[Place] = []
    nowhere: list[Named] = []
    taken: set[tuple[str, int, int]] = set()
    everywhere: dict[str, list[tuple[int, int]]] = {}
    cursor = start
    for each in named:
        if each.text not in everywhere:
            everywhere[each.text] = [place for place in folded.occurrences(each.text) if place[0] < end and place[1] > start]
        if not everywhere[each.text]:
            nowhere.append(each)
            continue
        free = [place for place in everywhere[each.text] if (each.field, *place) not in taken]
        if free:
            place = min(free, key=lambda place: (place[0] < start or place[1] > end, place[0] < cursor, place))
            cursor = place[0]
            taken.add((each.field, *place))
            places.append(Place(each, *place))
    return places, nowhere
