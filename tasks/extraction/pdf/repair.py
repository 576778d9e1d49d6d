"""Repairs of the engines' Markdown, each of a fault that their output shows by itself."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from tasks.extraction.texts import markdown_table, tidy_markdown
from tasks.extraction.typewriter import free_prose

SHARED_WORDS = 4  # at the beginning of several cells of a header: no coincidence
SHARED_CELLS = 3
WRAPPED_WORDS = 3  # of a cell that can have been too long for its line
MOST_HEADER_LINES = 5  # below the first
LONGEST_HEADER_CELL = 40  # characters; a longer text below the header is no part of a heading
_RULE = "---"
_HTML = re.compile(r"</?(?:u|sup|sub)>")
_BOLD_LINE = re.compile(r"\*\*([^*\n]+)\*\*")
_SPLIT_EMPHASIS = re.compile(r"(?<=[^\s*])\* \*(?=[^\s*])")
_DELIMITER = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
_BORDER = re.compile(r"(?<!\\)\|")


def repair_pages(pages: Sequence[str]) -> list[str]:
    """Pages of liteparse, repaired. Prose in a typewriter font is judged over these pages together."""
    return [_repair(page) for page in free_prose(pages)]


def tidy_inspected(page: str) -> str:
    """A page of pdf-inspector, repaired."""
    return _repair(tidy_markdown(_HTML.sub("", page)).strip("\n"))


def _repair(page: str) -> str:
    lines = page.split("\n")
    kept: list[str] = []
    fenced = False
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            fenced = not fenced
        if not fenced and line.startswith("|") and at + 1 < len(lines) and _DELIMITER.fullmatch(lines[at + 1].strip()):
            end = at + 2
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            kept += _repair_table([_cells(each) for each in (line, *lines[at + 2 : end])])
            at = end
            continue
        kept += [line] if fenced else _repair_line(line)
        at += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")


def _repair_line(line: str) -> Iterator[str]:
    """A line without marks that stand for strokes on the page: rules, emphasis of a whole line, each line's own slant."""
    if line == _RULE:
        return
    whole = _BOLD_LINE.fullmatch(line)
    yield _SPLIT_EMPHASIS.sub(" ", whole[1] if whole else line.replace("~~", ""))


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _BORDER.split(line.strip())[1:-1]]


def _repair_table(rows: list[list[str]]) -> Iterator[str]:
    """A table whose lines are rows: a title out of its header, headers and cells that were broken over lines joined."""
    width = max(map(len, rows))
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    title, header = _split_title(rows[0])
    if title:
        yield title
        yield ""
    body = [row for row in rows[1:] if any(row)]
    for row in _header_lines(header, body):
        header = _joined(header, row)
        body = body[1:]
    merged: list[list[str]] = []
    for row in body:
        if merged and _continues(merged[-1], row):
            merged[-1] = _joined(merged[-1], row)
        else:
            merged.append(row)
    yield markdown_table(header, merged)


def _split_title(header: Sequence[str]) -> tuple[str, list[str]]:
    """What several cells of a header begin with: a line above the table that spans columns; and the header without it."""
    beginnings = Counter(tuple(cell.split()[:SHARED_WORDS]) for cell in header)
    beginning, times = beginnings.most_common(1)[0]
    group = [cell.split() for cell in header if tuple(cell.split()[:SHARED_WORDS]) == beginning]
    if len(beginning) < SHARED_WORDS or times < SHARED_CELLS or len({tuple(words) for words in group}) == 1:
        return "", list(header)
    columns = takewhile(lambda words: len(set(words)) == 1, zip(*group, strict=False))
    shared = " ".join(words[0] for words in columns)
    return shared, [cell.removeprefix(shared).strip() if cell.startswith(shared) else cell for cell in header]


def _header_lines(header: Sequence[str], body: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The rows that are further lines of the header: nothing under its first cell, short words and no figures elsewhere."""
    below = list(takewhile(lambda row: not row[0], body))
    if not header[0] or len(below) > MOST_HEADER_LINES or len(below) == len(body):
        return []  # a table whose first column has gaps
    return list(takewhile(lambda row: _can_be_header(header, row), below))


def _can_be_header(header: Sequence[str], row: Sequence[str]) -> bool:
    return all(
        (above or not cell) and len(cell) <= LONGEST_HEADER_CELL and not re.search(r"\d\d", cell)
        for above, cell in zip(header, row, strict=True)
    )


def _continues(above: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row is the next line of the row above: cells left free, and words that go on with what has several words."""
    filled = [(top, cell) for top, cell in zip(above, row, strict=True) if cell]
    return len(filled) < len(row) and all(
        (cell[0].islower() or cell[0] in ",.;:)") and len(top.split()) >= WRAPPED_WORDS and top[-1] not in ".;:"
        for top, cell in filled
    )


def _joined(above: Sequence[str], below: Sequence[str]) -> list[str]:
    return [" ".join(filter(None, pair)) for pair in zip(above, below, strict=True)]
