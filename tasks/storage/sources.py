"""Where the files of documents are: the one thing that stages look up in the inventory."""

from collections.abc import Sequence

import pyarrow.compute as pc

from tasks.storage.parquet import ParquetRef, read_rows


def read_sources(inventory: ParquetRef, document_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The absolute paths of each document: its first copy in arrival order, then the byte-identical others.

    Documents that the inventory does not list are missing from the answer.
    """
    chosen = pc.field("document_id").isin(list(document_ids))
    rows = read_rows(inventory, ["document_id", "path", "aliases"], filters=chosen)
    return {row["document_id"]: (row["path"], *row["aliases"]) for row in rows}
