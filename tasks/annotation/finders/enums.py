"""Values of enums: the words that mean them."""

import functools
import re
from collections import Counter
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.cues import cue_before
from tasks.annotation.schema import FieldSpec


def find_enum(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Words of the field's values; surer after a cue, and the more often the value is named."""
    values = tuple((word, value) for value, words in field.values.items() for word in (value, *words))
    meanings = {word.casefold(): value for word, value in values}
    hits = [(found, meanings.get(found.group().casefold())) for found in _words(tuple(meanings)).finditer(document.text)]
    counts = Counter(value for _, value in hits if value)
    for found, value in hits:
        if value:
            cue = cue_before(document.text, found.start(), field.cues)
            share = counts[value] / counts.total()
            yield Found(*found.span(), value=value, confidence=round(0.8 if cue else 0.3 + 0.4 * share, 4), cue=cue)


@functools.lru_cache(maxsize=64)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words, the longest first; a letter at its edge must not go on, a sign such as `€` may touch digits."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(_whole(word) for word in ordered), re.IGNORECASE)


def _whole(word: str) -> str:
    before = r"(?<![^\W\d_])" if word[0].isalnum() else ""
    after = r"(?![^\W\d_])" if word[-1].isalnum() else ""
    return f"{before}{re.escape(word)}{after}"
