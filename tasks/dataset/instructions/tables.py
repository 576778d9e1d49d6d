"""Tables of Markdown with the place of every cell (GitHub Flavored Markdown, 4.10: tables)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tasks.dataset.structure import fence_after

_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
_DIVIDER = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Cell:
    """text: without the white space around it; what stands between start and end."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Row:
    """A line of a table. start, end: its characters, without the line break."""

    start: int
    end: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table with a head. rows: those that have as many cells as the head."""

    start: int
    end: int
    head: Row
    rows: tuple[Row, ...]


def find_tables(text: str) -> Iterator[Table]:
    """The tables of a text that have a head and a row at least, in order; what stands in fenced code is none."""
    lines = list(_lines(text))
    at = 0
    while at + 2 < len(lines):
        head, rule = lines[at], lines[at + 1]
        if "|" not in text[head[0] : head[1]] or "|" not in text[rule[0] : rule[1]] or not _RULE.fullmatch(text, *rule):
            at += 1
            continue
        last = at + 2
        while last < len(lines) and lines[last][0] == lines[last - 1][1] + 1 and "|" in text[lines[last][0] : lines[last][1]]:
            last += 1
        top = _row(text, head)
        rows = tuple(row for line in lines[at + 2 : last] if len((row := _row(text, line)).cells) == len(top.cells))
        if rows and rule[0] == head[1] + 1:
            yield Table(head[0], lines[last - 1][1], top, rows)
        at = last


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """The lines outside of fenced code."""
    fence = ""
    position = 0
    for line in text.split("\n"):
        before, fence = fence, fence_after(fence, line)
        if not before and not fence:
            yield position, position + len(line)
        position += len(line) + 1


def _row(text: str, line: tuple[int, int]) -> Row:
    """The cells between dividers; an outer divider bounds no cell of its own."""
    start, end = line
    body_start = start + len(text[start:end]) - len(text[start:end].lstrip())
    body_end = body_start + len(text[start:end].strip())
    edges = [found.start() for found in _DIVIDER.finditer(text, body_start, body_end)]
    if not edges or edges[0] != body_start:
        edges.insert(0, body_start - 1)
    if edges[-1] != body_end - 1:
        edges.append(body_end)
    cells = []
    for left, right in pairwise(edges):
        content = text[left + 1 : right]
        first = left + 1 + len(content) - len(content.lstrip())
        cells.append(Cell(first, first + len(content.strip()), content.strip()))
    return Row(start, end, tuple(cells))
