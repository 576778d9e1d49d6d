"""How much of the text is neither letters nor digits."""

import re
import unicodedata

from tasks.quality.text_view import TextView

_RUN = re.compile(r"([^\w\s])\1+")


class _Symbols(dict[int, int | None]):
    """Table for `str.translate` that removes what is no letter, mark or number; filled as characters come."""

    def __missing__(self, code: int) -> int | None:
        self[code] = code if unicodedata.category(chr(code))[0] in "LMN" else None
        return self[code]


_WITHOUT_SYMBOLS = _Symbols()


def measure_symbols(view: TextView) -> dict[str, float]:
    """symbols.ratio: share of the characters of all words that are no letter, mark or number (Unicode categories L, M, N).

    A run of the same symbol counts once, since rules and dot leaders are layout. Prose and table cells, no code.
    High is bad: ordinary prose has 0.02 to 0.08. Source: the share of non-alphanumeric characters in RedPajama's and dolma's
    quality signals, with Unicode categories instead of ASCII.
    """
    characters, symbols = view.characters, 0
    for word, count in view.odd_words.items():
        found = len(word) - len(word.translate(_WITHOUT_SYMBOLS))
        if found > 1:
            once = _RUN.sub(r"\1", word)
            repeated = len(word) - len(once)
            characters -= repeated * count
            found -= repeated
        symbols += found * count
    return {"symbols.ratio": symbols / characters} if characters else {}
