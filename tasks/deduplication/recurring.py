"""Paragraphs that recur in documents which are no copies of each other: disclaimers, footers, standard clauses."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from tasks.deduplication.settings import DeduplicationSettings
from tasks.deduplication.texts import Fingerprints, read_fingerprints
from tasks.storage.parquet import ParquetRef, read_table
from tasks.storage.schemas import RECURRING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_DIGEST_BYTES = 64  # that a digest may need while it is counted


def recurring_table(fingerprints: Sequence[ParquetRef], clusters: ParquetRef, settings: DeduplicationSettings) -> pa.Table:
    """The rows of RECURRING. Digests are counted in pieces of their range that fit the memory in the settings."""
    import numpy as np

    found = [RECURRING.empty_table()]
    if settings.recurring != "off":
        read = read_fingerprints(fingerprints)
        cluster_of = _clusters_of(read, clusters)
        total = sum(len(values) for _, values in read.lists("paragraphs"))
        pieces = 1 + total * _DIGEST_BYTES // (settings.cache_mib * 2**20)
        edges = [2**64 * piece // pieces for piece in range(pieces + 1)]
        for low, high in itertools.pairwise(edges):
            found.append(_count(read, cluster_of, np.uint64(low), np.uint64(high - 1), settings.recurring_documents))
    return pa.concat_tables(found)


def _clusters_of(fingerprints: Fingerprints, clusters: ParquetRef) -> "npt.NDArray[np.int64]":
    """A number for the cluster of each row. Both tables hold the same parts in the same order."""
    import numpy as np

    names = read_table(clusters, ["cluster"])["cluster"].combine_chunks()
    if len(names) != len(fingerprints.text_of):
        raise ValueError(f"{len(names)} rows of clusters for {len(fingerprints.text_of)} fingerprints")
    numbers: npt.NDArray[np.int64] = names.dictionary_encode().indices.to_numpy().astype(np.int64)
    return numbers


def _count(
    fingerprints: Fingerprints, cluster_of: "npt.NDArray[np.int64]", low: "np.uint64", last: "np.uint64", least: int
) -> pa.Table:
    import numpy as np

    digests = [np.zeros(0, dtype=np.uint64)]
    places = [np.zeros(0, dtype=np.int64)]
    for rows, values in fingerprints.lists("paragraphs"):
        wanted = (values >= low) & (values <= last)
        digests.append(values[wanted])
        places.append(rows[wanted])
    digest, row = np.concatenate(digests), np.concatenate(places)
    order = np.lexsort((row, cluster_of[row], digest))
    digest, row = digest[order], row[order]
    cluster = cluster_of[row]
    fresh = np.ones(len(digest), dtype=bool)  # the first time that a digest stands in a cluster
    fresh[1:] = (digest[1:] != digest[:-1]) | (cluster[1:] != cluster[:-1])
    digest, row = digest[fresh], row[fresh]
    distinct, start, documents = np.unique(digest, return_index=True, return_counts=True)
    often = documents >= least
    example = np.minimum.reduceat(row, start)[often] if len(start) else row
    parts = fingerprints.table.select(["document_id", "part"]).take(pa.array(example))
    columns = [pa.array(distinct[often]), pa.array(documents[often].astype(np.int64)), *parts.columns]
    return pa.table(columns, names=RECURRING.names).cast(RECURRING)
