"""Page numbers that stand on a line of their own: "7", "- 7 -", "vii", "Page 7 of 12", "7 | Page".

A number counts as one only where it counts: three pages or more with the same difference between the number printed and the
page's place in the file, near the same end of the page. Numbers of front matter and body are found apart, in Roman and in
Arabic numerals.

Where pages were lost before the text came here (a printed text pasted into a file), their numbers stand anywhere. Those that
nothing else looks like ("- 7 -", "Page 7") go when three or more of them follow one another by one.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator

from tasks.normalization.blocks import Kind
from tasks.normalization.pages import PAGE_END, OuterLine, Pages, drop_rows, outer_lines, split_pages

LEAST_PAGES = 3
OUTERMOST = 2  # lines from the end of a page
_WORD = r"(?:p ?a ?g ?e|seite|p[aá]gina|pagina|side|sida|strona|blad|folio|pg|pp?|s|bl)\.?"
_NUMBER = r"(?P<number>[0-9]{1,5}|[ivxlcdm]{1,9})"
_TOTAL = r"(?: ?(?:of|von|de|di|du|sur|van|av|af|z|/|\|) ?(?P<total>[0-9]{1,5}))?"
_ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_PATTERNS = (
    re.compile(rf"[-\u2013\u2014~|\[(<.\u2022 ]{{0,4}}(?:{_WORD} ?)?{_NUMBER}{_TOTAL}[-\u2013\u2014~|\])>.\u2022 ]{{0,4}}", re.I),
    re.compile(rf"{_NUMBER} ?[|\u2022\u00b7-] ?{_WORD}{_TOTAL}", re.I),
)
_DASHED = r"[-\u2013\u2014] ?(?P<dashed>[0-9]{1,5}) ?[-\u2013\u2014]"
_NAMED = r"(?:page|seite|p[aá]gina) (?P<named>[0-9]{1,5})(?: (?:of|von|de|di) [0-9]{1,5})?"
_UNMISTAKABLE = re.compile(rf"[ \t*_]{{0,40}}(?:{_DASHED}|{_NAMED})[ \t*_]{{0,40}}", re.I)
_SIGN = re.compile(r"\n[ \t*_]{0,40}(?:[-\u2013\u2014] ?[0-9]|[Pp](?:age|\u00e1gina|agina) |PAGE |Seite |SEITE )")
_FREE = (Kind.TEXT, Kind.LIST)  # "- 7 -" looks like an item
_LONGEST = 40  # characters


def remove_page_numbers(text: str) -> str:
    """The text without page numbers; pages stay separated by form feeds."""
    if PAGE_END not in text and not _SIGN.search(text):
        return text
    pages = split_pages(text)
    found: defaultdict[Hashable, set[tuple[int, int]]] = defaultdict(set)
    numbers: set[tuple[int, int]] = set()
    for line in outer_lines(pages):
        if line.depth >= OUTERMOST or line.is_heading or len(line.words) > _LONGEST:
            continue
        for numerals, number, total in _read(line):
            found[numerals, number - line.page, line.zone].add((line.page, line.row))
            if total == len(pages.lines) and number == line.page + 1:
                numbers.add((line.page, line.row))  # "2 of 5" on the second page of five needs no other witness
    for places in found.values():
        if len({page for page, _ in places}) >= LEAST_PAGES:
            numbers |= places
    numbers |= _stray_numbers(pages)
    return drop_rows(pages, numbers) if numbers else text


def _stray_numbers(pages: Pages) -> set[tuple[int, int]]:
    """Numbers that can only be those of pages, anywhere in a page, in runs that count by one."""
    found: list[tuple[int, tuple[int, int]]] = []
    for page, (lines, kinds) in enumerate(zip(pages.lines, pages.kinds, strict=True)):
        for row, line in enumerate(lines):
            match = _UNMISTAKABLE.fullmatch(line) if len(line) <= _LONGEST and line and kinds[row] in _FREE else None
            if match is not None:
                found.append((int(match["dashed"] or match["named"]), (page, row)))
    strays: set[tuple[int, int]] = set()
    run: list[tuple[int, tuple[int, int]]] = []
    for number, place in [*found, (-1, (0, 0))]:
        if run and number != run[-1][0] + 1:
            strays |= {at for _, at in run} if len(run) >= LEAST_PAGES else set()
            run = []
        run.append((number, place))
    return strays


def _read(line: OuterLine) -> Iterator[tuple[str, int, int | None]]:
    """What a line says as a page number: numerals, number, total."""
    for pattern in _PATTERNS:
        match = pattern.fullmatch(line.words)
        if match is None:
            continue
        number, total = match["number"].casefold(), match["total"]
        if number.isdigit():
            yield "arabic", int(number), int(total) if total else None
        elif (value := read_roman(number)) is not None:
            yield "roman", value, None


def read_roman(numeral: str) -> int | None:
    """The value of a Roman numeral in lower case; None when it is none."""
    if not numeral or not _ROMAN.fullmatch(numeral):
        return None
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))
