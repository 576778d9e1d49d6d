"""Texts that stand in longer ones, as a mail does in the thread that quotes it.

Candidates share phrases of their samples (FracMinHash: Irber et al., "Lightweight compositional analysis of metagenomes with
FracMinHash and minimum metagenome covers", 2022), and are verified by all their phrases.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tasks.deduplication.candidates import count_neighbours, neighbours, sort_by_key
from tasks.deduplication.fingerprints import LEAST_SAMPLED, SAMPLE_EVERY
from tasks.deduplication.similarity import Similarity
from tasks.deduplication.texts import Fingerprints

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# The share of a sample of six, the mean of the shortest texts, has a standard deviation of 0.12 at 0.9.
ESTIMATE_MARGIN = 0.3
LEAST_SHARED = 2  # sampled phrases
_SAMPLE_BYTES = 64  # that a sampled phrase may need while it is read and sorted
_PAIR_BYTES = 64  # that a pair of texts may need for each phrase they share while these are counted
_AT_ONCE = 2**16  # pairs that are made objects of Python

Contained = tuple[int, int, float]  # inner text, outer text, share


def find_contained(
    fingerprints: Fingerprints, texts: Sequence[int], similarity: Similarity, containment: float, memory_bytes: int
) -> list[Contained]:
    """All verified pairs among these texts: the inner is the one of fewer phrases, or the first of two of the same number."""
    found = []
    for pair in similarity.in_batches(_candidates(_Samples(fingerprints, texts, memory_bytes), containment, memory_bytes)):
        inner, outer = sorted(pair, key=lambda text: (fingerprints.shingles[text], text))
        share = similarity.contained(inner, outer)
        if share >= containment:
            found.append((inner, outer, share))
    return found


def choose_containers(pairs: Sequence[Contained], fingerprints: Fingerprints) -> dict[int, tuple[int, float]]:
    """Inner text -> the text that stays in its place and its share of it: the one that holds most of it, then the first.

    Only a text that stays itself takes the place of another, so the longest are decided first.
    """
    chosen: dict[int, tuple[int, float]] = {}
    longest_first = sorted(pairs, key=lambda pair: (-fingerprints.shingles[pair[0]], -pair[0], -pair[2], pair[1]))
    for inner, outer, share in longest_first:
        if inner not in chosen and outer not in chosen:
            chosen[inner] = (outer, share)
    return chosen


class _Samples:
    """The sampled phrases of texts, sorted, one range of hashes after the other. A single range stays in memory.

    by_length: the texts, the shortest first. A text's place in it is its number here.
    """

    def __init__(self, fingerprints: Fingerprints, texts: Sequence[int], memory_bytes: int) -> None:
        import numpy as np

        long_enough = np.array([text for text in texts if fingerprints.shingles[text] >= LEAST_SAMPLED], dtype=np.int64)
        self.by_length = long_enough[np.lexsort((long_enough, fingerprints.shingles[long_enough]))]
        self._fingerprints = fingerprints
        self._number_of = np.full(len(fingerprints.first_row), -1, dtype=np.int64)
        self._number_of[self.by_length] = np.arange(len(self.by_length))
        expected = int(fingerprints.shingles[self.by_length].sum()) // SAMPLE_EVERY
        self._pieces = 1 + expected * _SAMPLE_BYTES // memory_bytes
        self._whole = self._read(0) if self._pieces == 1 else None

    def pieces(self) -> "Iterator[tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]]":
        """Hashes and numbers of texts, sorted by both."""
        if self._whole:
            yield self._whole
        else:
            yield from map(self._read, range(self._pieces))

    def _read(self, piece: int) -> "tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]":
        limit = 2**64 // SAMPLE_EVERY
        edges = limit * piece // self._pieces, limit * (piece + 1) // self._pieces
        return sort_by_key(*_read_samples(self._fingerprints, self._number_of, *edges))


def _candidates(samples: _Samples, containment: float, memory_bytes: int) -> Iterator[tuple[int, int]]:
    """Pairs of texts that share enough of their samples, sorted, the smaller text first.

    They are counted for some texts at a time, so that phrases which stand in very many texts need no more memory.
    """
    import numpy as np

    count = len(samples.by_length)
    sampled = np.zeros(count, dtype=np.int64)
    shared = np.zeros(count, dtype=np.int64)  # phrases that a text shares with longer ones, each pair counted
    for hashes, numbers in samples.pieces():
        sampled += np.bincount(numbers, minlength=count)
        shared += np.bincount(numbers, weights=count_neighbours(hashes), minlength=count).astype(np.int64)
    needed = np.maximum(LEAST_SHARED, np.ceil((containment - ESTIMATE_MARGIN) * sampled))
    found = [np.zeros((2, 0), dtype=np.int64)]
    for low, high in _blocks(shared, memory_bytes // _PAIR_BYTES):
        codes = [np.zeros(0, dtype=np.int64)]
        for hashes, numbers in samples.pieces():
            places = np.flatnonzero((numbers >= low) & (numbers < high))
            codes += [first * count + second for first, second in neighbours(hashes, numbers, places)]
        pairs, times = np.unique(np.concatenate(codes), return_counts=True)
        likely = pairs[times >= needed[pairs // count]]
        found.append(samples.by_length[np.stack([likely // count, likely % count])])
    both = np.sort(np.concatenate(found, axis=1), axis=0)
    first, second = both[:, np.lexsort((both[1], both[0]))]
    for start in range(0, len(first), _AT_ONCE):
        yield from zip(first[start : start + _AT_ONCE].tolist(), second[start : start + _AT_ONCE].tolist(), strict=True)


def _blocks(sizes: "npt.NDArray[np.int64]", most: int) -> Iterator[tuple[int, int]]:
    """Ranges [low, high) whose sizes sum up to at most `most`; a greater one is alone. Ranges of nothing are left out."""
    import numpy as np

    reached = np.cumsum(sizes)
    low, before = 0, 0
    while low < len(sizes) and before < reached[-1]:
        high = max(int(np.searchsorted(reached, before + most, side="right")), low + 1)
        yield low, high
        low, before = high, int(reached[high - 1])


def _read_samples(
    fingerprints: Fingerprints, number_of: "npt.NDArray[np.int64]", low: int, high: int
) -> "tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]":
    """Sampled phrases within [low, high), of the texts that have a number."""
    import numpy as np

    is_first = np.zeros(len(fingerprints.text_of), dtype=bool)
    is_first[fingerprints.first_row] = True
    hashes = [np.zeros(0, dtype=np.uint64)]
    numbers = [np.zeros(0, dtype=np.int64)]
    for rows, values in fingerprints.lists("sample"):
        of_values = number_of[fingerprints.text_of[rows]]
        wanted = is_first[rows] & (of_values >= 0) & (values >= np.uint64(low)) & (values < np.uint64(high))
        hashes.append(values[wanted])
        numbers.append(of_values[wanted])
    return np.concatenate(hashes), np.concatenate(numbers)
