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

    return neighbours(*sort_by_key(keys, numbers), np.arange(len(keys)))


def sort_by_key(keys: "npt.NDArray[np.uint64]", numbers: "Numbers") -> "tuple[npt.NDArray[np.uint64], Numbers]":
    """Keys and their numbers, sorted by both."""
    import numpy as np

    order = np.lexsort((numbers, keys))
    return keys[order], numbers[order]


def neighbours(keys: "npt.NDArray[np.uint64]", numbers: "Numbers", places: "Numbers") -> "Iterator[tuple[Numbers, Numbers]]":
    """The pairs whose first one is at one of these places, ascending. keys, numbers: of sort_by_key."""
    import numpy as np

    for distance in range(1, WINDOW + 1):
        places = places[: np.searchsorted(places, len(keys) - distance)]
        places = places[keys[places + distance] == keys[places]]
        if not len(places):
            return
        yield numbers[places], numbers[places + distance]


def count_neighbours(keys: "npt.NDArray[np.uint64]") -> "Numbers":
    """Of how many pairs each place is the first one. keys: sorted."""
    import numpy as np

    starts = np.flatnonzero(np.concatenate([np.ones(min(len(keys), 1), dtype=bool), keys[1:] != keys[:-1]]))
    ends = np.append(starts[1:], len(keys)) if len(keys) else starts
    return np.minimum(np.repeat(ends, ends - starts) - np.arange(len(keys)) - 1, WINDOW)


def estimate_jaccard(signatures: "npt.NDArray[np.uint8]", first: "Numbers", second: "Numbers") -> "npt.NDArray[np.float64]":
    """Similarity of pairs of rows, from the low bits of their values: one in 256 agrees by chance (Li and Koenig, 2010)."""
    import numpy as np

    agree = np.empty(len(first), dtype=np.float64)
    for start in range(0, len(first), 2**16):
        part = slice(start, start + 2**16)
        agree[part] = np.count_nonzero(signatures[first[part]] == signatures[second[part]], axis=1)
    return (agree / VALUES - 1 / 256) / (1 - 1 / 256)
