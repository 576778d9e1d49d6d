"""Runs of capitalised words: what names of organisations, people and places are cut from. One pass over the text."""

import functools
import re
from dataclasses import dataclass

from tasks.annotation.finders.vocabulary import alternation, words

LONGEST = 12  # words
_WORD = re.compile(r"[^\s|*_<>\[\]()\"“”„«»;:!?]+")
_END = re.compile(r"[.,][,.]*$")
# A word with its full stop that a name goes on after: initials and abbreviations.
_ABBREVIATED = re.compile(rf"(?:[^\W\d_]\.)+(?:[^\W\d_]{{1,3}}\.)?|(?i:{alternation('abbreviations')})\.")
_ELISION = re.compile(r"(?:[ldLD]|[Dd]ell|[Aa]ll|[Uu]n)['\u2019](?=[A-ZÀ-Þ])")  # l'Université
_CONNECTORS = words("connectors")
_SMALL_FORMS = words("legal_forms_small")


@dataclass(frozen=True)
class Word:
    """A word without the comma or full stop that ends its clause. breaks: whether one stood behind it: a run ends there, or
    goes on only with a legal form (`Birch Tools, Inc.`)."""

    text: str
    start: int
    end: int
    breaks: str


@functools.lru_cache(maxsize=2)
def runs_of(text: str) -> tuple[tuple[Word, ...], ...]:
    """Runs of words of which the first and the last begin with a capital letter.

    A line's end, a bracket, a colon and a full stop end a run, a comma does not (its word says so).
    """
    runs: list[tuple[Word, ...]] = []
    run: list[Word] = []
    end_before = 0
    for found in _WORD.finditer(text):
        word = _word(found)
        gap = text[end_before : word.start]
        together = (
            (gap in {" ", "\u00a0", "\u202f"} or gap in {" d'", " d\u2019"})
            and (not run or run[-1].breaks != ".")
            and len(run) < LONGEST
        )
        if run and not together:
            runs += _closed(run)
            run = []
        if word.text[:1].isupper() or (
            run and (word.text in _CONNECTORS or word.text in _SMALL_FORMS or word.text[:1].isdigit())
        ):
            run.append(word)
        elif run:
            runs += _closed(run)
            run = []
        end_before = found.end()
    return (*runs, *_closed(run))


def _word(found: re.Match[str]) -> Word:
    raw = _ELISION.sub("", found.group().lstrip("'\u2019\u2018"))
    start = found.end() - len(raw)
    mark = _END.search(raw[-8:])
    if not mark:
        return Word(raw.rstrip("'\u2019"), start, start + len(raw.rstrip("'\u2019")), "")
    stem = raw[: len(raw) - len(mark.group())]
    if mark.group()[0] == "." and _ABBREVIATED.fullmatch(stem + "."):
        return Word(stem + ".", start, start + len(stem) + 1, "," if "," in mark.group() else "")
    return Word(stem, start, start + len(stem), "." if "." in mark.group() else ",")


def _closed(run: list[Word]) -> list[tuple[Word, ...]]:
    """The run without connectors and numbers at its end; nothing when that is all."""
    while run and not (run[-1].text[:1].isupper() or run[-1].text[:1].isdigit() or run[-1].text in _SMALL_FORMS):
        run = run[:-1]
    return [tuple(run)] if run and run[0].text else []
