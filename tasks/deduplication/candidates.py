"""Pairs of texts that may be alike: those that have a key in common."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tasks.deduplication.fingerprints import VALUES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]

# A text is compared with so many of the next ones that have the same key. So a key of thousands of texts costs no more for each
# than another one; copies are still joined, by their neighbours.
WINDOW = 32
# The estimate from 120 values has a standard deviation of at most 0.046, so a pair that far below the threshold is none.
ESTIMATE_MARGIN = 0.2


def pairs_with_same_key(keys: "npt.NDArray[np.uint64]", numbers: "Numbers") -> "Iterator[tuple[Numbers, Numbers]]":
    """Pairs of numbers with the same key, the smaller one first: neighbours, then those two apart, and so on up to WINDOW."""
    import numpy as np

    order = np.lexsort((numbers, keys))
    keys, numbers = keys[order], numbers[order]
    for distance in range(1, WINDOW + 1):
        same = np.flatnonzero(keys[distance:] == keys[:-distance])
        if not len(same):
            return
        yield numbers[same], numbers[same + distance]


def estimate_jaccard(signatures: "npt.NDArray[np.uint8]", first: "Numbers", second: "Numbers") -> "npt.NDArray[np.float64]":
    """Similarity of pairs of rows, from the low bits of their values: one in 256 agrees by chance (Li and Koenig, 2010)."""
    import numpy as np

    agree = np.empty(len(first), dtype=np.float64)
    for start in range(0, len(first), 2**16):
        part = slice(start, start + 2**16)
        agree[part] = np.count_nonzero(signatures[first[part]] == signatures[second[part]], axis=1)
    return (agree / VALUES - 1 / 256) / (1 - 1 / 256)


class PairCounts:
    """How many keys each pair of numbers below `count` has in common, gathered piece by piece."""

    def __init__(self, count: int) -> None:
        import numpy as np

        self._count = count
        self._codes = np.zeros(0, dtype=np.int64)
        self._times = np.zeros(0, dtype=np.int64)

    def add(self, first: "Numbers", second: "Numbers") -> None:
        """One more key for each of these pairs."""
        import numpy as np

        codes = np.concatenate([self._codes, first * self._count + second])
        times = np.concatenate([self._times, np.ones(len(first), dtype=np.int64)])
        self._codes, where = np.unique(codes, return_inverse=True)
        self._times = np.bincount(where, weights=times, minlength=len(self._codes)).astype(np.int64)

    def pairs(self) -> "tuple[Numbers, Numbers, Numbers]":
        """First and second number of each pair, and its keys in common."""
        return self._codes // self._count, self._codes % self._count, self._times
