"""Words divided at a line end are joined; true hyphens stay."""

import re

from tasks.normalization.blocks import Kind, classify_lines

FORMATS = frozenset({"pdf", "text"})  # formats whose lines end where the page does
LONGEST_WORD = 80  # characters looked at on each side; keeps hostile lines cheap

_HYPHENS = "-\u2010"
_LETTER = r"[^\W\d_]"
_WORD = rf"{_LETTER}+(?:[{_HYPHENS}]{_LETTER}+)*"
_LAST_WORD = re.compile(rf"{_WORD}$")
_FIRST_WORD = re.compile(_WORD)
_COMPOUND = re.compile(rf"(?<!{_LETTER}){_LETTER}++(?:[{_HYPHENS}]{_LETTER}++)+")  # possessive: one look at each letter
_PROTECTED = (Kind.CODE, Kind.TABLE)
# After these a hyphen is a suspended one ("pre- and post-war", "Vor- und Nachteile") and stands at the line end by chance.
_CONJUNCTIONS = frozenset(
    ["and", "or", "nor", "to", "but", "und", "oder", "bzw", "sowie", "bis", "et", "ou", "y", "o", "e", "ed", "of", "en"]
)


def join_divided_words(text: str, format_name: str) -> str:
    """Join `exam-` + `ple` over a line end, outside tables and code; other formats than FORMATS come back as they are.

    Both letters at the division must be lower case. The hyphen stays where it is a true one: when the compound stands
    undivided elsewhere in the text, when either half is a compound itself, or when the first half is a single letter.
    """
    if format_name not in FORMATS:
        return text
    lines = text.split("\n")
    kinds = classify_lines(lines)
    compounds = {_plain(match) for line in lines for match in _COMPOUND.findall(line)}
    parts = [lines[0]]
    for index in range(1, len(lines)):
        line, before = lines[index], lines[index - 1].rstrip()
        halves = None if kinds[index] in _PROTECTED or kinds[index - 1] in _PROTECTED else _halves(before, line.lstrip())
        if halves is None:
            parts.append("\n" + line)
            continue
        parts[-1] = parts[-1].rstrip()
        if not _is_true_hyphen(*halves, compounds):
            parts[-1] = parts[-1][:-1]
        parts.append(line.lstrip())
    return "".join(parts)


def _halves(before: str, after: str) -> tuple[str, str] | None:
    """The two halves of a word divided between two lines; None when there is none."""
    if before[-1:] not in _HYPHENS or not before:
        return None
    first = _LAST_WORD.search(before[-LONGEST_WORD - 1 : -1])
    second = _FIRST_WORD.match(after[:LONGEST_WORD])
    if first is None or second is None or not (first[0][-1].islower() and second[0][0].islower()):
        return None
    return None if second[0] in _CONJUNCTIONS else (first[0], second[0])


def _is_true_hyphen(first: str, second: str, compounds: set[str]) -> bool:
    return len(first) == 1 or any(hyphen in first + second for hyphen in _HYPHENS) or _plain(f"{first}-{second}") in compounds


def _plain(compound: str) -> str:
    return compound.replace("\u2010", "-").casefold()
