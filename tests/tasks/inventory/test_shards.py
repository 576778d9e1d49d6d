"""Shards: borders depend on content alone, and little moves when little changes."""

import hashlib
import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.inventory.shards import ShardDocument, ShardLimits, plan_shards

# Small numbers show in small collections what 64 shows in large ones; the oversize cut is tested apart.
LIMITS = ShardLimits(target=8, maximum_documents=10**6, maximum_bytes=10**12)

folders = st.tuples(st.integers(0, 200), st.integers(0, 10**6))


def make_documents(count: int, seed: int, size: int = 1000) -> list[ShardDocument]:
    return [
        ShardDocument(hashlib.sha256(f"{seed}/{number}".encode()).hexdigest(), f"/docs/{number:05}", number * 10, size)
        for number in range(count)
    ]


def ids_of(shards: list[list[ShardDocument]]) -> set[tuple[str, ...]]:
    return {tuple(document.document_id for document in shard) for shard in shards}


@settings(max_examples=200, deadline=None)
@given(folder=folders, order=st.randoms(use_true_random=False))
def test_every_document_is_in_one_shard_whatever_the_order_of_listing(folder: tuple[int, int], order: random.Random) -> None:
    documents = make_documents(*folder)
    shuffled = documents[:]
    order.shuffle(shuffled)
    shards = plan_shards(shuffled, LIMITS)
    assert [document for shard in shards for document in shard] == documents
    assert shards == plan_shards(documents, LIMITS)
    assert all(len(shard) >= LIMITS.target for shard in shards[1:-1])


@settings(max_examples=300, deadline=None)
@given(folder=folders, new=st.integers(1, 100))
def test_new_documents_touch_few_shards(folder: tuple[int, int], new: int) -> None:
    count, seed = folder
    documents = make_documents(count + new, seed)
    before, after = ids_of(plan_shards(documents[:count], LIMITS)), ids_of(plan_shards(documents, LIMITS))
    assert len(after - before) <= math.ceil(new / LIMITS.target) + 2


@settings(max_examples=300, deadline=None)
@given(folder=folders.filter(lambda folder: folder[0] > 0), data=st.data())
def test_a_removed_document_touches_at_most_two_shards(folder: tuple[int, int], data: st.DataObject) -> None:
    documents = make_documents(*folder)
    removed = data.draw(st.integers(0, len(documents) - 1))
    before = ids_of(plan_shards(documents, LIMITS))
    after = ids_of(plan_shards(documents[:removed] + documents[removed + 1 :], LIMITS))
    assert len(before - after) <= 2


@settings(max_examples=100, deadline=None)
@given(folder=folders, documents_limit=st.integers(1, 20), bytes_limit=st.integers(500, 20_000))
def test_limits_hold(folder: tuple[int, int], documents_limit: int, bytes_limit: int) -> None:
    documents = make_documents(*folder)
    limits = ShardLimits(8, documents_limit, bytes_limit)
    shards = plan_shards(documents, limits)
    assert [document for shard in shards for document in shard] == documents
    for shard in shards:
        assert len(shard) <= documents_limit
        assert len(shard) == 1 or sum(document.bytes for document in shard) <= bytes_limit


def test_defaults_of_a_large_folder() -> None:
    shards = plan_shards(make_documents(5000, 1))
    assert all(len(shard) <= 256 for shard in shards)
    assert 64 <= 5000 / len(shards) <= 160


def test_no_documents_make_no_shards() -> None:
    assert plan_shards([]) == []
