"""Words, addresses and numbers divided at a line end are joined; true hyphens stay.

What decides, in this order: the compound stands undivided elsewhere in the text (the hyphen stays); the word stands undivided
elsewhere (it goes); the hyphen is of a kind that is always written; otherwise it goes between lower-case letters and stays
beside anything else ("COVID-related", "Smith-Jones", "2017-2021").
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from tasks.normalization.blocks import Kind, classify_lines
from tasks.normalization.layout import PRINTED

FORMATS = PRINTED | {"text"}  # formats whose lines end where the page does
LONGEST_WORD = 80  # characters looked at on each side; keeps hostile lines cheap
LONG_WORD = 6  # letters; two words that are as long and stand in the text alone ("employee-employer") seldom make one

_HYPHENS = "\u2010-"  # the plain one last: it stands in character classes
_LETTER = r"[^\W\d_]"
_WORD = rf"{_LETTER}+(?:[{_HYPHENS}]{_LETTER}+)*"
_LAST = re.compile(rf"(?<![\w{_HYPHENS}])(?:[0-9]{{1,9}}{_LETTER}{{0,3}}|{_WORD})$")
_FIRST = re.compile(rf"[0-9]{{1,9}}(?![^\W_])|{_WORD}")
_MARKS = ".,;:!?()[]{}<>\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb*_|/"  # around a word
_ADDRESS = re.compile(r"(?:https?://|www\.|ftp://)\S*[/=&_#?-]$|\S+@$")
_ADDRESS_GOES_ON = re.compile(r"[a-z0-9%][\w.%/=&#?~+-]*(?=$|[\s)\]>,;])")
_OPEN_ENDS = tuple("-\u2010/=&_#?@")
_SIGN = re.compile(r"[-\u2010/=&_#?@][ \t]*\n")
_PROTECTED = (Kind.CODE, Kind.TABLE)
# After these a hyphen is a suspended one ("pre- and post-war", "Vor- und Nachteile") and stands at the line end by chance.
# fmt: off
_CONJUNCTIONS = frozenset(
    [
        "and", "or", "nor", "to", "but", "as", "through", "und", "oder", "bzw", "sowie", "bis", "noch", "et", "ou", "y", "o",
        "u", "e", "ed", "of", "en", "och", "eller", "og", "i", "ja", "tai",
    ]
)
# First halves that English writes with a hyphen before nearly any word.
_PREFIXES = frozenset(["self", "quasi", "ex"])
# Second halves that English hyphenates to a whole word: "web-based", "long-term", "so-called".
_ENDINGS = frozenset(
    [
        "based", "related", "oriented", "specific", "driven", "called", "term", "known", "time", "level", "free", "friendly",
        "wide", "party", "scale", "dependent", "neutral", "sized", "owned", "led", "funded", "minded", "style", "border",
    ]
)
# fmt: on


@dataclass(frozen=True)
class _Seen:
    """The words and compounds that stand undivided in a text: folded, and as they are written."""

    folded: frozenset[str]
    written: frozenset[str]


def join_divided_words(text: str, format_name: str) -> str:
    """Join `exam-` + `ple` over a line end, outside tables and code; other formats than FORMATS come back as they are."""
    if format_name not in FORMATS or not _SIGN.search(text):
        return text
    lines = text.split("\n")
    kinds = classify_lines(lines)
    seen = cache(lambda: _see(text))  # a text may have line ends to look at and no word to decide on
    parts = [lines[0]]
    for index in range(1, len(lines)):
        line = lines[index]
        before = lines[index - 1].rstrip()
        open_end = before[-1:] in _OPEN_ENDS and kinds[index] not in _PROTECTED and kinds[index - 1] not in _PROTECTED
        end = _joined_end(before, line.lstrip(), seen) if open_end else None
        if end is None:
            parts.append("\n" + line)
        else:
            parts[-1] = parts[-1].rstrip()
            parts[-1] = parts[-1][: len(parts[-1]) + end]
            parts.append(line.lstrip())
    return "".join(parts)


def _see(text: str) -> _Seen:
    """The words and compounds of a text, except those that a line end may have cut."""
    written = {word for token in set(text.split()) if (word := token.strip(_MARKS)) and word[-1] not in _HYPHENS}
    folded = {_plain(word) for word in written}
    return _Seen(frozenset(folded), frozenset(written))


def _joined_end(before: str, after: str, seen: Callable[[], _Seen]) -> int | None:
    """How a line is joined to the one before: with that many characters cut off its end (0 or -1); None: not at all."""
    if not before or not after:
        return None
    address = _ADDRESS.search(before.rsplit(None, 1)[-1][-LONGEST_WORD * 4 :])
    if address is not None:
        goes_on = _ADDRESS_GOES_ON.match(after[: LONGEST_WORD * 4])
        return 0 if goes_on and (set("/.=&%@?") & set(goes_on[0].rstrip(".")) or address[0][-1] in "=&@") else None
    if before[-1] not in _HYPHENS:
        return None
    first = _LAST.search(before[-LONGEST_WORD - 1 : -1])
    second = _FIRST.match(after[:LONGEST_WORD])
    if first is None or second is None or second[0] in _CONJUNCTIONS:
        return None
    return 0 if _is_true_hyphen(first[0], second[0], seen()) else -1


def _is_true_hyphen(first: str, second: str, seen: _Seen) -> bool:
    if _plain(f"{first}-{second}") in seen.folded:
        return True
    if not (first[-1].islower() and second[0].islower()):
        return not (first.isupper() and second.isupper() and (first + second).casefold() in seen.folded)
    if len(first) == 1 or any(hyphen in first + second for hyphen in _HYPHENS):
        return True
    if (first + second).casefold() in seen.folded:
        return False
    if min(len(first), len(second)) >= LONG_WORD and first.casefold() in seen.folded and second in seen.written:
        return True
    first = first.casefold()
    return (first in _PREFIXES and len(second) > 3) or (second in _ENDINGS and first in seen.folded)


def _plain(compound: str) -> str:
    return compound.replace("\u2010", "-").casefold()
