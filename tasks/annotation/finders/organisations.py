"""Names of organisations: capitalised words that end with a legal form, or have a word that only organisations have."""

import bisect
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.capitals import Word, runs_of
from tasks.annotation.finders.vocabulary import alternation, words
from tasks.annotation.schema import FieldSpec

_LEGAL_FORMS = words("legal_forms")
_EXACT_FORMS = words("legal_forms_exact")
_DOUBTFUL_FORMS = words("legal_forms_doubtful")
_TAILS = words("legal_tails")
_HEADS = words("organisation_heads")
_WEAK_HEADS = words("organisation_weak_heads")
_DETERMINERS = words("determiners")
_COMPOUND = re.compile(rf"[^\W\d_]{{3,30}}(?:{alternation('organisation_ends')})", re.IGNORECASE)
LONGEST_INFORMAL = 8  # words


@dataclass(frozen=True)
class Organisation:
    """A name with its place. formal: whether a legal form says so. weak: whether only a word that other things have too does."""

    start: int
    end: int
    formal: bool
    weak: bool = False


@functools.lru_cache(maxsize=4)
def organisations_of(text: str) -> tuple[Organisation, ...]:
    """All names of organisations in a text, in order, none within another."""
    return tuple(one for run in runs_of(text) for one in _of_run(run))


def organisation_around(text: str, start: int, end: int) -> Organisation | None:
    """The organisation whose name covers the character at start, or begins between start and end."""
    named = organisations_of(text)
    at = bisect.bisect_right(_starts(text), start)
    if at and named[at - 1].end > start:
        return named[at - 1]
    return named[at] if at < len(named) and named[at].start < end else None


@functools.lru_cache(maxsize=4)
def _starts(text: str) -> list[int]:
    return [one.start for one in organisations_of(text)]


def is_legal_form(word: str) -> bool:
    """Whether a word is a legal form of companies."""
    plain = word.replace(".", "")
    return plain.casefold() in _LEGAL_FORMS or word in _EXACT_FORMS or plain in _EXACT_FORMS


def _of_run(run: tuple[Word, ...]) -> Iterator[Organisation]:
    at = 0
    while at < len(run):
        form = next((number for number in range(at + 1, len(run)) if _is_form_here(run, number)), None)
        if form is None:
            break
        last = form
        while (
            last + 1 < len(run)
            and not (run[last].breaks == "," and not is_legal_form(run[last + 1].text))
            and (run[last + 1].text.strip(".,").casefold() in _TAILS or is_legal_form(run[last + 1].text))
        ):
            last += 1
        while run[last].text == "&":
            last -= 1
        first = _first(run, at, form)
        if first < form:
            yield Organisation(run[first].start, run[last].end, formal=True)
        at = last + 1
    yield from _informal(run[at:])


def _is_form_here(run: tuple[Word, ...], number: int) -> bool:
    """Whether a word of a run is a legal form, and not a word of a line in capitals."""
    word = run[number].text
    return is_legal_form(word) and not (word in _DOUBTFUL_FORMS and run[number - 1].text.isupper())


def _first(run: tuple[Word, ...], at: int, form: int) -> int:
    """Where the name begins: behind the last comma that no legal form follows, and behind articles and connectors."""
    commas = [number for number in range(at, form - 1) if run[number].breaks == ","]
    first = commas[-1] + 1 if commas else at
    while first < form and (run[first].text.casefold() in _DETERMINERS or not run[first].text[:1].isupper()):
        first += 1
    return first


def _informal(words: tuple[Word, ...]) -> Iterator[Organisation]:
    """Pieces between commas that have a head noun and a proper part."""
    piece: list[Word] = []
    for word in words:
        piece.append(word)
        if word.breaks:
            yield from _headed(piece)
            piece = []
    yield from _headed(piece)


def _headed(piece: list[Word]) -> Iterator[Organisation]:
    while piece and (piece[0].text.casefold() in _DETERMINERS or not piece[0].text[:1].isupper()):
        piece = piece[1:]
    while piece and not piece[-1].text[:1].isupper():
        piece = piece[:-1]
    piece = _behind_article(piece)
    capitals = [word.text for word in piece if word.text[:1].isupper()]
    heads = [word for word in capitals if word.casefold() in _HEADS or _COMPOUND.fullmatch(word)]
    weak = [word for word in capitals if word.casefold() in _WEAK_HEADS]
    proper = sum(word.casefold() not in _HEADS | _WEAK_HEADS for word in capitals)
    if (heads or weak) and proper and 1 < len(piece) <= LONGEST_INFORMAL:
        yield Organisation(piece[0].start, piece[-1].end, formal=False, weak=not heads)


def _behind_article(piece: list[Word]) -> list[Word]:
    """The piece without what stands before an article, unless that has a head noun: `Oxfam and the European Commission`."""
    for number in range(len(piece) - 1, 0, -1):
        before = (word.text.casefold() for word in piece[:number])
        if (
            piece[number].text.casefold() in _DETERMINERS
            and piece[number - 1].text.islower()
            and not any(w in _HEADS for w in before)
        ):
            return piece[number + 1 :]
    return piece


def find_organisation(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Every name of an organisation; one with a legal form is surer."""
    for one in organisations_of(document.text):
        sure = 0.8 if one.formal else 0.4 if one.weak else 0.6
        yield Found(one.start, one.end, confidence=sure, cue="legal form" if one.formal else "head noun")


LETTERHEAD_LINES, HEAD_LINES = 5, 15


def find_letterhead(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """An organisation with a legal form among the first lines, or on the last: who sends the text. The first lines are surest."""
    lines = [start for start in document.line_starts[:60] if document.text[start : start + 1].strip()]
    end = len(document.text)
    letterhead, head = (lines[count] if len(lines) > count else end for count in (LETTERHEAD_LINES, HEAD_LINES))
    last_line = document.text.rstrip().rfind("\n") + 1
    for one in organisations_of(document.text):
        sure = 0.4 if one.start < letterhead else 0.35 if one.start >= last_line else 0.32 if one.start < head else 0.0
        if one.formal and sure:
            yield Found(one.start, one.end, confidence=sure, cue="letterhead")
