"""Headers, footers and page numbers of texts whose pages are separated by form feeds.

A line is furniture when it stands among the outer lines at the same end of at least 3 pages and half of all pages (rounded
down, so that headers which alternate between left and right pages count). It must be the same line each time, or the same
line with a number that counts with the pages. Masking every digit instead would also take the first line of a price list.
A Markdown heading must be the same: "## Step 1", "## Step 2" on pages or slides are no page numbers. List items go only where
they count.

Of a line that is repeated word for word at the top of pages, the copy on the first page stays: it may be the title. Since
nothing is lost by it then, such a line goes on the second of two pages already.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from tasks.normalization.blocks import Kind, classify_lines

PAGE_END = "\f"
OUTER_LINES = 3  # lines looked at, from each end of a page
LEAST_PAGES = 3
LONGEST_LINE = 200  # characters; a longer line is text
_NUMBER = re.compile(r"[0-9]{1,9}")
_HEADING = re.compile(r"#{1,6} ")
_SENTENCE_END = ".!?:;"


def remove_furniture(text: str) -> str:
    """The text without repeated headers, footers and page numbers, its pages joined. Without form feeds: the text itself."""
    if PAGE_END not in text:
        return text
    pages = [page.split("\n") for page in text.split(PAGE_END)]
    kinds = _kinds_by_page(pages)
    furniture = _plan_removal(pages, kinds)
    kept_pages = []
    for page, (lines, of_page) in enumerate(zip(pages, kinds, strict=True)):
        kept = [(line, kind) for row, (line, kind) in enumerate(zip(lines, of_page, strict=True)) if (page, row) not in furniture]
        while kept and not kept[0][0].strip():
            kept.pop(0)
        while kept and not kept[-1][0].strip():
            kept.pop()
        if kept:
            kept_pages.append(kept)
    return _join_pages(kept_pages)


def _kinds_by_page(pages: Sequence[Sequence[str]]) -> list[list[Kind]]:
    """Kinds of all lines; found over the whole text, since code and tables run over page ends."""
    kinds = iter(classify_lines([line for page in pages for line in page]))
    return [[next(kinds) for _ in page] for page in pages]


def _plan_removal(pages: Sequence[Sequence[str]], kinds: Sequence[Sequence[Kind]]) -> set[tuple[int, int]]:
    """The furniture, as (page, row)."""
    found: defaultdict[tuple[str, Hashable], dict[int, set[int]]] = defaultdict(dict)  # key of a line -> page -> rows
    for page, (lines, of_page) in enumerate(zip(pages, kinds, strict=True)):
        rows = [row for row, line in enumerate(lines) if line.strip()]
        for zone, outer in (("top", rows[:OUTER_LINES]), ("bottom", rows[-OUTER_LINES:])):
            for row in outer:
                if of_page[row] in (Kind.CODE, Kind.TABLE) or len(lines[row]) > LONGEST_LINE:
                    continue
                for key in _keys(lines[row], page, of_page[row]):
                    found[(zone, key)].setdefault(page, set()).add(row)
    furniture: set[tuple[int, int]] = set()
    spared: set[tuple[int, int]] = set()
    for (zone, key), rows_of_page in found.items():
        repeated_title = zone == "top" and isinstance(key, str) and 0 in rows_of_page and any(map(str.isalnum, key))
        least = max(2 if repeated_title else LEAST_PAGES, len(pages) // 2)
        if len(rows_of_page) >= least:
            furniture |= {(page, row) for page, rows in rows_of_page.items() for row in rows}
            if repeated_title:
                spared |= {(0, row) for row in rows_of_page[0]}
    return furniture - spared


def _keys(line: str, page: int, kind: Kind) -> Iterator[Hashable]:
    """What makes a line the same on another page: its words, or its words around a number that counts with the pages."""
    words = " ".join(line.split())
    if kind is not Kind.LIST:  # the answers of a quiz are the same on every slide; "- 7 -" counts
        yield words
    if _HEADING.match(words):
        return
    for number in _NUMBER.finditer(words):
        offset = int(number[0]) - page
        yield _NUMBER.sub("#", words[: number.start()]), offset, _NUMBER.sub("#", words[number.end() :])


def _join_pages(pages: Sequence[Sequence[tuple[str, Kind]]]) -> str:
    """Pages joined by an empty line, or by a line end alone where a sentence, a divided word or a table goes on."""
    parts: list[str] = []
    for index, page in enumerate(pages):
        if index:
            (last, last_kind), (first, first_kind) = pages[index - 1][-1], page[0]
            last, first = last.rstrip(), first.lstrip()
            goes_on = first[0].islower() and last[-1] not in _SENTENCE_END
            same_block = last_kind == first_kind and first_kind in (Kind.CODE, Kind.TABLE)
            parts.append("\n" if goes_on or same_block else "\n\n")
        parts.append("\n".join(line for line, _ in page))
    return "".join(parts)
