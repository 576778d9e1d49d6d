"""Candidates, union-find and survivors."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.deduplication.clusters import DisjointSets, Text, find_buckets, join_exact, join_near, rank_members
from tasks.deduplication.fingerprints import BANDS, ROWS, VALUES


def text(document_id: str, score: float | None, part: int = 0, digest: str = "x") -> Text:
    return Text(document_id, part, digest, score)


def test_survivor_is_the_best_then_the_smallest() -> None:
    texts = [text("c", 0.5), text("b", 0.9), text("a", 0.9, part=1), text("a", 0.9), text("0", None)]
    assert rank_members(texts, range(5))[0] == 3
    assert rank_members(texts, [0, 1]) == [1, 0]
    assert rank_members(texts, [0, 4]) == [0, 4]


def test_exact_groups() -> None:
    texts = [text("a", 1, digest="x"), text("b", 1, digest="y"), text("c", 1, digest="x")]
    sets = DisjointSets(3)
    assert join_exact(texts, sets) == [0, 1]
    assert sets.sets() == [[0, 2], [1]]


def test_buckets_are_rows_that_agree_in_a_whole_band() -> None:
    signatures = np.arange(3 * VALUES, dtype=np.uint32).reshape(3, VALUES)
    signatures[2, ROWS : 2 * ROWS] = signatures[0, ROWS : 2 * ROWS]
    signatures[1, 2 * ROWS : 3 * ROWS - 1] = signatures[0, 2 * ROWS : 3 * ROWS - 1]  # all but one value of a band
    assert list(find_buckets(signatures)) == [[0, 2]]
    assert len(list(find_buckets(np.zeros((2, VALUES), dtype=np.uint32)))) == BANDS
    assert list(find_buckets(np.zeros((0, VALUES), dtype=np.uint32))) == []


def test_a_bucket_of_equals_costs_one_comparison_each() -> None:
    compared = []
    sets = DisjointSets(100)
    join_near([list(range(100))] * 3, sets, lambda first, second: compared.append((first, second)) is None)
    assert len(compared) == 99
    assert len(sets.sets()) == 1


def test_a_refused_pair_is_not_compared_again() -> None:
    compared = []
    join_near([[0, 1]] * 5, DisjointSets(2), lambda first, second: bool(compared.append((first, second))))
    assert compared == [(0, 1)]


@settings(max_examples=50, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11))), st.randoms())
def test_clusters_are_the_connected_components(edges: set[tuple[int, int]], shuffle: random.Random) -> None:
    copies = {frozenset(edge) for edge in edges}
    buckets = [[*range(12)], [0, 5, 7], [3, 4]]
    shuffle.shuffle(buckets)
    found = DisjointSets(12)
    join_near(buckets, found, lambda first, second: frozenset((first, second)) in copies)
    expected = DisjointSets(12)
    for first, second in edges:
        expected.join(first, second)
    assert found.sets() == expected.sets()
