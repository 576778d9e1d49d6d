"""Embeddings that were computed before: kept, so that another band or another head computes none again.

Of the texts of a shard they stand in a memo, which spares work and shapes no output. Those of labelled texts are kept beside
the labels, since a head can be fitted on them when the texts are long gone.
"""

from collections.abc import Mapping, Sequence

from tasks.storage.artifacts import ModelRef
from tasks.storage.parquet import ParquetRef, read_memo, write_table
from tasks.storage.schemas import EMBEDDINGS

Key = tuple[str, int]  # document_id, part
Vectors = Mapping[Key, Sequence[float]]


def shard_path(normalized: ParquetRef, model: ModelRef, version: str) -> str:
    """The memo of a dataset of texts. version: of the code and the engines that embed."""
    return f"memo/quality-embeddings/{normalized.sha256[:32]}-{model.digest[:16]}-{version}.parquet"


def labels_path(model: ModelRef, version: str) -> str:
    """The embeddings of labelled texts."""
    return f"labels/embeddings-{model.digest[:16]}-{version}.parquet"


def recall(path: str) -> dict[Key, list[float]]:
    """What is known; nothing when the file is missing or damaged."""
    return {(row["document_id"], row["part"]): row["vector"] for row in read_memo(path, EMBEDDINGS.names)}


def keep(path: str, vectors: Vectors) -> None:
    """Write everything that is known, sorted."""
    rows = [{"document_id": key[0], "part": key[1], "vector": list(vector)} for key, vector in sorted(vectors.items())]
    write_table(path, rows, EMBEDDINGS)
