"""What columns and letter-spacing leave in a line: words spelled with spaces, gaps inside sentences, words set upright.

Letters that are listed ("A B C D", answers, a sequence of bases) are no word: what is joined must be spelled out over most of a
line, with letters that vary and do not stand in the order of the alphabet.
"""

import re
from collections.abc import Sequence

from tasks.normalization.blocks import Kind, classify_lines

LEAST_LETTERS = 5
LEAST_DISTINCT = 5
LEAST_WORDS = 8  # of a line of prose with gaps
LEAST_LENGTH = 60  # characters of such a line, gaps included
MOST_SYMBOLS = 0.03  # of the characters of such a line; code and markup have more
_ROOM = 1  # characters by which the gaps of two lines of a table may differ

_LETTER = r"[^\W\d_]"
_SPACED_SIGN = re.compile(rf"\n[ \t]{{0,80}}(?:#{{1,6}} )?{_LETTER} {{1,3}}{_LETTER} ")
_SPACED_LINE = re.compile(rf"([ \t]{{0,80}}(?:#{{1,6}} )?)({_LETTER}(?: {{1,3}}{_LETTER})+)([.:!?]?)[ \t]*")
_SYMBOL = re.compile(r"[{}<>=\\^~`@\[\]$#|_]")
_WORD_GAP = re.compile(" {2,3}")
_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")


def join_spaced_letters(text: str) -> str:
    """Lines such as "T h e  n e w  l a w" are written in words; two or three spaces divide words.

    A line stays when its neighbour is spelled likewise (a word puzzle) or when it is one of listed letters.
    """
    if not _SPACED_SIGN.search("\n" + text):
        return text
    lines = text.split("\n")
    found = [_SPACED_LINE.fullmatch(line) for line in lines]
    for index, match in enumerate(found):
        alone = not (index and found[index - 1]) and not (index + 1 < len(found) and found[index + 1])
        if match is not None and alone and is_spelled(match[2].replace(" ", "")):
            words = (word.replace(" ", "") for word in _WORD_GAP.split(match[2]))
            lines[index] = match[1] + " ".join(words) + match[3]
    return "\n".join(lines)


def is_spelled(letters: str) -> bool:
    """Whether single letters make a word or more, and are not a list."""
    folded = letters.casefold()
    return len(folded) >= LEAST_LETTERS and len(set(folded)) >= LEAST_DISTINCT and list(folded) != sorted(folded)


def join_upright_words(text: str) -> str:
    """Words whose letters stand each on a line of its own (text turned by 90 degrees, vertical writing) become one line."""
    lines = text.split("\n")
    if not any(map(_is_letter, lines)):
        return text
    joined: list[str] = []
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and _is_letter(lines[end]):
            end += 1
        letters = "".join(lines[start:end]).replace(" ", "")
        if end - start >= LEAST_LETTERS and is_spelled(letters):
            joined.append(letters)
        else:
            joined += lines[start : max(end, start + 1)]
        start = max(end, start + 1)
    return "\n".join(joined)


def _is_letter(line: str) -> bool:
    return len(line) < 8 and len(line.strip()) == 1 and line.strip().isalpha()


def close_gaps(text: str) -> str:
    """Three or more spaces inside a line of prose become one, unless the line before or after has a gap at the same place, as
    the rows of a table do."""
    if "   " not in text:
        return text
    lines = text.split("\n")
    if not any("   " in line.strip() for line in lines):
        return text
    kinds = classify_lines(lines)
    gaps = [_gaps_of(line) if kind is Kind.TEXT and "   " in line else [] for line, kind in zip(lines, kinds, strict=True)]
    for index, found in enumerate(gaps):
        if not found or not _is_prose(lines[index]):
            continue
        neighbours = [*(gaps[index - 1] if index else []), *(gaps[index + 1] if index + 1 < len(gaps) else [])]
        if not _share_a_place(found, neighbours):
            lines[index] = _GAP.sub(" ", lines[index])
    return "\n".join(lines)


def _is_prose(line: str) -> bool:
    if len(line) < LEAST_LENGTH or len(line.split(None, LEAST_WORDS)) < LEAST_WORDS:
        return False
    return len(_SYMBOL.findall(line)) <= MOST_SYMBOLS * len(line)


def _gaps_of(line: str) -> list[int]:
    """Where gaps end: where the next column would begin."""
    return [match.end() for match in _GAP.finditer(line)]


def _share_a_place(found: Sequence[int], others: Sequence[int]) -> bool:
    near = {other + shift for other in others for shift in range(-_ROOM, _ROOM + 1)}
    return any(place in near for place in found)
