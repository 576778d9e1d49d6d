"""Clusters of copies: candidates from MinHash bands, verified by exact similarity, joined by union-find.

The result depends on the set of texts alone, not on the order of the inputs nor on what was compared before.
"""

from collections import defaultdict
from typing import TYPE_CHECKING

from tasks.deduplication.candidates import ESTIMATE_MARGIN, estimate_jaccard, pairs_with_same_key
from tasks.deduplication.fingerprints import VALUES
from tasks.deduplication.similarity import Similarity
from tasks.deduplication.texts import Fingerprints
from tasks.storage.schemas import BANDS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class DisjointSets:
    """Union-find over 0..n-1; the root of a set is its smallest member."""

    def __init__(self, count: int) -> None:
        import numpy as np

        self._parent = np.arange(count, dtype=np.int64)

    def find(self, item: int) -> int:
        """The root of the item's set."""
        root = item
        while self._parent[root] != root:
            root = int(self._parent[root])
        while self._parent[item] != root:
            self._parent[item], item = root, int(self._parent[item])
        return root

    def join(self, first: int, second: int) -> None:
        """Make the sets of both one."""
        low, high = sorted((self.find(first), self.find(second)))
        self._parent[high] = low

    def roots(self) -> "npt.NDArray[np.int64]":
        """The root of every item."""
        import numpy as np

        while not np.array_equal(above := self._parent[self._parent], self._parent):
            self._parent = above
        return self._parent.copy()

    def sets(self) -> dict[int, list[int]]:
        """Root -> members, sorted, of the sets of two or more."""
        import numpy as np

        roots = self.roots()
        members: defaultdict[int, list[int]] = defaultdict(list)
        for item in np.flatnonzero(np.bincount(roots, minlength=len(roots))[roots] > 1).tolist():
            members[int(roots[item])].append(item)
        return dict(members)


def read_signatures(fingerprints: Fingerprints) -> "npt.NDArray[np.uint8]":
    """VALUES low bits of the MinHash values of each text; zeros for one without phrases."""
    import numpy as np

    signatures = np.zeros((len(fingerprints.first_row), VALUES), dtype=np.uint8)
    column = fingerprints.column("signature")
    signatures[fingerprints.shingles > 0] = np.frombuffer(
        b"".join(value for value in column.to_pylist() if value), dtype=np.uint8
    ).reshape(-1, VALUES)
    return signatures


def join_near(
    fingerprints: Fingerprints, signatures: "npt.NDArray[np.uint8]", sets: DisjointSets, similarity: Similarity, threshold: float
) -> None:
    """Join the texts that are copies of each other. One band is in memory at a time."""
    import numpy as np

    with_phrases = np.flatnonzero(fingerprints.shingles > 0)
    for band in BANDS:
        keys = fingerprints.column(f"bands.{band}").take(with_phrases).to_numpy()
        for all_first, all_second in pairs_with_same_key(keys, with_phrases):
            roots = sets.roots()
            apart = roots[all_first] != roots[all_second]
            first, second = all_first[apart], all_second[apart]
            likely = estimate_jaccard(signatures, first, second) >= threshold - ESTIMATE_MARGIN
            pairs = list(zip(first[likely].tolist(), second[likely].tolist(), strict=True))
            for one, other in similarity.in_batches(sorted(pairs)):
                if sets.find(one) != sets.find(other) and similarity.jaccard(one, other) >= threshold:
                    sets.join(one, other)
