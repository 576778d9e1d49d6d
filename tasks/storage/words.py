"""The words of a text as all stages compare them, and their hashes: the same in every process and on every machine.

Letters are compared in their compatibility forms and case folded (Unicode NFKC, UAX #15), punctuation is gone. All words are
hashed at once: a polynomial over the code points of each, from one running sum of the text (Karp and Rabin, 1987).
"""

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 2**64)

# Scripts without spaces between words: every letter is a word for comparing. How many of them say as much as one word of a
# spaced script, by ranges: in the translations that Django 5.2 ships of its English messages, one English word has 1.5 letters
# of Chinese, 2.6 of Japanese (kana and Han), 4.4 of Thai, 4.4 of Khmer, 5.0 of Burmese.
_UNSPACED = (
    *((0x0E00, 0x0EFF, 4), (0x1000, 0x109F, 4), (0x1780, 0x17FF, 4)),  # Thai and Lao, Burmese, Khmer
    (0x3040, 0x30FF, 3),  # kana
    *((0x3400, 0x4DBF, 2), (0x4E00, 0x9FFF, 2), (0xF900, 0xFAFF, 2), (0x20000, 0x3FFFF, 2)),  # Han
)
WEIGHT = 12  # of a word of a spaced script; a letter of another one has its share of it
_DIVIDER, _WORD, _ALONE = 0, 1, 2  # what a character is: between words, part of one, one by itself
_SPACE = 0x20


@dataclass(frozen=True)
class Words:
    """codes: code points of the folded text. starts, ends: span of each word in them. hashes: 64 bits of each word."""

    codes: "npt.NDArray[np.unsignedinteger]"
    starts: "npt.NDArray[np.int64]"
    ends: "npt.NDArray[np.int64]"
    hashes: "npt.NDArray[np.uint64]"

    def weights(self) -> "npt.NDArray[np.int64]":
        """How much each word says, in parts of WEIGHT: a letter of a script without spaces is less than a word."""
        import numpy as np

        if self.codes.dtype == np.uint8:
            return np.full(len(self.starts), WEIGHT, dtype=np.int64)
        weights: npt.NDArray[np.int64] = _weights()[self.codes[self.starts]]
        return weights

    def joined(self) -> bytes:
        """The words with a space between each two, in UTF-8."""
        import numpy as np

        if not len(self.starts):
            return b""
        lengths = self.ends - self.starts
        firsts = np.cumsum(lengths + 1) - (lengths + 1)  # where each word begins in the result
        characters = np.full(int(firsts[-1] + lengths[-1]), _SPACE, dtype=self.codes.dtype)
        within = np.arange(len(characters)) - np.repeat(firsts, np.append(lengths[:-1] + 1, lengths[-1]))
        of_word = np.repeat(np.arange(len(lengths)), np.append(lengths[:-1] + 1, lengths[-1]))
        letters = within < lengths[of_word]
        characters[letters] = self.codes[(self.starts[of_word] + within)[letters]]
        if characters.dtype == np.uint8:
            return characters.tobytes()
        return characters.tobytes().decode("utf-32-le", "surrogatepass").encode("utf-8", "surrogatepass")


def fold(text: str) -> str:
    """The text in compatibility forms and case folded. A line break stays one."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def words_of(text: str) -> list[str]:
    """The words that count for comparing."""
    joined = find_words(fold(text)).joined()
    return joined.decode("utf-8", "surrogatepass").split(" ") if joined else []


def find_words(folded: str) -> Words:
    """All words of a folded text."""
    import numpy as np

    codes: npt.NDArray[np.unsignedinteger]
    if folded.isascii():
        codes = np.frombuffer(folded.encode("ascii"), dtype=np.uint8)
    else:
        codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    kinds = _kinds()[codes]
    before = np.concatenate([np.zeros(1, dtype=np.uint8), kinds[:-1]])
    after = np.concatenate([kinds[1:], np.zeros(1, dtype=np.uint8)])
    starts = np.flatnonzero((kinds == _ALONE) | ((kinds == _WORD) & (before != _WORD)))
    ends = np.flatnonzero((kinds == _ALONE) | ((kinds == _WORD) & (after != _WORD))) + 1
    return Words(codes, starts, ends, mix(hash_spans(codes, starts, ends)))


def hash_spans(
    values: "npt.NDArray[np.unsignedinteger]", starts: "npt.NDArray[np.int64]", ends: "npt.NDArray[np.int64]"
) -> "npt.NDArray[np.uint64]":
    """A 64-bit polynomial of the values in each span."""
    import numpy as np

    powers = np.full(len(values) + 1, _BASE, dtype=np.uint64)
    powers[0] = 1
    sums = np.zeros(len(values) + 1, dtype=np.uint64)
    powers = np.multiply.accumulate(powers)
    np.cumsum(powers[:-1] * values.astype(np.uint64), out=sums[1:])
    inverses = np.full(len(values) + 1, _INVERSE, dtype=np.uint64)
    inverses[0] = 1
    inverses = np.multiply.accumulate(inverses)
    hashes: npt.NDArray[np.uint64] = (sums[ends] - sums[starts]) * inverses[starts]
    return hashes


def mix(hashes: "npt.NDArray[np.uint64]") -> "npt.NDArray[np.uint64]":
    """The hashes with every bit depending on all (finalizer of SplitMix64: Steele, Lea and Flood, 2014)."""
    import numpy as np

    mixed = hashes ^ (hashes >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


@functools.cache
def _kinds() -> "npt.NDArray[np.uint8]":
    """What each code point is. Marks are part of words: they carry the vowels of Indic scripts; so is the underscore."""
    import numpy as np

    word = re.compile(r"[LMN]")
    kinds = np.fromiter(
        (_WORD if word.match(unicodedata.category(chr(code))) else _DIVIDER for code in range(0x110000)), np.uint8, 0x110000
    )
    kinds[ord("_")] = _WORD
    for first, last, _ in _UNSPACED:
        kinds[first : last + 1] = np.where(kinds[first : last + 1] == _WORD, _ALONE, kinds[first : last + 1])
    return kinds


@functools.cache
def _weights() -> "npt.NDArray[np.int64]":
    """The weight of a word that begins with each code point."""
    import numpy as np

    weights = np.full(0x110000, WEIGHT, dtype=np.int64)
    for first, last, letters in _UNSPACED:
        weights[first : last + 1] = WEIGHT // letters
    return weights
