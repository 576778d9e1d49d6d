"""Which parts of each shard are copies."""

from tasks.deduplication.copies import copies_per_shard
from tasks.storage.parquet import ParquetRef, write_table
from tasks.storage.schemas import CLUSTERS, FINGERPRINTS


def fingerprints(name: str, *parts: tuple[str, int]) -> ParquetRef:
    blank = dict.fromkeys(FINGERPRINTS.names)
    rows = [blank | {"document_id": document, "part": part} for document, part in parts]
    return write_table(f"{name}.parquet", rows, FINGERPRINTS)


def clusters(copies: set[tuple[str, int]], *parts: tuple[str, int]) -> ParquetRef:
    rows = [
        dict.fromkeys(CLUSTERS.names)
        | {"document_id": document, "part": part, "cluster": document, "cluster_size": 1}
        | {"reason": "deduplication.near" if (document, part) in copies else None}
        for document, part in parts
    ]
    return write_table("clusters.parquet", rows, CLUSTERS)


def test_each_shard_learns_of_its_own_copies(data_root: object) -> None:
    parts = [("a", 0), ("a", 1), ("b", 0), ("c", 0)]
    found = clusters({("a", 1), ("c", 0)}, *parts)
    shards = [fingerprints("first", ("c", 0), ("a", 1), ("a", 0)), fingerprints("second", ("b", 0))]
    assert copies_per_shard(found, shards) == [[["a", 1], ["c", 0]], []]


def test_a_copy_elsewhere_changes_nothing_for_a_shard(data_root: object) -> None:
    first = fingerprints("first", ("a", 0), ("b", 0))
    before = copies_per_shard(clusters({("b", 0)}, ("a", 0), ("b", 0)), [first])
    after = copies_per_shard(
        clusters({("b", 0), ("d", 0)}, ("a", 0), ("b", 0), ("c", 0), ("d", 0)),
        [first, fingerprints("second", ("c", 0), ("d", 0))],
    )
    assert after[0] == before[0]
