"""Which passages of a text a model writes questions about: prose, long enough to say something, spread over the text."""

import re
from collections.abc import Iterator

from tasks.annotation.model.chunks import cut

Span = tuple[int, int]
LONGEST = 1200  # characters of a passage; short enough for an example with its question
SHORTEST = 160
LEAST_PARAGRAPH = 40  # characters; a shorter one is a heading, a label or a caption
LEAST_LETTERS = 0.7  # share of the characters, white space aside
MOST_UNBROKEN = 80  # ASCII characters without a space: base64, hashes and addresses have more
MOST_ROWS = 0.3  # share of the lines that are rows of a table, entries of a table of contents or members of a list
_PARAGRAPH = re.compile(r"\S(?:[^\n]|\n(?![ \t]*(?:\n|$)))*")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_ROW = re.compile(r"^[ \t]*(?:\||[-*+\u2022][ \t]|#)|(?:\.[ ]?){4,}|\|[ \t]*$|[ \t]{3,}\S|\t")
_UNBROKEN = re.compile(rf"[!-~]{{{MOST_UNBROKEN + 1},}}")
_SENTENCE_END = re.compile(r"[.!?][\"')\]\u201d\u00bb]*(?:\s|$)|[\u3002\uff01\uff1f\u0964\u061f\u06d4]")


def choose_passages(text: str, most: int) -> list[Span]:
    """(start, end) of at most `most` passages in the order of the text. The same text gives the same ones; where there are more,
    they are taken at even distances."""
    found = list(_passages(text))
    if len(found) <= most:
        return found
    return [found[(2 * at + 1) * len(found) // (2 * most)] for at in range(most)]


def is_prose(paragraph: str) -> bool:
    """Whether a paragraph is sentences, and no table, list, table of contents, form, code or encoded data."""
    visible = "".join(paragraph.split())
    if len(visible) < LEAST_PARAGRAPH or _UNBROKEN.search(paragraph) or not _SENTENCE_END.search(paragraph):
        return False
    if sum(map(_is_letter, visible)) < LEAST_LETTERS * len(visible):
        return False
    lines = paragraph.split("\n")
    return sum(bool(_ROW.search(line)) for line in lines) <= MOST_ROWS * len(lines)


def _is_letter(character: str) -> bool:
    return character.isalpha() or "\u0900" <= character <= "\u0fff"  # vowel signs of Indic and Thai scripts are marks


def _passages(text: str) -> Iterator[Span]:
    """Prose in pieces: neighbouring paragraphs together while they fit, longer ones cut where a sentence ends."""
    for start, end in _stretches(text):
        pieces = cut(text[start:end], LONGEST, 0)
        yield from ((start + first, start + last) for first, last in pieces if last - first >= SHORTEST)


def _stretches(text: str) -> Iterator[Span]:
    open_span: Span | None = None
    for start, end in _prose(text):
        joins = open_span is not None and not text[open_span[1] : start].strip() and end - open_span[0] <= LONGEST
        if open_span is not None and not joins:
            yield open_span
        open_span = (open_span[0], end) if open_span is not None and joins else (start, end)
    if open_span is not None:
        yield open_span


def _prose(text: str) -> Iterator[Span]:
    is_fenced = False
    for found in _PARAGRAPH.finditer(text):
        fences = len(_FENCE.findall(found.group()))
        if not (is_fenced or fences) and is_prose(found.group()):
            yield found.start(), found.start() + len(found.group().rstrip())
        is_fenced ^= fences % 2 == 1
