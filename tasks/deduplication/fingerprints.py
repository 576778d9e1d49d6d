"""What a text is compared by: the digest of its words, and MinHash values of its phrases of five words. Runs in a worker.

Source: Broder, "On the resemblance and containment of documents" (1997). Five-word phrases, 14 bands of 8 values, as in
FineWeb (arXiv 2406.17557): a pair with similarity 0.8 meets in a band with probability 0.92, one with 0.6 with 0.21.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SHINGLE_WORDS = 5
BANDS = 14
ROWS = 8
VALUES = BANDS * ROWS  # MinHash values of a signature
SEED = 42
_BASE = 0x9E3779B97F4A7C15  # odd 64-bit multiplier of the rolling hash over word hashes

# Scripts without spaces between words: every letter is a word.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)


class _WordCharacters(dict[int, str]):
    """Table for `str.translate`: letters, numbers, their marks and the underscore stay, all else divides words.

    The expression `\\w` would do but for marks, which carry the vowels of Indic scripts.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_word = character == "_" or unicodedata.category(character)[0] in "LMN"
        self[code] = character if is_word else " "
        return self[code]


_WORD_CHARACTERS = _WordCharacters()


@dataclass(frozen=True)
class Fingerprint:
    """text_sha256: of the text reduced to words, hex. signature: VALUES MinHash values; empty for fewer than SHINGLE_WORDS words.
    shingles: distinct phrases."""

    text_sha256: str
    signature: list[int]
    shingles: int


def words_of(text: str) -> list[str]:
    """The words that count for comparing: compatibility forms and case folded (NFKC), punctuation gone."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = folded.translate(_WORD_CHARACTERS)
    return (plain if plain.isascii() else _UNSPACED.sub(r" \1 ", plain)).split()


def shingle_hashes(text: str) -> "npt.NDArray[np.uint64]":
    """64-bit hashes of the distinct phrases of SHINGLE_WORDS words, sorted; the same in every process and on every machine."""
    return _hashes_of_words(words_of(text))


def _hashes_of_words(words: list[str]) -> "npt.NDArray[np.uint64]":
    import numpy as np

    if len(words) < SHINGLE_WORDS:
        return np.zeros(0, dtype=np.uint64)
    known: dict[str, int] = {}
    for word in words:
        if word not in known:
            known[word] = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
    of_words = np.fromiter((known[word] for word in words), dtype=np.uint64, count=len(words))
    count = len(words) - SHINGLE_WORDS + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(SHINGLE_WORDS):
        hashes *= np.uint64(_BASE)
        hashes += of_words[offset : offset + count]
    hashes ^= hashes >> np.uint64(29)  # mix the high bits into the low ones
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(32)
    return np.unique(hashes)


def fingerprint_text(text: str) -> Fingerprint:
    """The fingerprint of a text. A text without words is compared as it is."""
    from rensa import RMinHash

    words = words_of(text)
    basis = " ".join(words) if words else "\0" + text
    hashes = _hashes_of_words(words)
    signature: list[int] = []
    if len(hashes):
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, [0, len(hashes)], VALUES, SEED)
        signature = [int(value) for value in matrix.to_rows()[0]]
    return Fingerprint(hashlib.sha256(basis.encode()).hexdigest(), signature, len(hashes))


def jaccard(first: "npt.NDArray[np.uint64]", second: "npt.NDArray[np.uint64]") -> float:
    """Share of the phrases of either text that both have; 0 when there are none."""
    import numpy as np

    together = np.concatenate([first, second])
    if not len(together):
        return 0.0
    together.sort(kind="stable")  # two sorted runs: one merge
    shared = int(np.count_nonzero(together[1:] == together[:-1]))
    return shared / (len(together) - shared)
