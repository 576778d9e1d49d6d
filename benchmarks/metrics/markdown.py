"""Markdown as the structure metrics see it: every table as HTML, so that a pipe table and an HTML table are the same."""

import html
import re
from collections.abc import Sequence

TABLE = re.compile(r"<table\b[^>]*>.*?</table>", re.IGNORECASE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_DELIMITER = re.compile(r":?-+:?")


def tables_as_html(markdown: str) -> str:
    """The text with each pipe table (GitHub Flavored Markdown) in the place of its lines as one line of HTML."""
    lines = markdown.splitlines()
    kept: list[str] = []
    at = 0
    while at < len(lines):
        header = split_row(lines[at])
        if header and at + 1 < len(lines) and _is_delimiter(split_row(lines[at + 1])):
            end = at + 2
            while end < len(lines) and split_row(lines[end]):
                end += 1
            rows = [header, *(split_row(line) for line in lines[at + 2 : end])]
            kept.append(_html_table(rows if any(header) else rows[1:]))  # an empty header is none
            at = end
        else:
            kept.append(lines[at])
            at += 1
    return "\n".join(kept)


def split_row(line: str) -> list[str]:
    """The cells of a line of a pipe table; none for another line."""
    bare = line.strip()
    if "|" not in bare:
        return []
    cells = _CELL_BORDER.split(bare)
    cells = cells[1:] if bare.startswith("|") else cells
    cells = cells[:-1] if bare.endswith("|") and not bare.endswith("\\|") else cells
    return [cell.strip().replace("\\|", "|") for cell in cells]


def collapse(text: str) -> str:
    """The text with all white space as single spaces."""
    return " ".join(text.split())


def _is_delimiter(cells: Sequence[str]) -> bool:
    return bool(cells) and all(_DELIMITER.fullmatch(cell.replace(" ", "")) for cell in cells)


def _html_table(rows: Sequence[Sequence[str]]) -> str:
    width = max(map(len, rows), default=0)
    filled = ([*row, *[""] * (width - len(row))] for row in rows)
    return f"<table>{''.join(f'<tr>{_html_cells(row)}</tr>' for row in filled)}</table>"


def _html_cells(row: Sequence[str]) -> str:
    return "".join(f"<td>{html.escape(cell, quote=False)}</td>" for cell in row)
