"""Which lines are code, tables and lists, so that the steps on layout leave them alone.

Source: CommonMark 0.31 section 4.5 (fenced code) and 5.2 (list items), GitHub Flavored Markdown section 4.10 (tables). Unlike
in CommonMark a fence that is never closed opens nothing: in text from a PDF it would protect the rest of the document.
"""

import re
from collections.abc import Sequence
from enum import Enum

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)$")
_DELIMITER_CELL = re.compile(r":?-+:?")
_LIST_ITEM = re.compile(r"\s*(?:[-*+\u2022\u2023\u25aa\u25cf\u25e6\u2043]|\d{1,9}[.)])\s+\S")


class Kind(Enum):
    """What a line belongs to."""

    TEXT = "text"
    CODE = "code"
    TABLE = "table"
    LIST = "list"


def classify_lines(lines: Sequence[str]) -> list[Kind]:
    """The kind of each line."""
    kinds = [Kind.LIST if _LIST_ITEM.match(line) else Kind.TEXT for line in lines]
    _mark_tables(lines, kinds)
    _mark_code(lines, kinds)
    return kinds


def is_delimiter_row(line: str) -> bool:
    """Whether a line is the row of dashes under the header of a table. Cell by cell, so that hostile lines stay cheap."""
    return "|" in line and all(_DELIMITER_CELL.fullmatch(cell.strip()) for cell in line.strip().strip("|").split("|"))


def _mark_tables(lines: Sequence[str], kinds: list[Kind]) -> None:
    """Rows that begin with a pipe, and runs of lines with pipes whose second one is a delimiter row."""
    end = 0
    for start, line in enumerate(lines):
        if start < end or "|" not in line:
            continue
        end = start
        while end < len(lines) and "|" in lines[end]:
            end += 1
        is_table = end - start > 1 and is_delimiter_row(lines[start + 1])
        for index in range(start, end):
            if is_table or (lines[index].lstrip().startswith("|") and lines[index].count("|") > 1):
                kinds[index] = Kind.TABLE


def _mark_code(lines: Sequence[str], kinds: list[Kind]) -> None:
    """Fenced code, both fences included."""
    opened: int | None = None
    fence = ""
    for index, line in enumerate(lines):
        match = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if match is None:
            continue
        marks, rest = match[1], match[2]
        if opened is None:
            if not (marks[0] == "`" and "`" in rest):
                opened, fence = index, marks
        elif marks[0] == fence[0] and len(marks) >= len(fence) and not rest.strip():
            kinds[opened : index + 1] = [Kind.CODE] * (index + 1 - opened)
            opened = None
