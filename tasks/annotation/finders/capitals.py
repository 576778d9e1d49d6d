"""Runs of capitalised words: what names of organisations, people and places are cut from. One pass over the text."""

import functools
import re
from dataclasses import dataclass

# Words that stand between the parts of a name without a capital letter.
CONNECTORS = frozenset(
    "of the and & for de du des la le les del della di da do dos das von vom van den der zu zur und y e et en i og och für fur op het a l"
    " 't tot ter ten".split()
)
LOWER_FORMS = frozenset(
    {"eG", "eV", "e.V.", "e.V", "mbB", "mbH", "gGmbH", "a.s.", "s.r.o.", "d.o.o.", "z.o.o."}
)  # end a name too
LONGEST = 12  # words
_WORD = re.compile(r"[^\s|*_<>\[\]()\"“”„«»;:!?]+")
_END = re.compile(r"[.,][,.]*$")
# A word with its full stop that a name goes on after.
_ABBREVIATED = re.compile(
    r"(?:[^\W\d_]\.)+(?:[^\W\d_]{1,3}\.)?|(?i:inc|ltd|corp|co|llc|pte|pty|plc|bros|st|dr|prof|mr|mrs|ms|jr|sr|sra|srta|dña|dna|sig|sig\.ra"
    r"|dott|mme|mlle|lda|ltda|cia|cie|dhr|mevr|hr|fr|ing|dipl|rev|hon|nat|intl|gebr)\."
)


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
    """Runs of words of which the first and the last begin with a capital letter, a digit within a name, or are `&`; a line's end, a
    bracket, a colon and a full stop end a run, a comma does not (its word says so)."""
    runs: list[tuple[Word, ...]] = []
    run: list[Word] = []
    end_before = 0
    for found in _WORD.finditer(text):
        word = _word(found)
        gap = text[end_before : found.start()]
        together = gap in {" ", "\u00a0", "\u202f"} and (not run or run[-1].breaks != ".") and len(run) < LONGEST
        if run and not together:
            runs += _closed(run)
            run = []
        if word.text[:1].isupper() or (run and (word.text in CONNECTORS or word.text in LOWER_FORMS or word.text[:1].isdigit())):
            run.append(word)
        elif run:
            runs += _closed(run)
            run = []
        end_before = found.end()
    return tuple([*runs, *_closed(run)])


def _word(found: re.Match[str]) -> Word:
    raw = found.group().lstrip("'’‘")
    start = found.end() - len(raw)
    mark = _END.search(raw[-8:])
    if not mark:
        return Word(raw.rstrip("'’"), start, start + len(raw.rstrip("'’")), "")
    stem = raw[: len(raw) - len(mark.group())]
    if mark.group()[0] == "." and _ABBREVIATED.fullmatch(stem + "."):
        return Word(stem + ".", start, start + len(stem) + 1, "," if "," in mark.group() else "")
    return Word(stem, start, start + len(stem), "." if "." in mark.group() else ",")


def _closed(run: list[Word]) -> list[tuple[Word, ...]]:
    """The run without connectors and numbers at its end; nothing when that is all."""
    while run and not (run[-1].text[:1].isupper() or run[-1].text[:1].isdigit() or run[-1].text in LOWER_FORMS):
        run = run[:-1]
    return [tuple(run)] if run and run[0].text else []
