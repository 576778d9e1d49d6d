"""Parts of documents that have no example because all their chunks were left out of the dataset."""

from tasks.storage.artifacts import DatasetRef
from tasks.storage.parquet import iterate_batches

Part = tuple[str, int]  # document_id, part


def documents_without_examples(dataset: DatasetRef | None) -> dict[Part, tuple[str, str | None]]:
    """Parts that had chunks and gave no example, with reason and detail of their first chunk that was left out.

    A part that is a duplicate is not here: the clusters tell of it.
    """
    lost: dict[Part, tuple[str, str | None]] = {}
    if dataset is None:
        return lost
    for batch in iterate_batches(f"{dataset.path}/left_out.parquet"):
        for row in batch.to_pylist():
            lost.setdefault((row["document_id"], row["part"]), (row["reason"], row["detail"]))
    for batch in iterate_batches(f"{dataset.path}/examples.parquet", ["document_id", "part"]) if lost else ():
        for part in zip(batch["document_id"].to_pylist(), batch["part"].to_pylist(), strict=True):
            lost.pop(part, None)
    return lost
