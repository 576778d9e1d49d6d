"""How much of the text is neither letters nor digits."""

import re
import unicodedata

from tasks.quality.text_view import TextView

_RUN = re.compile(r"([^\w\s])\1+")


def measure_symbols(view: TextView) -> dict[str, float]:
    """symbols.ratio: share of the characters of all words that are no letter, mark or number (Unicode categories L, M, N).

    A run of the same symbol counts once, since rules and dot leaders are layout. Prose and table cells, no code.
    High is bad: ordinary prose has 0.02 to 0.08. Source: the share of non-alphanumeric characters in RedPajama's and dolma's
    quality signals, with Unicode categories instead of ASCII.
    """
    characters = symbols = 0
    for word, count in view.word_counts.items():
        if word.isalnum():
            characters += len(word) * count
            continue
        once = _RUN.sub(r"\1", word)
        characters += len(once) * count
        symbols += sum(1 for character in once if unicodedata.category(character)[0] not in "LMN") * count
    return {"symbols.ratio": symbols / characters} if characters else {}
