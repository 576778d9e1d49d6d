"""Running headers and footers.

A line is furniture when it is the same near the same end of pages, by one of three measures:
- of at least 3 pages and half of all pages (rounded down, so that headers which alternate between left and right pages count);
- of at least 3 pages that follow one another, at most one other page between them, as the line next to the page's edge: the
  title of a chapter;
- nearly the same as a line found by these, as OCR misreads it.
Lines are the same when their words are, or when their words around a number are that counts with the pages. Masking every digit
instead would also take the first line of a price list. A Markdown heading must be the same: "## Step 1", "## Step 2" on pages
or slides are no page numbers. List items go only where they count.

Of words that stand at the top of pages and nowhere else, the first copy stays: it may be the title. Since nothing is lost by it
then, such a line goes on the second of two pages already, and so does a footer.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from tasks.normalization.blocks import Kind
from tasks.normalization.pages import PAGE_END, OuterLine, Pages, bare_words, drop_rows, outer_lines, split_pages

LEAST_PAGES = 3
LARGEST_STEP = 2  # pages from one to the next in a run: left and right pages may have headers of their own
LEAST_LETTERS = 10  # of a line that may be misread; in shorter ones a letter makes another word
LEAST_LIKENESS = 0.86  # share of characters in common (difflib), measured on lines with one to three misread letters
MOST_PATTERNS = 16  # furniture lines that others are compared with
_NUMBER = re.compile(r"[0-9]{1,9}")
_DIGITS = re.compile(r"[0-9]+")

Key = tuple[str, Hashable]  # zone; words, or words before a number, its distance from the page's number, and words after it


def remove_furniture(text: str) -> str:
    """The text without running headers and footers; pages stay separated by form feeds."""
    if PAGE_END not in text:
        return text
    pages = split_pages(text)
    lines = outer_lines(pages)
    found: defaultdict[Key, list[OuterLine]] = defaultdict(list)
    for line in lines:
        for key in _keys(line):
            found[line.zone, key].append(line)
    patterns = [key for key, alike in found.items() if _repeats(key, alike, len(pages.lines))]
    if not patterns:
        return text
    furniture = {(line.page, line.row) for key in patterns for line in found[key]}
    misread = _find_misread(lines, furniture, patterns)
    two = len(pages.lines) == 2
    titles = [(str(key[1]), found[key]) for key in patterns if (key[0] == "top" or two) and isinstance(key[1], str)]
    return drop_rows(pages, (furniture | misread) - _first_copies(titles, pages, furniture))


def _keys(line: OuterLine) -> Iterator[Hashable]:
    """What makes a line the same on another page."""
    words = line.words.casefold()
    if line.kind is not Kind.LIST:  # the answers of a quiz are the same on every slide; "- 7 -" counts
        yield words
    if line.is_heading:
        return
    for number in _NUMBER.finditer(words):
        offset = int(number[0]) - line.page
        yield _NUMBER.sub("#", words[: number.start()]), offset, _NUMBER.sub("#", words[number.end() :])


def _repeats(key: Key, alike: Sequence[OuterLine], count: int) -> bool:
    """Whether lines with one key are furniture in a document of so many pages."""
    on_pages = sorted({line.page for line in alike})
    words = key[1] if isinstance(key[1], str) else None
    kept_once = words is not None and on_pages[0] == 0 and any(map(str.isalnum, words)) and (key[0] == "top" or count == 2)
    if len(on_pages) >= max(2 if kept_once else LEAST_PAGES, count // 2):
        return True
    if words is not None and not any(map(str.isalpha, words)):
        return False
    edge = sorted({line.page for line in alike if line.depth == 0})
    return _longest_run(edge) >= LEAST_PAGES


def _longest_run(numbers: Sequence[int]) -> int:
    longest = length = min(1, len(numbers))
    for before, after in pairwise(numbers):
        length = length + 1 if after - before <= LARGEST_STEP else 1
        longest = max(longest, length)
    return longest


def _find_misread(lines: Iterable[OuterLine], furniture: set[tuple[int, int]], patterns: Sequence[Key]) -> set[tuple[int, int]]:
    """Lines that are nearly a furniture line of the same end, or two such lines in one. Digits must be the same ones."""
    plain = [(zone, key) for zone, key in patterns if isinstance(key, str) and sum(map(str.isalpha, key)) >= LEAST_LETTERS]
    by_zone: defaultdict[str, list[str]] = defaultdict(list)
    for zone, key in plain[:MOST_PATTERNS]:
        by_zone[zone].append(key)
    texts = {zone: {key for at, key in patterns if at == zone and isinstance(key, str)} for zone in by_zone}
    found = set()
    for line in lines:
        words = line.words.casefold()
        if (line.page, line.row) in furniture or line.is_heading or not words:
            continue
        near = by_zone.get(line.zone, ())
        if any(_is_like(words, pattern) or _is_pair(words, pattern, texts[line.zone]) for pattern in near):
            found.add((line.page, line.row))
    return found


def _is_pair(words: str, pattern: str, patterns: set[str]) -> bool:
    return words.startswith(pattern + " ") and words[len(pattern) + 1 :] in patterns


def _is_like(words: str, pattern: str) -> bool:
    if abs(len(words) - len(pattern)) > 0.15 * len(pattern) or _DIGITS.findall(words) != _DIGITS.findall(pattern):
        return False
    matcher = SequenceMatcher(None, words, pattern, autojunk=False)
    return matcher.quick_ratio() >= LEAST_LIKENESS and matcher.ratio() >= LEAST_LIKENESS


def _first_copies(
    titles: Sequence[tuple[str, Sequence[OuterLine]]], pages: Pages, furniture: set[tuple[int, int]]
) -> set[tuple[int, int]]:
    """The first copy of each repeated title that begins the document, or that heads a chapter whose name stands nowhere else."""
    named = {words for words, _ in titles if any(map(str.isalnum, words))}
    elsewhere = {
        words
        for page, lines in enumerate(pages.lines)
        for row, line in enumerate(lines)
        if (page, row) not in furniture and (words := bare_words(line).casefold()) in named
    }
    copies = set()
    for words, alike in titles:
        first = min(alike, key=lambda line: (line.page, line.row))
        is_chapter = len({line.page for line in alike}) < len(pages.lines) // 2 and words not in elsewhere
        if words in named and (first.page == 0 or is_chapter):
            copies.add((first.page, first.row))
    return copies
