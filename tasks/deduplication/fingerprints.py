"""What a text is compared by: its digest, MinHash bands and a sample of its phrases. Runs in a worker.

Sources: Broder, "On the resemblance and containment of documents" (1997); bands: Leskovec, Rajaraman and Ullman, "Mining of
Massive Datasets", sec. 3.4; low bits of the values: Li and Koenig, "b-Bit Minwise Hashing" (2010); sample: FracMinHash, Irber et
al. (2022).
Twenty bands of six values: a pair with similarity 0.8 meets in a band with probability 0.998, 0.7 with 0.92, 0.3 with 0.014.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.storage.paragraphs import distinct_digests
from tasks.storage.schemas import BANDS
from tasks.storage.words import Words, find_words, fold, mix

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SHINGLE_WORDS = 5
ROWS = 6
VALUES = len(BANDS) * ROWS  # MinHash values of a signature
SEED = 42
SAMPLE_EVERY = 8  # one in so many phrases is in the sample
LEAST_SAMPLED = 50  # a text of fewer phrases has no sample: chance decides too much in it, and a phrase list is in many texts
_BASE = 0x9E3779B97F4A7C15  # odd 64-bit multiplier of the rolling hash over word hashes


@dataclass(frozen=True)
class Fingerprint:
    """text_sha256: of the folded text (storage/words.py) with a space for any white space, hex. shingles: distinct phrases.
    bands: a key of each band; empty for fewer than SHINGLE_WORDS words. signature: the low 8 bits of VALUES MinHash values.
    sample: phrase hashes below 2**64 / SAMPLE_EVERY. paragraphs: distinct digests of paragraphs."""

    text_sha256: str
    shingles: int
    bands: list[int]
    signature: bytes
    sample: list[int]
    paragraphs: list[int]


def shingle_hashes(text: str) -> "npt.NDArray[np.uint64]":
    """64-bit hashes of the distinct phrases of SHINGLE_WORDS words, sorted; the same in every process and on every machine."""
    return _shingles_of(find_words(fold(text)))


def _shingles_of(words: Words) -> "npt.NDArray[np.uint64]":
    import numpy as np

    count = max(0, len(words.hashes) - SHINGLE_WORDS + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(SHINGLE_WORDS):
        hashes *= np.uint64(_BASE)
        hashes += words.hashes[offset : offset + count]
    return np.unique(mix(hashes))


def fingerprint_text(text: str) -> Fingerprint:
    """The fingerprint of a text. Words are what is compared; what is the same has the same signs between them too."""
    import numpy as np

    folded = fold(text)
    words = find_words(folded)
    hashes = _shingles_of(words)
    values = _minhash(hashes)
    limit = 2**64 // SAMPLE_EVERY if len(hashes) >= LEAST_SAMPLED else 0
    return Fingerprint(
        text_sha256=hashlib.sha256(" ".join(folded.split()).encode("utf-8", "surrogatepass")).hexdigest(),
        shingles=len(hashes),
        bands=_band_keys(values).tolist(),
        signature=(values & np.uint64(0xFF)).astype(np.uint8).tobytes(),
        sample=hashes[: np.searchsorted(hashes, np.uint64(limit))].tolist(),
        paragraphs=distinct_digests(folded, words).tolist(),
    )


def _minhash(hashes: "npt.NDArray[np.uint64]") -> "npt.NDArray[np.uint64]":
    import numpy as np
    from rensa import RMinHash

    if not len(hashes):
        return np.zeros(0, dtype=np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, [0, len(hashes)], VALUES, SEED)
    return np.array(matrix.to_rows()[0], dtype=np.uint64)


def _band_keys(values: "npt.NDArray[np.uint64]") -> "npt.NDArray[np.uint64]":
    """One key for the ROWS values of each band."""
    import numpy as np

    bands = values.reshape(-1, ROWS)
    keys = np.zeros(len(bands), dtype=np.uint64)
    for row in range(ROWS):
        keys = mix(keys * np.uint64(_BASE) + bands[:, row])
    return keys


def count_shared(first: "npt.NDArray[np.uint64]", second: "npt.NDArray[np.uint64]") -> int:
    """How many phrases two texts share. first, second: sorted and distinct."""
    import numpy as np

    together = np.concatenate([first, second])
    together.sort(kind="stable")  # two sorted runs: one merge
    return int(np.count_nonzero(together[1:] == together[:-1]))
