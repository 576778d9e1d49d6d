"""Places where something may stand, found in one fast pass each, so that finders look at few characters closely.

The numbers of a text are asked for by several finders one after the other: the last text's are remembered.
"""

import functools
import re
from collections.abc import Iterator

_RUN = re.compile(r"[0-9](?:[ \u00a0./()\u2010-\u2013-]{0,3}[0-9]){5,}")
_LETTERS_DIGITS = re.compile(r"[A-Z]{2}[0-9]{2}")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
LONG_WORD = 20  # characters
_IS_WORD = bytes(ord("x") if _WORD.fullmatch(chr(code)) else ord(" ") for code in range(256))


@functools.lru_cache(maxsize=1)
def digit_runs(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of at least 6 digits with at most 3 separators between two of them."""
    return tuple(match.span() for match in _RUN.finditer(text))


@functools.lru_cache(maxsize=1)
def letters_before_digits(text: str) -> tuple[int, ...]:
    """Where two capital letters are followed by two digits."""
    return tuple(match.start() for match in _LETTERS_DIGITS.finditer(text))


@functools.lru_cache(maxsize=1)
def long_words(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of at least LONG_WORD ASCII letters, digits, underscores and hyphens,
    with digits or capital and small letters among them."""
    return tuple(_long_words(text))


def _long_words(text: str) -> Iterator[tuple[int, int]]:
    # One byte per character, so that places stay the same; bytes.find skips ahead where a regular expression looks at each.
    classes = text.encode("ascii", "replace").translate(_IS_WORD)
    wanted = b"x" * LONG_WORD
    at = classes.find(wanted)
    while at >= 0:
        end = classes.find(b" ", at)
        end = len(classes) if end < 0 else end
        word = text[at:end]
        if any(map(str.isdigit, word)) or word not in {
            word.lower(),
            word.upper(),
        }:  # rules of tables, long names; keys have digits
            yield at, end
        at = classes.find(wanted, end)


def words_before(text: str, at: int, reach: int) -> str:
    """The `reach` characters before a place, in lower case: where a word says what the number is."""
    return text[max(0, at - reach) : at].lower()
