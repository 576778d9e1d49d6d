"""Where the files of documents are: the one thing that stages look up in the inventory."""

import os
from collections.abc import Sequence

import pyarrow.compute as pc

from tasks.storage.parquet import ParquetRef, read_rows
from tasks.storage.root import local_path


def read_sources(inventory: ParquetRef, document_ids: Sequence[str]) -> dict[str, tuple[tuple[str, ...], int]]:
    """The locations of each document and its size in bytes: its first copy in arrival order, then the byte-identical others.

    A location is an absolute path; only below a remote data root it is one relative to the root (tasks.storage.root.local_copy
    opens either). Documents that the inventory does not list are missing from the answer.
    """
    chosen = pc.field("document_id").isin(list(document_ids))
    rows = read_rows(inventory, ["document_id", "locations", "bytes"], filters=chosen)
    return {row["document_id"]: (tuple(map(_resolve, row["locations"])), row["bytes"]) for row in rows}


def _resolve(location: str) -> str:
    return location if os.path.isabs(location) else local_path(location) or location
