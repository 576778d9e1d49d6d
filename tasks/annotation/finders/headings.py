"""Headings, the sections below them, and what their lists name."""

import functools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.labels import label_words, ranks_of
from tasks.annotation.finders.pairs import cells_of, is_rule, trimmed
from tasks.annotation.finders.vocabulary import alternation, words
from tasks.annotation.schema import FieldSpec

LONGEST_TITLE = 80  # characters
MOST_WORDS = 10
MOST_TITLE_WORDS = 4  # of a heading that has the title of a section among others
LONGEST_ITEM = 60  # characters of an item of a list of skills or languages
MOST_ITEM_WORDS = 6
_MARKED = re.compile(r"(?P<marks>#{1,6}) +(?P<title>\S.*?)[ \t]*#*$")
_NUMBER = r"\d{1,2}(?:\.\d{1,2}){0,4}[.)]?|[IVX]{1,5}\.|§ ?\d{1,3}\.?"
_NUMBERED = re.compile(rf"(?:{_NUMBER}|(?:{alternation('numbered_headings')}) [\dIVX]{{1,4}}[.:]?) +[^\W\d_]")
_LIST_MARK = re.compile(r"[ \t]*(?:[-*+•▪◦\u2023\u2013][ \t]+|\d{1,2}[.)][ \t]+)?")
_BULLET = re.compile(r"[ \t]*[-*+•▪◦\u2023\u2013][ \t]")
_KEY = re.compile(r"[*_]{0,3}[^:|]{1,40}?[ \u00a0]?[*_]{0,3}[:\uff1a][*_]{0,3}[ \t]")
_BREAK = re.compile(r"[,;|·•\t]| {2,}| / ")
_AFTER_ITEM = re.compile(r" ?[(\[]| [-\u2013—] |: ")


@dataclass(frozen=True)
class Heading:
    """A heading: bounds of its title and of the section below it, to the next heading of its level or above.

    level: 1 to 6 as in Markdown, 7 for a line that only looks like one. sure: how much it looks like one, 0 to 1.
    """

    start: int
    end: int
    body_end: int
    level: int
    sure: float


@functools.lru_cache(maxsize=4)
def headings_of(text: str) -> tuple[Heading, ...]:
    """All lines that are headings or look like one, in order."""
    heads = list(_heads(text))
    ends: list[int] = [len(text)] * len(heads)
    open_: list[int] = []
    for number, (start, _, level, _) in enumerate(heads):
        while open_ and heads[open_[-1]][2] >= level:
            ends[open_.pop()] = text.rfind("\n", 0, start) + 1
        open_.append(number)
    return tuple(Heading(start, end, body, level, sure) for (start, end, level, sure), body in zip(heads, ends, strict=True))


def _heads(text: str) -> Iterator[tuple[int, int, int, float]]:
    """(start, end, level, sure) of each."""
    blank_before = True
    at = 0
    while at < len(text):
        newline = text.find("\n", at)
        line_end = len(text) if newline < 0 else newline
        blank = line_end - at <= 200 and not text[at:line_end].strip()
        if not blank and line_end - at <= LONGEST_TITLE + 20:
            if marked := _MARKED.match(text, at, line_end):
                yield *trimmed(text, *marked.span("title"), " \t*_"), len(marked["marks"]), 0.95
            else:
                blank_after = not text[line_end + 1 : line_end + 2].strip()
                start, end = trimmed(text, at, line_end, " \t*_")
                if label_words(text[start:end]) in _section_titles() and text[start].isupper():
                    yield start, end, 7, 0.45
                elif sure := _looks(text[start:end], blank_before, blank_after):
                    yield start, end, 7, sure
        blank_before = blank
        at = line_end + 1


@functools.cache
def _section_titles() -> frozenset[tuple[str, ...]]:
    return frozenset(map(label_words, words("section_titles")))


def _looks(line: str, blank_before: bool, blank_after: bool) -> float:
    """How much a line without marks looks like a heading; 0 for not at all."""
    parts = line.split()
    if not parts or len(parts) > MOST_WORDS or len(line) > LONGEST_TITLE or line[0] in "|-•>":
        return 0.0
    if line[-1] in ".,;:!?" or any(mark in line for mark in (": ", " | ", "\t", "  ", "@", "=")) or not blank_before:
        return 0.0
    letters = [sign for sign in line if sign.isalpha()]
    if _NUMBERED.match(line) and blank_after:
        return 0.7
    if len(letters) >= 4 and all(sign.isupper() for sign in letters) and not any(map(str.isdigit, line)):
        return 0.7
    plain = not any(map(str.isdigit, line)) and "," not in line and len(parts) <= 5 and blank_after
    return 0.35 if plain and line[0].isupper() else 0.0


