"""What runs left behind: the results that `doctune` commands read, and the quick look that finds out that nothing is new.

Imports neither Prefect nor an engine: the quick look must cost less than they take to load.
"""

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tasks.inventory.listing import Inventory
from tasks.storage.artifacts import AdapterRef, DatasetRef, ModelRef
from tasks.storage.parquet import ParquetRef
from tasks.storage.root import read_bytes, write_bytes
from tasks.storage.stage import digest_of

CURRENT = "runs/current.json"
Outcome = Literal["Completed", "NothingNew", "TooFewExamples", "NothingKept"]


class RunResult(BaseModel):
    """What a run produced.

    outcome: name of the final state. books: verdict -> documents, with `inputs` and `aliases`. report: path of the page,
    relative to the data root. outputs: per shard, stage -> its dataset. sources: what it read. stage_seconds: wall time that
    each stage worked in this run, shards added up; a cached stage is missing. measures: by name, with the unit in it.
    started: local time, ISO 8601. seconds: wall time from the opening of the run. machine: label -> words.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    flow: str
    outcome: Outcome
    message: str
    sources: list[str] = []
    books: dict[str, int] = {}
    report: str | None = None
    decisions: ParquetRef | None = None
    inventory: ParquetRef | None = None
    shards: list[ParquetRef] = []
    outputs: list[dict[str, ParquetRef]] = []
    clusters: ParquetRef | None = None
    dataset: DatasetRef | None = None
    adapter: AdapterRef | None = None
    started: str = ""
    seconds: float = 0.0
    machine: dict[str, str] = {}
    stage_seconds: dict[str, float] = {}
    measures: dict[str, float] = {}


def fingerprint(flow: str, inventory: Inventory | None, model: ModelRef, settings: Mapping[str, Any]) -> str:
    """What a run's result depends on: the documents and their places, the model, the settings, the code and its engines."""
    documents = [inventory.documents.cache_identity(), inventory.sources] if inventory else None
    return digest_of([flow, documents, model.cache_identity(), dict(settings), _code_digest()])


def remember(result: RunResult, key: str) -> None:
    """Keep a result under its fingerprint, and as the newest one."""
    content = (result.model_dump_json(indent=2) + "\n").encode()
    write_bytes(f"runs/{result.run}/result.json", content)
    write_bytes(f"runs/finished/{key}.json", content)
    if result.decisions is not None:
        write_bytes(CURRENT, content)


def finished_before(key: str) -> RunResult | None:
    """The result of an earlier run with this fingerprint, if everything that it made is still there."""
    return _read(f"runs/finished/{key}.json")


def newest_result() -> RunResult | None:
    """The result of the newest run that read documents; None when there is none or part of it is gone."""
    return _read(CURRENT)


def _read(path: str) -> RunResult | None:
    try:
        return RunResult.model_validate_json(read_bytes(path))
    except (FileNotFoundError, ValidationError):
        return None


def _code_digest() -> str:
    """Digest of doctune's own sources and of the names of all installed distributions, which hold their versions."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for source in sorted([*root.glob("flows/**/*.py"), *root.glob("tasks/**/*.py"), *root.glob("tasks/**/*.j2")]):
        digest.update(source.relative_to(root).as_posix().encode())
        digest.update(source.read_bytes())
    folders = {folder for folder in sys.path if Path(folder).is_dir()}
    installed = {name for folder in folders for name in os.listdir(folder) if name.endswith(".dist-info")}
    digest.update("\n".join(sorted(installed)).encode())
    return digest.hexdigest()
