"""A text cut once into what the signals count: words, lines, paragraphs.

Tokenisation is part of every threshold, so it is fixed here for all signals:
- A word is a run of characters between white space (`str.split`), as in the Gopher paper's counts; punctuation is no word of
  its own. In scripts that do not put spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Myanmar) every letter is a word.
- Fenced code and Markdown tables are no prose: their lines are never lines or paragraphs here. The cells of a table count as
  words (its pipes and delimiter rows do not), code only counts for the length of the text.
- A blank line is no line. A line's own white space at both ends is not part of it.
"""

import functools
import re
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)$")
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*$")
_DELIMITER_CELL = re.compile(r":?-+:?")
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")


@dataclass(frozen=True)
class TextView:
    """A text as the signals see it. lines, cells and code are stripped, none of them is empty."""

    lines: list[str]  # of prose
    paragraphs: list[str]  # of prose, their lines joined by line feeds
    cells: list[str]  # rows of tables, without pipes
    code: list[str]

    @functools.cached_property
    def prose_words(self) -> list[str]:
        """Words of the prose lines."""
        return [word for line in self.lines for word in split_words(line)]

    @functools.cached_property
    def words(self) -> list[str]:
        """Words of prose and of table cells."""
        return self.prose_words + [word for row in self.cells for word in split_words(row)]

    @functools.cached_property
    def unspaced_share(self) -> float:
        """Share of the words that are letters of a script without spaces between words; 0 without words."""
        unspaced = sum(1 for word in self.words if len(word) == 1 and _UNSPACED_LETTER.match(word))
        return unspaced / len(self.words) if self.words else 0.0


def split_words(text: str) -> list[str]:
    """The words of a text."""
    return _UNSPACED_LETTER.sub(r" \g<0> ", text).split() if not text.isascii() else text.split()


def view_text(text: str) -> TextView:
    """Cut a normalized Markdown text. A code fence that is never closed opens nothing."""
    all_lines = text.split("\n")
    code_lines = _code_lines(all_lines)
    table_lines = _table_lines(all_lines)
    lines: list[str] = []
    cells: list[str] = []
    code: list[str] = []
    paragraphs: list[list[str]] = [[]]
    for index, raw in enumerate(all_lines):
        line = raw.strip()
        if index in code_lines:
            code += [line] if line else []
        elif index in table_lines:
            row = " ".join(line.replace("|", " ").split())
            cells += [row] if row and not is_delimiter_row(raw) else []
        elif line:
            lines.append(line)
            paragraphs[-1].append(line)
            continue
        if paragraphs[-1]:
            paragraphs.append([])
    return TextView(lines, ["\n".join(part) for part in paragraphs if part], cells, code)


def is_delimiter_row(line: str) -> bool:
    """Whether a line is the row of dashes under the header of a table. Cell by cell, so that hostile lines stay cheap."""
    return "|" in line and all(_DELIMITER_CELL.fullmatch(cell.strip()) for cell in line.strip().strip("|").split("|"))


def _code_lines(lines: list[str]) -> set[int]:
    """Indices of fenced code, fences included."""
    found: set[int] = set()
    opened: int | None = None
    fence = ""
    for index, line in enumerate(lines):
        match = _FENCE.match(line)
        if match is None:
            continue
        if opened is None:
            opened, fence = index, match[1]
        elif match[1][0] == fence[0] and len(match[1]) >= len(fence) and not match[2].strip():
            found.update(range(opened, index + 1))
            opened = None
    return found


def _table_lines(lines: list[str]) -> set[int]:
    """Indices of rows of Markdown tables: between pipes, or with pipes in a run that has a delimiter row second."""
    found: set[int] = set()
    run: list[int] = []
    for index, line in enumerate([*lines, ""]):
        if "|" in line:
            run.append(index)
            continue
        is_table = len(run) > 1 and is_delimiter_row(lines[run[1]])
        found.update(row for row in run if is_table or _TABLE_ROW.match(lines[row]))
        run = []
    return found
