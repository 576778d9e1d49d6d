"""Texts that stand in longer ones, as a mail does in the thread that quotes it.

Candidates share phrases of their samples (FracMinHash: Irber et al., "Lightweight compositional analysis of metagenomes with
FracMinHash and minimum metagenome covers", 2022), and are verified by all their phrases.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasks.deduplication.candidates import PairCounts, pairs_with_same_key
from tasks.deduplication.fingerprints import LEAST_SAMPLED, SAMPLE_EVERY
from tasks.deduplication.similarity import Similarity
from tasks.deduplication.texts import Fingerprints

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# The share of a sample of six, the mean of the shortest texts, has a standard deviation of 0.12 at 0.9.
ESTIMATE_MARGIN = 0.3
LEAST_SHARED = 2  # sampled phrases
_PAIR_BYTES = 512  # that a sampled phrase may need while pairs are counted

Contained = tuple[int, int, float]  # inner text, outer text, share


def find_contained(
    fingerprints: Fingerprints, texts: Sequence[int], similarity: Similarity, containment: float, memory_bytes: int
) -> list[Contained]:
    """All verified pairs among these texts: the inner is the one of fewer phrases, or the first of two of the same number."""
    pairs = _candidates(fingerprints, texts, containment, memory_bytes)
    similarity.prepare([(min(pair), max(pair)) for pair in pairs])
    shares = ((inner, outer, similarity.contained(inner, outer)) for inner, outer in pairs)
    return [(inner, outer, share) for inner, outer, share in shares if share >= containment]


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


def _candidates(fingerprints: Fingerprints, texts: Sequence[int], containment: float, memory_bytes: int) -> list[tuple[int, int]]:
    import numpy as np

    long_enough = np.array([text for text in texts if fingerprints.shingles[text] >= LEAST_SAMPLED], dtype=np.int64)
    by_length = long_enough[np.lexsort((long_enough, fingerprints.shingles[long_enough]))]  # a shorter text has a smaller number
    number_of = np.full(len(fingerprints.first_row), -1, dtype=np.int64)
    number_of[by_length] = np.arange(len(by_length))
    counts = PairCounts(len(by_length))
    sampled = np.zeros(len(by_length), dtype=np.int64)
    expected = int(fingerprints.shingles[by_length].sum()) // SAMPLE_EVERY
    pieces = 1 + expected * _PAIR_BYTES // memory_bytes
    limit = 2**64 // SAMPLE_EVERY
    for piece in range(pieces):
        hashes, numbers = _read_samples(fingerprints, number_of, limit * piece // pieces, limit * (piece + 1) // pieces)
        sampled += np.bincount(numbers, minlength=len(by_length))
        for first, second in pairs_with_same_key(hashes, numbers):
            counts.add(first, second)
    first, second, times = counts.pairs()
    needed = np.maximum(LEAST_SHARED, np.ceil((containment - ESTIMATE_MARGIN) * sampled[first]))
    likely = times >= needed
    return sorted(zip(by_length[first[likely]].tolist(), by_length[second[likely]].tolist(), strict=True))


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
