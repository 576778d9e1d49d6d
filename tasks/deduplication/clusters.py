"""Clusters of copies: candidates from bands of MinHash values, verified by exact similarity, joined by union-find.

The result depends on the set of texts alone, not on the order of the inputs: everything is worked in the order of
(document_id, part), and a cluster is a connected component of the pairs whose similarity reaches the threshold.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.deduplication.fingerprints import BANDS, ROWS, VALUES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# The estimate from 112 values has a standard deviation of at most 0.047, so a pair that far below the threshold is none.
ESTIMATE_MARGIN = 0.2


@dataclass(frozen=True)
class Text:
    """A kept document part as clustering sees it. score: of quality; None counts as the lowest."""

    document_id: str
    part: int
    text_sha256: str
    score: float | None

    @property
    def key(self) -> tuple[str, int]:
        """What identifies it."""
        return self.document_id, self.part


class DisjointSets:
    """Union-find over 0..n-1; the root of a set is its smallest member."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def find(self, item: int) -> int:
        """The root of the item's set."""
        root = item
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[item] != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def join(self, first: int, second: int) -> None:
        """Make the sets of both one."""
        low, high = sorted((self.find(first), self.find(second)))
        self._parent[high] = low

    def sets(self) -> list[list[int]]:
        """All sets, each sorted, in the order of their roots."""
        members: defaultdict[int, list[int]] = defaultdict(list)
        for item in range(len(self._parent)):
            members[self.find(item)].append(item)
        return list(members.values())


def join_exact(texts: Sequence[Text], sets: DisjointSets) -> list[int]:
    """Join texts with the same words; returns the first of each group, in order."""
    first: dict[str, int] = {}
    for index, text in enumerate(texts):
        sets.join(first.setdefault(text.text_sha256, index), index)
    return list(first.values())


def find_buckets(signatures: "npt.NDArray[np.uint32]") -> Iterator[list[int]]:
    """Groups of two or more rows whose values agree in a whole band, band by band. signatures: one row of VALUES per text."""
    import numpy as np

    for band in range(BANDS):
        rows = np.ascontiguousarray(signatures[:, band * ROWS : (band + 1) * ROWS])
        keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * ROWS))).ravel()
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        order = np.argsort(inverse, kind="stable")
        ends = np.cumsum(counts)
        for value in np.flatnonzero(counts > 1):
            yield order[ends[value] - counts[value] : ends[value]].tolist()


def join_near(buckets: Iterable[Sequence[int]], sets: DisjointSets, are_copies: Callable[[int, int], bool]) -> None:
    """Join the members of each bucket that are copies of each other. Pairs that are in one set already are not compared again,
    so a bucket of equals costs one comparison per member."""
    refused: set[tuple[int, int]] = set()
    for bucket in buckets:
        groups: dict[int, list[int]] = {}  # root -> members of the bucket that were looked at, all in one set
        for member in bucket:
            for root in list(groups):
                if sets.find(root) == sets.find(member):
                    continue
                for other in groups[root]:
                    pair = (other, member)
                    if pair in refused:
                        continue
                    if are_copies(*pair):
                        sets.join(*pair)
                        break
                    refused.add(pair)
            groups = _regroup(groups, member, sets)


def _regroup(groups: dict[int, list[int]], member: int, sets: DisjointSets) -> dict[int, list[int]]:
    regrouped: dict[int, list[int]] = {}
    for root, members in groups.items():
        regrouped.setdefault(sets.find(root), []).extend(members)
    regrouped.setdefault(sets.find(member), []).append(member)
    return regrouped


def estimate_similarity(signatures: "npt.NDArray[np.uint32]", first: int, second: int) -> float:
    """Share of the MinHash values that two rows have in common: an estimate of their similarity."""
    return int((signatures[first] == signatures[second]).sum()) / VALUES


def rank_members(texts: Sequence[Text], members: Sequence[int]) -> list[int]:
    """Members in the order in which they may stay: the best score, then the smallest document_id, then the smallest part."""
    return sorted(members, key=lambda index: (-(-1.0 if (score := texts[index].score) is None else score), *texts[index].key))
