"""Keys and values of forms: lines `Key: value`, columns, tables of two columns, table headers, and keys above their values.

One pass over the lines, whatever the fields; which pairs matter, the labels of a field say.
"""

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.annotation.finders.vocabulary import words

LONGEST_KEY = 60
LONGEST_LINE = 1000  # characters; longer lines are prose or data, and their keys are not looked for
MOST_SEGMENTS = 24  # of one line

_MARKUP = " \t\u00a0*_`#|•·▪◦"
_LIST_MARK = re.compile(r"[ \t]*(?:#{1,6}[ \t]|[-*+•▪◦\u2023\u2013][ \t]|\d{1,2}[.)][ \t])[ \t]*")
_GAP = re.compile(r"\t+| {2,}|[ \t]*\.{3,}[ \t]*|[ \t]+[|·][ \t]+")
# A colon that ends a key: not of a time, an address or a scheme.
_COLON = re.compile(
    r"[ \t\u00a0]?[*_]{0,3}[:\uff1a][*_]{0,3}(?=\s|$|[^\s\d/])|(?<![\d*_])[*_]{0,3}[:\uff1a](?=\d[\d.,/-]*(?:\s|$))"
)
_COLUMN_TITLES = words("column_titles")
_RULE = re.compile(r"[|:\-\s]+")


@dataclass(frozen=True)
class Pair:
    """A key and its value, as offsets in the text. layout: line (`Key: value`), row (two cells), header (the same in a
    table's first row), cells (side by side among others), column (header and cell),
    columns (side by side), below (the value on the next line)."""

    key: str
    key_start: int
    start: int
    end: int
    layout: str


@functools.lru_cache(maxsize=4)
def pairs_of(text: str) -> tuple[Pair, ...]:
    """All pairs of a text in order of their keys."""
    lines = _lines(text)
    found: list[Pair] = []
    at = 0
    while at < len(lines):
        start, end = lines[at]
        if text.startswith("|", start + len(text[start:end]) - len(text[start:end].lstrip())) and start < end:
            last = at
            while last < len(lines) and text[slice(*lines[last])].lstrip().startswith("|"):
                last += 1
            found += _of_table(text, lines[at:last])
            at = last
        else:
            if end - start <= LONGEST_LINE:
                found += _of_line(text, start, end, lines[at + 1 : at + 3])
            at += 1
    return tuple(sorted(found, key=lambda pair: (pair.key_start, pair.start)))


def _lines(text: str) -> list[tuple[int, int]]:
    ends = [found.start() for found in re.finditer("\n", text)] + [len(text)]
    return list(zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True))


def trimmed(text: str, start: int, end: int, marks: str = _MARKUP) -> tuple[int, int]:
    """The bounds without white space and marks of Markdown at both ends; start equals end when nothing is left."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip(marks + "\n\r"))
    return (start + left, start + max(left, len(piece.rstrip(marks + "\n\r"))))


def cells_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Trimmed bounds of the cells of a row of a Markdown table."""
    bars = [found.start() for found in re.finditer(r"(?<!\\)\|", text[start:end])]
    edges = [start + bar for bar in bars]
    if edges and text[edges[-1] + 1 : end].strip():
        edges.append(end)
    return [trimmed(text, left + 1, right) for left, right in itertools.pairwise(edges)]


def is_rule(text: str, start: int, end: int) -> bool:
    """Whether a row is the line of dashes below a header."""
    return "-" in text[start:end] and bool(_RULE.fullmatch(text[start:end]))


def _of_table(text: str, lines: list[tuple[int, int]]) -> Iterator[Pair]:
    headed = len(lines) > 1 and is_rule(text, *lines[1])
    rows = [cells_of(text, *line) for line in lines if not is_rule(text, *line)]
    header = rows[0] if headed else []
    for number, row in enumerate(rows):
        filled = [cell for cell in row if cell[0] < cell[1]]
        if len(filled) == 2 and filled[0] == row[0]:
            layout = "header" if headed and number == 0 else "row"
            yield _pair(text, filled[0], filled[1], layout)
        elif len(row) >= 4 and len(row) % 2 == 0:  # key, value, key, value
            yield from (
                _pair(text, key, value, "cells") for key, value in zip(row[::2], row[1::2], strict=True) if _both(key, value)
            )
        if number and header:
            for key, value in zip(header, row, strict=False):
                if _both(key, value):
                    yield _pair(text, key, value, "column")


def _both(key: tuple[int, int], value: tuple[int, int]) -> bool:
    """Whether neither is empty."""
    return key[0] < key[1] and value[0] < value[1]


def names_columns(text: str, pair: Pair) -> bool:
    """Whether a pair is likely the first row of a table that names two columns: `| Bill to | Ship to |`."""
    return pair.layout == "header" and not any(map(str.isdigit, text[pair.start : pair.end]))


def _of_line(text: str, start: int, end: int, following: list[tuple[int, int]]) -> Iterator[Pair]:
    segments = _segments(text, start, end)
    next_line = next((line for line in following if text[line[0] : line[1]].strip()), None)
    below = _segments(text, *next_line) if next_line and next_line[1] - next_line[0] <= LONGEST_LINE else []
    if below and text.startswith("|", max(below[0][0] - 2, 0)):
        below = []
    if 1 < len(segments) == len(below) and _are_titles(text, segments):
        yield from (_pair(text, key, value, "below") for key, value in zip(segments, below, strict=True))
        return
    # A line with a key of its own is no value.
    value_below = (
        below[0] if below and not _COLON.search(text, below[0][0], min(below[0][1], below[0][0] + LONGEST_KEY)) else None
    )
    for number, (left, right) in enumerate(segments):
        after = segments[number + 1] if number + 1 < len(segments) else None
        colon = _COLON.search(text, left, min(right, left + LONGEST_KEY))
        if colon:
            key = trimmed(text, left, colon.start())
            value = trimmed(text, colon.end(), right)
            if value[0] < value[1]:
                yield _pair(text, key, value, "line")
            elif after:
                yield _pair(text, key, after, "line")
            elif value_below:
                yield _pair(text, key, value_below, "below")
        elif right - left <= LONGEST_KEY:
            if after and not _COLON.search(text, after[0], min(after[1], after[0] + LONGEST_KEY)):
                yield _pair(text, (left, right), after, "columns")
            if len(segments) == 1 and value_below:
                yield _pair(text, (left, right), value_below, "below")


def _are_titles(text: str, segments: list[tuple[int, int]]) -> bool:
    """Whether pieces of a line name columns: three or more without digits and colons, or two with a known title at the right."""
    line = text[segments[0][0] : segments[-1][1]]
    if any(map(str.isdigit, line)) or ":" in line:
        return False
    return len(segments) > 2 or " ".join(text[slice(*segments[1])].casefold().split()) in _COLUMN_TITLES


def _segments(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Pieces of a line that stand apart, without list marks and Markdown."""
    mark = _LIST_MARK.match(text, start, end)
    at = mark.end() if mark else start
    pieces = []
    for gap in _GAP.finditer(text, at, end):
        pieces.append(trimmed(text, at, gap.start()))
        at = gap.end()
        if len(pieces) == MOST_SEGMENTS:
            break
    pieces.append(trimmed(text, at, end))
    return [piece for piece in pieces if piece[0] < piece[1]]


def _pair(text: str, key: tuple[int, int], value: tuple[int, int], layout: str) -> Pair:
    return Pair(text[key[0] : key[1]], key[0], value[0], value[1], layout)
