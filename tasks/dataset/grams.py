"""Word n-grams of texts as 64-bit hashes: what training and evaluation texts have in common.

Source: Brown et al., "Language Models are Few-Shot Learners" (arXiv 2005.14165), appendix C: 13-grams of lower-case words
without punctuation; shorter examples by 8 words or more, below which chance collisions prevail. Where the paper takes the
5th percentile of a set's lengths as N, here each text of 8 to 12 words is one gram of its own length: no long text is then
matched by less than 13 words because of short neighbours. Words are those of all stages (tasks/storage/words.py), except that
the underscore, a mark of Markdown, divides words. In scripts without spaces a gram has as many letters as say the same: 26 of
Chinese, 39 of kana, 52 of Thai for 13 words (Words.weights).

Masked texts are compared a second time without their placeholders, as evaluation texts are without what may have been masked.
"""

import re
from typing import TYPE_CHECKING, NamedTuple

from tasks.storage.words import WEIGHT, Words, fold, hash_spans, mix

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

GRAM_WORDS = 13
LEAST_WORDS = 8
# What masking leaves (tasks/privacy): [EMAIL], [PHONE_2].
_PLACEHOLDER = re.compile(r"\[(?:SECRET|IBAN|CARD|NATIONAL_ID|EMAIL|IP|PHONE)(?:_[0-9]+)?\]")
# And what it may have taken: addresses of mail, and words with digits, of which telephone numbers, accounts and tokens are made.
_MASKABLE = re.compile(_PLACEHOLDER.pattern + r"|[^\s<>()\[\]\"',;:]{1,64}@[\w.-]{1,253}|\b\w*[0-9]\w*\b")


class Grams(NamedTuple):
    """hashes: of the grams in order; gram i begins at word i. ends: number of the word after each gram's last."""

    hashes: "npt.NDArray[np.uint64]"
    ends: "npt.NDArray[np.int64]"


def prepare(text: str) -> str:
    """The text whose words are compared."""
    return fold(text.replace("_", " "))


def has_placeholder(text: str) -> bool:
    """Whether something was masked in a text."""
    return bool(_PLACEHOLDER.search(text))


def without_maskable(text: str) -> str:
    """A text without placeholders, and without what other texts may have placeholders for."""
    return _MASKABLE.sub(" ", text)


def find_grams(words: Words, sizes: frozenset[int]) -> dict[int, Grams]:
    """Size -> all grams of that many words; sizes that the text does not reach are left out."""
    import numpy as np

    reached = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(words.weights())])
    found: dict[int, Grams] = {}
    for size in sorted(sizes):
        ends = np.searchsorted(reached, reached[:-1] + size * WEIGHT)
        ends = ends[: np.searchsorted(ends, len(reached))]
        if len(ends):
            found[size] = Grams(mix(hash_spans(words.hashes, np.arange(len(ends)), ends)), ends)
    return found


def evaluation_size(words: Words) -> int:
    """Words per gram for an evaluation text; 0 for one too short to tell."""
    size = int(words.weights().sum()) // WEIGHT
    return min(size, GRAM_WORDS) if size >= LEAST_WORDS else 0
