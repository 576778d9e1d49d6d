"""Which held-out documents an adapter of another dataset was trained on: on these it cannot be compared fairly."""

from collections.abc import Collection

from tasks.finetuning.examination import Examination
from tasks.finetuning.held_out import PARQUET
from tasks.storage.artifacts import MANIFEST, DatasetRef, read_manifest
from tasks.storage.root import find_files, local_folder, size_of

DATASETS = "datasets"


def trained_groups(dataset_digest: str, held_out: DatasetRef) -> set[str] | None:
    """Groups of `held_out` with a document that stands in the train split of the dataset of this digest, or with a near copy of
    one; None when that dataset is not there any more, so that nobody can tell."""
    if dataset_digest == held_out.digest:  # its splits have no document in common
        return set()
    earlier = _find(dataset_digest)
    if earlier is None or size_of(f"{held_out.path}/{PARQUET}") is None:
        return None
    trained = {name for document, group in _origins(earlier, ("train",)) for name in (document, group)}
    return {group for document, group in _origins(held_out.path, ("valid", "test")) if {document, group} & trained}


def leave_out(found: Examination, groups: Collection[str]) -> Examination:
    """An examination without the documents of these groups; general prompts are of no group."""
    return found.model_copy(
        update={
            "rows": [row for row in found.rows if row.group not in groups],
            "answers": [answer for answer in found.answers if answer.group not in groups],
        }
    )


def _find(digest: str) -> str | None:
    """The folder of the dataset of this digest that is whole enough to be read."""
    for path in find_files(DATASETS):
        folder, _, name = path.rpartition("/")
        if name == MANIFEST and size_of(f"{folder}/{PARQUET}") is not None:
            manifest = read_manifest(folder)
            if manifest is not None and manifest[0] == digest:
                return folder
    return None


def _origins(folder: str, splits: tuple[str, ...]) -> set[tuple[str, str]]:
    """Document and group of every example of these splits."""
    from pyarrow import parquet

    with local_folder(folder) as data:
        table = parquet.read_table(data / PARQUET, columns=["document_id", "group"], filters=[("split", "in", splits)])
    return set(zip(*(table[name].to_pylist() for name in ("document_id", "group")), strict=True))
