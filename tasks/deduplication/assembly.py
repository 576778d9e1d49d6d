"""The rows of CLUSTERS from the fingerprints of all shards."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.deduplication.clusters import (
    ESTIMATE_MARGIN,
    DisjointSets,
    Text,
    estimate_similarity,
    find_buckets,
    join_exact,
    join_near,
    rank_members,
)
from tasks.deduplication.fingerprints import VALUES, jaccard
from tasks.deduplication.settings import DeduplicationSettings
from tasks.deduplication.texts import ShingleSource
from tasks.storage.parquet import ParquetRef, read_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Up to this many different texts in a cluster each is compared with every other one, above it with the survivor alone.
MOST_COMPARED = 64
DIGITS = 6  # of a stored similarity

_COLUMNS = ["document_id", "part", "text_sha256", "signature", "score"]


def cluster_rows(
    fingerprints: Sequence[ParquetRef], normalized: Sequence[ParquetRef], settings: DeduplicationSettings
) -> list[dict[str, Any]]:
    """One row of CLUSTERS per fingerprint that has no reason, sorted by (document_id, part), whatever the order of the inputs."""
    table = _read_sorted(fingerprints)
    texts = [
        Text(row["document_id"], row["part"], row["text_sha256"], row["score"])
        for row in table.drop_columns("signature").to_pylist()
    ]
    sets = DisjointSets(len(texts))
    distinct = join_exact(texts, sets)
    similarity = _Similarity(texts, normalized, settings)
    if settings.near:
        _join_near_texts(table, distinct, sets, similarity, settings.threshold)
    rows: list[dict[str, Any]] = []
    for members in sets.sets():
        rows += _rows_of_cluster(texts, members, similarity, settings.threshold)
    return sorted(rows, key=lambda row: (row["document_id"], row["part"]))


class _Similarity:
    """Exact similarity of two texts by their positions; reads texts only when asked."""

    def __init__(self, texts: Sequence[Text], normalized: Sequence[ParquetRef], settings: DeduplicationSettings) -> None:
        self._texts = texts
        self._normalized = normalized
        self._cache_bytes = settings.cache_mib * 2**20
        self._source: ShingleSource | None = None

    def prepare(self, wanted: Sequence[int]) -> None:
        """Say which texts may be asked for."""
        self._source = ShingleSource(self._normalized, [self._texts[index].key for index in wanted], self._cache_bytes)

    def of(self, first: int, second: int) -> float:
        """1.0 for texts with the same words; else from their phrases."""
        if self._texts[first].text_sha256 == self._texts[second].text_sha256:
            return 1.0
        if self._source is None:
            raise RuntimeError("similarity was asked for before the texts were prepared")
        return jaccard(self._source.get(self._texts[first].key), self._source.get(self._texts[second].key))


def _read_sorted(fingerprints: Sequence[ParquetRef]) -> pa.Table:
    """All fingerprints without a reason, sorted by (document_id, part)."""
    tables = [read_table(reference, _COLUMNS, filters=pc.field("reason").is_null()) for reference in fingerprints]
    return pa.concat_tables(tables).sort_by([("document_id", "ascending"), ("part", "ascending")])


def _join_near_texts(
    table: pa.Table, distinct: Sequence[int], sets: DisjointSets, similarity: _Similarity, threshold: float
) -> None:
    rows, signatures = _signatures(table, distinct)
    wanted = {row for bucket in find_buckets(signatures) for row in bucket}
    if not wanted:
        return
    similarity.prepare([rows[row] for row in sorted(wanted)])
    of_rows = DisjointSets(len(rows))

    def are_copies(first: int, second: int) -> bool:
        if estimate_similarity(signatures, first, second) < threshold - ESTIMATE_MARGIN:
            return False
        return similarity.of(rows[first], rows[second]) >= threshold

    join_near(find_buckets(signatures), of_rows, are_copies)
    for members in of_rows.sets():
        for row in members[1:]:
            sets.join(rows[members[0]], rows[row])


def _signatures(table: pa.Table, distinct: Sequence[int]) -> "tuple[list[int], npt.NDArray[np.uint32]]":
    """The MinHash values of the distinct texts that have some (one row of VALUES each), and the positions of these texts."""
    import numpy as np

    column = table["signature"].combine_chunks()
    lengths = pc.list_value_length(column).to_pylist()
    rows = [index for index in distinct if lengths[index]]
    values = column.take(pa.array(rows, type=pa.int64())).flatten().to_numpy(zero_copy_only=False)
    return rows, np.asarray(values, dtype=np.uint32).reshape(len(rows), VALUES)


def _choose_survivors(texts: Sequence[Text], members: Sequence[int], similarity: _Similarity, threshold: float) -> dict[int, int]:
    """For each member the one that stays in its place: itself, or a better one that it is really a copy of.

    A cluster is joined pair by pair, so the ends of a chain may have little in common: then more than one member stays. They
    are still one group, which no split divides.
    """
    survivors: list[int] = []
    first_with: dict[str, int] = {}  # of texts with the same words only the first has its phrases at hand
    for index in members:
        first_with.setdefault(texts[index].text_sha256, index)

    def similarity_of(one: int, other: int) -> float:
        return similarity.of(first_with[texts[one].text_sha256], first_with[texts[other].text_sha256])

    survivor_of: dict[int, int] = {}
    for index in rank_members(texts, members):
        copied = next((kept for kept in survivors if similarity_of(kept, index) >= threshold), None)
        if copied is None:
            survivors.append(index)
        survivor_of[index] = index if copied is None else copied
    return survivor_of


def _rows_of_cluster(
    texts: Sequence[Text], members: Sequence[int], similarity: _Similarity, threshold: float
) -> list[dict[str, Any]]:
    name = min(texts[index].document_id for index in members)
    survivor_of = _choose_survivors(texts, members, similarity, threshold)
    closest = _closest(texts, members, rank_members(texts, members)[0], similarity)
    rows = []
    for index in members:
        text = texts[index]
        survivor = survivor_of[index]
        reason = None
        if index != survivor:
            same_words = text.text_sha256 == texts[survivor].text_sha256
            reason = "deduplication.exact" if same_words else "deduplication.near"
        rows.append(
            {
                "document_id": text.document_id,
                "part": text.part,
                "cluster": name,
                "cluster_size": len(members),
                "similarity": closest.get(index),
                "reason": reason,
                "detail": texts[survivor].document_id if reason else None,
            }
        )
    return rows


def _closest(texts: Sequence[Text], members: Sequence[int], survivor: int, similarity: _Similarity) -> dict[int, float]:
    """Each member's similarity with the member most similar to it; nothing for a member that is alone."""
    groups: dict[str, list[int]] = {}
    for index in members:
        groups.setdefault(texts[index].text_sha256, []).append(index)
    closest = {index: 1.0 for group in groups.values() if len(group) > 1 for index in group}
    firsts = [group[0] for group in groups.values()]
    others = firsts if len(firsts) <= MOST_COMPARED else [groups[texts[survivor].text_sha256][0]]
    for first in firsts:
        for other in others:
            if first != other:
                value = round(similarity.of(first, other), DIGITS)
                for index in (first, other):
                    closest[index] = max(closest.get(index, 0.0), value)
    return closest