def sections_of(text: str, titles: tuple[str, ...]) -> Iterator[Heading]:
    """The headings that one of the titles names, alone or among few other words, without those inside another of them."""
    ranks = ranks_of(titles)
    end = -1
    for heading in headings_of(text):
        if heading.start >= end and _among(label_words(text[heading.start : heading.end]), ranks):
            end = heading.body_end
            yield heading


def _among(words: tuple[str, ...], titles: Collection[tuple[str, ...]]) -> bool:
    """Whether the words are a title or, when they are few, begin or end with one: `Clinical experience`."""
    if words in titles:
        return True
    pieces = (piece for length in range(1, len(words)) for piece in (words[:length], words[-length:]))
    return len(words) <= MOST_TITLE_WORDS and any(piece in titles for piece in pieces)


def body_lines(text: str, heading: Heading) -> Iterator[tuple[int, int]]:
    """Bounds of the lines of a section that are not empty."""
    at = text.find("\n", heading.end) + 1
    while 0 < at < heading.body_end:
        newline = text.find("\n", at)
        end = len(text) if newline < 0 else newline
        if text[at:end].strip():
            yield at, end
        at = end + 1


def find_heading(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Titles of Markdown headings, numbered lines and lines in capitals that stand alone."""
    for heading in headings_of(document.text):
        yield Found(heading.start, heading.end, confidence=heading.sure, cue="heading")


def find_section(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """The text below a heading that one of the field's `sections` names, as long as the field allows."""
    for heading in sections_of(document.text, field.sections):
        lines = list(body_lines(document.text, heading))
        while lines and lines[-1][1] - lines[0][0] > field.max_length:
            lines.pop()
        if lines:
            start, end = trimmed(document.text, lines[0][0], lines[-1][1], " \t")
            yield Found(start, end, confidence=0.7, cue=document.text[heading.start : heading.end])


def find_section_item(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """The items that a section names: of its lists, of its lines divided by commas, of the first column of its table."""
    text = document.text
    for heading in sections_of(text, field.sections):
        lines = list(body_lines(text, heading))
        graded = _are_graded(text, lines)
        rows = 0
        for start, end in lines:
            cells = cells_of(text, start, end) if text[start:end].lstrip().startswith("|") else []
            rows = rows + 1 if cells else 0
            if cells and (rows == 1 or is_rule(text, start, end)):
                continue
            for left, right in [cells[0]] if cells else _items(text, start, end, graded):
                if _is_item(text[left:right]):
                    yield Found(left, right, confidence=0.75, cue=text[heading.start : heading.end])


def _are_graded(text: str, lines: list[tuple[int, int]]) -> bool:
    """Whether the keys of a section's lines are its items: `German: native`, and not `Tools: Docker, Go`."""
    values = [text[key.end() : end] for start, end in lines if (key := _KEY.match(text, _behind_mark(text, start, end), end))]
    return len(values) > 1 and not any("," in value for value in values)


def _behind_mark(text: str, start: int, end: int) -> int:
    """Where a line goes on behind the mark of a list."""
    mark = _LIST_MARK.match(text, start, end)
    return mark.end() if mark else start


def _is_item(item: str) -> bool:
    return 0 < len(item) <= LONGEST_ITEM and len(item.split()) <= MOST_ITEM_WORDS and bool(item.strip("0123456789. "))


def _items(text: str, start: int, end: int, graded: bool) -> Iterator[tuple[int, int]]:
    """Pieces of a line between commas and the like that stand outside brackets, without what comments on them."""
    start = _behind_mark(text, start, end)
    key = _KEY.match(text, start, end)
    if key and not graded:
        start = key.end()
    pieces, at = [], start
    for found in _BREAK.finditer(text, start, end):
        if text.count("(", at, found.start()) == text.count(")", at, found.start()):
            pieces.append((at, found.start()))
            at = found.end()
    for left, right in [*pieces, (at, end)]:
        comment = _AFTER_ITEM.search(text, left, right)
        yield trimmed(text, left, comment.start() if comment and comment.start() > left else right, " \t*_.`")
