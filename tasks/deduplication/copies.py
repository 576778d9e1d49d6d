"""Which parts of each shard are copies: what the stages after deduplication leave out."""

from collections.abc import Sequence

import pyarrow.compute as pc

from tasks.storage.parquet import ParquetRef, read_alive, read_rows


def copies_per_shard(clusters: ParquetRef, fingerprints: Sequence[ParquetRef]) -> list[list[list[object]]]:
    """For each shard document_id and part of those that are copies of others, sorted.

    Plain values instead of the clusters themselves: a stage that is given these has the same cache key as long as nothing
    changed for its shard, whatever is new elsewhere.
    """
    ended = read_rows(clusters, ("document_id", "part"), filters=pc.field("reason").is_valid())
    copies = {(row["document_id"], row["part"]) for row in ended}
    shards = [{(row["document_id"], row["part"]) for row in read_alive(each, ("document_id", "part"))} for each in fingerprints]
    return [[list(key) for key in sorted(copies & shard)] for shard in shards]
