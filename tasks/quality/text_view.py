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
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_FENCE = re.compile(r" {0,3}(`{3,}+|~{3,}+)([^`]*)$")  # possessive: a long row of tildes is looked at once
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
        return split_words("\n".join(self.lines))

    @functools.cached_property
    def words(self) -> list[str]:
        """Words of prose and of table cells."""
        return self.prose_words + split_words("\n".join(self.cells)) if self.cells else self.prose_words

    @functools.cached_property
    def word_counts(self) -> Counter[str]:
        """How often each of the words occurs: a text has about a fifth as many different words as words."""
        return Counter(self.words)

    @functools.cached_property
    def odd_words(self) -> dict[str, int]:
        """Those of the words that are not letters alone, and how often each occurs."""
        return {word: count for word, count in self.word_counts.items() if not word.isalpha()}

    @functools.cached_property
    def characters(self) -> int:
        """Characters of all words."""
        return sum(map(len, self.words))

    @functools.cached_property
    def copied_lines(self) -> list[str]:
        """Lines that are copies of an earlier one (copies_of)."""
        return copies_of(self.lines)

    @functools.cached_property
    def unspaced_share(self) -> float:
        """Share of the words that are letters of a script without spaces between words; 0 without words."""
        unspaced = sum(count for word, count in self.word_counts.items() if len(word) == 1 and _UNSPACED_LETTER.match(word))
        return unspaced / len(self.words) if self.words else 0.0


def split_words(text: str) -> list[str]:
    """The words of a text."""
    if text.isascii() or not _UNSPACED_LETTER.search(text):
        return text.split()
    return _UNSPACED_LETTER.sub(r" \g<0> ", text).split()


def copies_of(units: Sequence[str]) -> list[str]:
    """The units that are copies of an earlier one and hold a letter or digit."""
    seen: set[str] = set()
    if len(seen.union(units)) == len(units):
        return []
    copies = []
    for unit in units:
        if unit in seen and any(map(str.isalnum, unit)):
            copies.append(unit)
        seen.add(unit)
    return copies


def view_text(text: str) -> TextView:
    """Cut a normalized Markdown text. A code fence that is never closed opens nothing."""
    all_lines = text.split("\n")
    code_lines = _code_lines(all_lines) if "```" in text or "~~~" in text else set()
    table_lines = _table_lines(all_lines) if "|" in text else set()
    no_prose = code_lines | table_lines
    lines: list[str] = []
    cells: list[str] = []
    code: list[str] = []
    paragraphs: list[str] = []
    begin = 0  # of the paragraph, in lines
    for index, raw in enumerate(all_lines):
        line = raw.strip()
        if line and index not in no_prose:
            lines.append(line)
            continue
        if begin < len(lines):
            paragraphs.append("\n".join(lines[begin:]))
            begin = len(lines)
        if not line:
            continue
        if index in code_lines:
            code.append(line)
        elif not is_delimiter_row(raw):
            row = " ".join(line.replace("|", " ").split())
            cells += [row] if row else []
    if begin < len(lines):
        paragraphs.append("\n".join(lines[begin:]))
    return TextView(lines, paragraphs, cells, code)


def is_delimiter_row(line: str) -> bool:
    """Whether a line is the row of dashes under the header of a table. Cell by cell, so that hostile lines stay cheap."""
    return "|" in line and all(_DELIMITER_CELL.fullmatch(cell.strip()) for cell in line.strip().strip("|").split("|"))


def _code_lines(lines: list[str]) -> set[int]:
    """Indices of fenced code, fences included."""
    found: set[int] = set()
    opened: int | None = None
    fence = ""
    for index, line in enumerate(lines):
        if "```" not in line and "~~~" not in line:
            continue
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
