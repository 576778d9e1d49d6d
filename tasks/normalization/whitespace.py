"""Spaces and blank lines."""

import re

from tasks.normalization.blocks import Kind, classify_lines

_DOUBLE_SPACE = re.compile(r"(?<=\S) {2}(?=\S)")
# A tab, or three spaces in a row, divide columns or indent code: such lines keep their spaces.
_COLUMNS = re.compile(r"\t|\S {3,}\S|^ {4,}")


def tidy_whitespace(text: str) -> str:
    """Trailing spaces go, double spaces become one, blank lines never stand in a row or at either end of the text.

    Tables, code and list items stay as they are. A form feed that is still there becomes a paragraph end.
    """
    lines = text.replace("\f", "\n\n").split("\n")
    tidied: list[str] = []
    for line, kind in zip(lines, classify_lines(lines), strict=True):
        tidy = _tidy_line(line) if kind is Kind.TEXT else line
        if not tidy and kind is Kind.TEXT and not (tidied and tidied[-1]):
            continue
        tidied.append(tidy)
    while tidied and not tidied[-1]:
        tidied.pop()
    return "\n".join(tidied)


def _tidy_line(line: str) -> str:
    line = line.rstrip()
    return line if "  " not in line or _COLUMNS.search(line) else _DOUBLE_SPACE.sub(" ", line)
