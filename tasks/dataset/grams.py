"""Word n-grams of texts as 64-bit hashes: what training and evaluation texts have in common.

Source: Brown et al., "Language Models are Few-Shot Learners" (arXiv 2005.14165), appendix C: 13-grams of lower-case words
without punctuation; shorter examples by 8 words or more, below which chance collisions prevail. Where the paper takes the
5th percentile of a set's lengths as N, here each text of 8 to 12 words is one gram of its own length: no long text is then
matched by less than 13 words because of short neighbours. Words are those of all stages (tasks/storage/words.py), except that
the underscore, a mark of Markdown, divides words.
"""

from typing import TYPE_CHECKING

from tasks.storage.words import find_words, fold, mix

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

GRAM_WORDS = 13
LEAST_WORDS = 8
_BASE = 0x9E3779B97F4A7C15  # odd 64-bit multiplier of the rolling hash over word hashes


def hash_words(text: str) -> "npt.NDArray[np.uint64]":
    """A hash per word, in order."""
    return find_words(fold(text.replace("_", " "))).hashes


def hash_grams(words: "npt.NDArray[np.uint64]", sizes: frozenset[int]) -> "dict[int, npt.NDArray[np.uint64]]":
    """Size -> hashes of all grams of that many words, in order; sizes above the number of words are left out. words: hashes."""
    import numpy as np

    found: dict[int, npt.NDArray[np.uint64]] = {}
    rolling = words.copy()
    for size in range(1, min(max(sizes, default=0), len(words)) + 1):
        if size > 1:
            rolling = rolling[:-1] * np.uint64(_BASE) + words[size - 1 :]
        if size in sizes:
            found[size] = mix(rolling)
    return found


def evaluation_size(words: int) -> int:
    """Words per gram for an evaluation text of that many words; 0 for one too short to tell."""
    return min(words, GRAM_WORDS) if words >= LEAST_WORDS else 0
