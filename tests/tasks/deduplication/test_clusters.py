"""Candidates and union-find."""

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.deduplication.candidates import WINDOW, PairCounts, estimate_jaccard, pairs_with_same_key
from tasks.deduplication.clusters import DisjointSets
from tasks.deduplication.containment import choose_containers
from tasks.deduplication.fingerprints import VALUES
from tasks.deduplication.texts import Fingerprints


@given(st.lists(st.integers(0, 3), max_size=12), st.randoms())
def test_pairs_are_those_with_the_same_key(keys: list[int], shuffle: random.Random) -> None:
    order = list(range(len(keys)))
    shuffle.shuffle(order)
    pieces = pairs_with_same_key(np.array([keys[each] for each in order], dtype=np.uint64), np.array(order, dtype=np.int64))
    found = sorted(pair for first, second in pieces for pair in zip(first.tolist(), second.tolist(), strict=True))
    assert found == [(one, other) for one in range(len(keys)) for other in range(one + 1, len(keys)) if keys[one] == keys[other]]


def test_a_key_of_thousands_costs_a_window_each() -> None:
    pieces = list(pairs_with_same_key(np.zeros(1000, dtype=np.uint64), np.arange(1000)))
    assert len(pieces) == WINDOW
    assert sum(len(first) for first, _ in pieces) < 1000 * WINDOW


def test_keys_in_common_are_counted_over_all_pieces() -> None:
    counts = PairCounts(10)
    for first, second in (([0, 1], [2, 3]), ([0], [2]), ([], [])):
        counts.add(np.array(first, dtype=np.int64), np.array(second, dtype=np.int64))
    assert [values.tolist() for values in counts.pairs()] == [[0, 1], [2, 3], [2, 1]]


def test_estimate_of_similarity() -> None:
    signatures = np.zeros((3, VALUES), dtype=np.uint8)
    signatures[1, : VALUES // 2] = 1
    signatures[2] = 2
    first, second = np.array([0, 0, 0]), np.array([0, 1, 2])
    assert np.allclose(estimate_jaccard(signatures, first, second), [1.0, 0.5, 0.0], atol=0.005)


@given(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11))))
def test_sets_are_the_connected_components(edges: set[tuple[int, int]]) -> None:
    sets = DisjointSets(12)
    expected = list(range(12))
    for first, second in edges:
        sets.join(first, second)
        low, high = sorted((expected[first], expected[second]))
        expected = [low if each == high else each for each in expected]
    assert sets.roots().tolist() == expected
    assert sets.sets() == {
        root: [item for item in range(12) if expected[item] == root] for root in set(expected) if expected.count(root) > 1
    }


def test_only_a_text_that_stays_takes_the_place_of_another() -> None:
    shingles = np.array([60, 100, 400, 500])
    none = np.zeros(0, dtype=np.int64)
    texts = Fingerprints((), None, none, none, shingles, none)
    pairs = [(0, 1, 1.0), (0, 2, 0.95), (0, 3, 0.92), (1, 2, 0.9)]
    assert choose_containers(pairs, texts) == {1: (2, 0.9), 0: (2, 0.95)}
    assert choose_containers([(0, 1, 1.0), (1, 2, 0.9)], texts) == {1: (2, 0.9)}
