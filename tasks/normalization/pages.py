"""Texts whose pages are separated by form feeds: which lines stand at the ends of pages, and pages joined again."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.normalization.blocks import Kind, classify_lines

PAGE_END = "\f"
OUTER_LINES = 4  # lines looked at, from each end of a page
LONGEST_LINE = 200  # characters; a longer line is text
_SENTENCE_END = ".!?:;"
_RULE = re.compile(r"[ \t]{0,3}(?:(?:-[ \t]?){3,200}|(?:_[ \t]?){3,200}|(?:\*[ \t]?){3,200}|(?:=[ \t]?){3,200})")


@dataclass(frozen=True)
class OuterLine:
    """A line near an end of a page. zone: "top" or "bottom". depth: 0 for the outermost line. words: without markup."""

    page: int
    row: int
    zone: str
    depth: int
    kind: Kind
    words: str
    is_heading: bool


@dataclass(frozen=True)
class Pages:
    """The lines of each page and their kinds, found over the whole text, since code and tables run over page ends."""

    lines: list[list[str]]
    kinds: list[list[Kind]]


def split_pages(text: str) -> Pages:
    """The pages of a text."""
    lines = [page.split("\n") for page in text.split(PAGE_END)]
    kinds = iter(classify_lines([line for page in lines for line in page]))
    return Pages(lines, [[next(kinds) for _ in page] for page in lines])


def outer_lines(pages: Pages) -> list[OuterLine]:
    """The lines that may be furniture: short ones near an end of a page, neither code nor tables. Rules do not count."""
    found = []
    for page, (lines, kinds) in enumerate(zip(pages.lines, pages.kinds, strict=True)):
        rows = [row for row, line in enumerate(lines) if line.strip() and not is_rule(line)]
        half = (len(rows) + 1) // 2  # a footer under a line or two is no header
        zones = (("top", rows[: min(half, OUTER_LINES)]), ("bottom", rows[::-1][: min(half, OUTER_LINES)]))
        for zone, outer in zones:
            for depth, row in enumerate(outer):
                if kinds[row] not in (Kind.CODE, Kind.TABLE) and len(lines[row]) <= LONGEST_LINE:
                    line = lines[row].strip()
                    found.append(OuterLine(page, row, zone, depth, kinds[row], bare_words(line), line.startswith("#")))
    return found


def is_rule(line: str) -> bool:
    """Whether a line is drawn, not written: "---", "____"."""
    return len(line) <= LONGEST_LINE and _RULE.fullmatch(line.strip()) is not None


def _is_idle(line: str, with_rules: bool) -> bool:
    return not line.strip() or (with_rules and is_rule(line))


def bare_words(line: str) -> str:
    """The words of a line without marks of headings and emphasis, which an engine may give on one page and not on the next."""
    return " ".join(line.lstrip("#").replace("*", "").replace("_", " ").split())


def drop_rows(pages: Pages, rows: set[tuple[int, int]]) -> str:
    """The text without some lines, given as (page, row), and without the rules and blank lines that then end a page."""
    dropped: defaultdict[int, set[int]] = defaultdict(set)
    for page, row in rows:
        dropped[page].add(row)
    kept_pages = []
    for page, lines in enumerate(pages.lines):
        of_page = dropped.get(page, set())
        kept = [line for row, line in enumerate(lines) if row not in of_page]
        first, last = 0, len(kept)
        while first < last and _is_idle(kept[first], with_rules=0 in of_page):
            first += 1
        while first < last and _is_idle(kept[last - 1], with_rules=bool(of_page)):
            last -= 1
        kept_pages.append("\n".join(kept[first:last]))
    return PAGE_END.join(kept_pages)


def join_pages(text: str) -> str:
    """Pages joined by an empty line, or by a line end alone where a sentence, a divided word, code or a table goes on."""
    if PAGE_END not in text:
        return text
    pages = split_pages(text)
    parts: list[str] = []
    last: tuple[str, Kind] | None = None
    for lines, kinds in zip(pages.lines, pages.kinds, strict=True):
        rows = _filled(lines)
        if not rows:
            continue
        if last is not None:
            parts.append(_joint(last, (lines[rows[0]], kinds[rows[0]])))
        parts.append("\n".join(lines[rows[0] : rows[-1] + 1]))
        last = lines[rows[-1]], kinds[rows[-1]]
    return "".join(parts)


def _filled(lines: Sequence[str]) -> list[int]:
    return [row for row, line in enumerate(lines) if line.strip()]


def _joint(last: tuple[str, Kind], first: tuple[str, Kind]) -> str:
    before, after = last[0].rstrip(), first[0].lstrip()
    goes_on = after[0].islower() and before[-1] not in _SENTENCE_END
    same_block = last[1] == first[1] and first[1] in (Kind.CODE, Kind.TABLE)
    return "\n" if goes_on or same_block else "\n\n"
