"""Word n-grams of texts as 64-bit hashes: what training and evaluation texts have in common.

Source: Brown et al., "Language Models are Few-Shot Learners" (arXiv 2005.14165), appendix C: 13-grams of lower-case words
without punctuation; shorter examples by 8 words or more, below which chance collisions prevail. Where the paper takes the
5th percentile of a set's lengths as N, here each text of 8 to 12 words is one gram of its own length: no long text is then
matched by less than 13 words because of short neighbours. Words are those of deduplication (compatibility forms and case
folded, each letter of a script without spaces a word), except that the underscore, a mark of Markdown, divides words.
"""

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

GRAM_WORDS = 13
LEAST_WORDS = 8
_KNOWN_WORDS = 1 << 18  # hashes that a process remembers: some 30 MiB
_BASE = 0x9E3779B97F4A7C15  # odd 64-bit multiplier of the rolling hash over word hashes

_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)


class _WordCharacters(dict[int, str]):
    """Table for `str.translate`: letters, numbers and their marks stay, all else divides words."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if unicodedata.category(character)[0] in "LMN" else " "
        return self[code]


class _WordHashes(dict[str, int]):
    """Word -> 64-bit hash, the same in every process and on every machine."""

    def __missing__(self, word: str) -> int:
        self[word] = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
        return self[word]


_WORD_CHARACTERS = _WordCharacters()
_WORD_HASHES = _WordHashes()


def words_of(text: str) -> list[str]:
    """The words that count for comparing: compatibility forms and case folded (NFKC), punctuation gone."""
    if text.isascii():
        return text.lower().translate(_WORD_CHARACTERS).split()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _UNSPACED.sub(r" \1 ", folded.translate(_WORD_CHARACTERS)).split()


def hash_words(words: list[str]) -> "npt.NDArray[np.uint64]":
    """A hash per word, in order."""
    import numpy as np

    if len(_WORD_HASHES) > _KNOWN_WORDS:
        _WORD_HASHES.clear()
    return np.fromiter(map(_WORD_HASHES.__getitem__, words), dtype=np.uint64, count=len(words))


def hash_grams(words: "npt.NDArray[np.uint64]", sizes: frozenset[int]) -> "dict[int, npt.NDArray[np.uint64]]":
    """Size -> hashes of all grams of that many words, in order; sizes above the number of words are left out. words: hashes."""
    import numpy as np

    found: dict[int, npt.NDArray[np.uint64]] = {}
    rolling = words.copy()
    for size in range(1, min(max(sizes, default=0), len(words)) + 1):
        if size > 1:
            rolling = rolling[:-1] * np.uint64(_BASE) + words[size - 1 :]
        if size in sizes:
            mixed = rolling ^ (rolling >> np.uint64(29))  # the high bits into the low ones
            mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
            found[size] = mixed ^ (mixed >> np.uint64(32))
    return found


def evaluation_size(words: int) -> int:
    """Words per gram for an evaluation text of that many words; 0 for one too short to tell."""
    return min(words, GRAM_WORDS) if words >= LEAST_WORDS else 0
