"""What below the data root nothing needs any more."""

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.storage.root import TEMPORARY_FOLDER, find_files, size_of
from tasks.storage.stage import metrics_path

CACHED_RESULTS = ".prefect-results"
PRUNED_FOLDERS = ("stages", "datasets", "adapters", "inventory", "unpacked", "runs", "reports", "memo", TEMPORARY_FOLDER)
# Pointers and the hash memo: small, and what makes the next run quick.
ALWAYS_KEPT = (
    "datasets/current.json",
    "adapters/current.json",
    "adapters/history.jsonl",
    "runs/current.json",
    "inventory/hashes.parquet",
    "unpacked/containers.parquet",
)


@dataclass(frozen=True)
class Prunable:
    """A file that nothing needs. path: relative to the data root. bytes: its size."""

    path: str
    bytes: int


def plan_pruning(needed_files: Iterable[str], needed_folders: Iterable[str]) -> list[Prunable]:
    """All files that doctune wrote and that are neither needed nor in a needed folder; touches nothing.

    needed_files: paths relative to the data root. The measurements beside a needed output are needed too; the cached result
    that names a prunable output is prunable with it. Models are never pruned.
    """
    needed = set(needed_files) | set(ALWAYS_KEPT)
    needed |= {metrics_path(path) for path in needed if path.startswith("stages/")}
    folders = tuple(f"{folder.rstrip('/')}/" for folder in needed_folders)
    prunable = []
    for folder in PRUNED_FOLDERS:
        for path, size in find_files(folder).items():
            if path in needed or path.startswith(folders):
                continue
            prunable.append(Prunable(path, size))
            record = f"{CACHED_RESULTS}/{path.removeprefix('stages/').removesuffix('.parquet')}"
            if folder == "stages" and (record_size := size_of(record)) is not None:
                prunable.append(Prunable(record, record_size))
    return prunable
