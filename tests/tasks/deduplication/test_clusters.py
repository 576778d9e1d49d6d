"""Candidates and union-find."""

import itertools
import math
import random
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tasks.deduplication.candidates import WINDOW, count_neighbours, estimate_jaccard, pairs_with_same_key, sort_by_key
from tasks.deduplication.clusters import DisjointSets
from tasks.deduplication.containment import _candidates, choose_containers
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


@given(st.lists(st.integers(0, 5), max_size=80).map(sorted))
def test_the_pairs_of_each_place_are_known_beforehand(keys: list[int]) -> None:
    pieces = pairs_with_same_key(np.array(keys, dtype=np.uint64), np.arange(len(keys)))
    firsts = [number for first, _ in pieces for number in first.tolist()]
    assert count_neighbours(np.array(keys, dtype=np.uint64)).tolist() == [firsts.count(place) for place in range(len(keys))]


class _Sampled:
    """Sampled phrases of texts, as _candidates asks for them: in two pieces."""

    def __init__(self, phrases: list[list[int]]) -> None:
        self.by_length = np.arange(len(phrases))[::-1] + 100
        self._numbers = np.repeat(np.arange(len(phrases)), [len(of_text) for of_text in phrases])
        self._keys = np.array([phrase for of_text in phrases for phrase in of_text], dtype=np.uint64)

    def pieces(self) -> Iterator[Any]:
        for rest in (0, 1):
            there = self._keys % 2 == rest
            yield sort_by_key(self._keys[there], self._numbers[there])


@given(st.lists(st.sets(st.integers(0, 20)).map(sorted), max_size=20), st.sampled_from([1, 256, 1024, 2**20]))
def test_candidates_share_enough_phrases_however_little_memory_there_is(phrases: list[list[int]], memory: int) -> None:
    expected = {
        (100 + len(phrases) - 1 - other, 100 + len(phrases) - 1 - one)
        for one, other in itertools.combinations(range(len(phrases)), 2)
        if len(set(phrases[one]) & set(phrases[other])) >= max(2, math.ceil((0.9 - 0.3) * len(phrases[one])))
    }
    assert list(_candidates(_Sampled(phrases), 0.9, memory)) == sorted(expected)  # type: ignore[arg-type]


def test_memory_for_candidates_does_not_grow_with_phrases_that_are_common() -> None:
    chooser = np.random.default_rng(0)
    samples = _Sampled([chooser.choice(600, 60, replace=False).tolist() for _ in range(2000)])  # 3.7 million pairs
    tracemalloc.start()
    assert list(_candidates(samples, 0.9, 2**22)) == []  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**24


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
