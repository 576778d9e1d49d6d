"""What runs left behind: the results that `doctune` commands read, and the quick look that finds out that nothing is new.

Imports neither Prefect nor an engine: the quick look must cost less than they take to load.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tasks.annotation.model.failures import may_pass
from tasks.extraction.ocr import ocr_identity
from tasks.finetuning.history import current_adapter
from tasks.finetuning.promotion import Promotion
from tasks.inventory.listing import Inventory
from tasks.storage.artifacts import AdapterRef, DatasetRef, ModelRef, publish_current
from tasks.storage.parquet import ParquetRef, read_table
from tasks.storage.reasons import REASONS
from tasks.storage.root import read_bytes, remove_file, write_bytes
from tasks.storage.schemas import ANNOTATED, schema_fingerprint
from tasks.storage.stage import digest_of
from tasks.unpacking.memo import forget_transient

CURRENT = "runs/current.json"
RETRIED = frozenset(code for code, reason in REASONS.items() if reason.retried)
TRANSIENT = frozenset(code for code, reason in REASONS.items() if reason.transient)
SOURCES = frozenset({".css", ".j2", ".json", ".jsonl", ".py", ".txt", ".yaml"})  # and what code comes with
Outcome = Literal["Completed", "NothingNew", "TooFewExamples", "NothingKept", "NotPromoted"]


class RunResult(BaseModel):
    """What a run produced.

    asked: signal -> the gates that look at it: title, asks, source, code. outcome: name of the final state. adapter: the one that
    was trained or found; promotion: whether it was made the current one. current_adapter: digest of the one in use afterwards.
    books: verdict -> documents, with `inputs` and `aliases`. report: path of the page,
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
    recurring: ParquetRef | None = None
    dataset: DatasetRef | None = None
    adapter: AdapterRef | None = None
    promotion: Promotion | None = None
    current_adapter: str | None = None
    started: str = ""
    seconds: float = 0.0
    machine: dict[str, str] = {}
    stage_seconds: dict[str, float] = {}
    measures: dict[str, float] = {}
    asked: dict[str, list[dict[str, str]]] = {}


def fingerprint(flow: str, documents: Inventory | DatasetRef, model: ModelRef, *settings: BaseModel) -> str:
    """What a run's result depends on: the documents and their places, the model, the settings, the code and its engines.

    All settings count, also those that no cached stage reads: whether to train at all is one.
    """
    if isinstance(documents, Inventory):
        found: Any = [documents.documents.cache_identity(), documents.sources]
    else:
        found = documents.cache_identity()
    read = [section.model_dump(mode="json") for section in settings]
    return digest_of([flow, found, model.cache_identity(), read, _code_digest()])


def remember(result: RunResult, key: str) -> None:
    """Keep a result as the newest one, and under its fingerprint unless something of it is to be tried again by itself."""
    content = (result.model_dump_json(indent=2) + "\n").encode()
    write_bytes(f"runs/{result.run}/result.json", content)
    unfinished = any(_is_unfinished(stage, output) for outputs in result.outputs for stage, output in outputs.items())
    if not unfinished and not (result.decisions and _reasons(result.decisions) & RETRIED):
        write_bytes(f"runs/finished/{key}.json", content)
    make_current(result)


def make_current(result: RunResult) -> None:
    """Point to what this run made or found: the newest result and dataset. The adapter in use is not its to choose: that one is
    promoted, or not, by what was measured."""
    if result.decisions is not None:
        write_bytes(CURRENT, (result.model_dump_json(indent=2) + "\n").encode())
    if result.dataset is not None:
        publish_current("datasets", result.dataset)


def forget_failures(retry_failed: bool) -> int:
    """Remove the cached outputs of the newest run in which a document failed for a reason that may have passed.

    Documents that were out of reach are always tried again, and pieces of text that a model did not answer; those that timed out,
    crashed or ran out of memory when `retry_failed` says so, since they may take as long again. Returns how many outputs were
    removed.
    """
    newest = newest_result()
    passing = RETRIED | (TRANSIENT if retry_failed else frozenset())
    forgotten = [
        output
        for outputs in (newest.outputs if newest else [])
        for stage, output in outputs.items()
        if _reasons(output) & passing or _is_unfinished(stage, output)
    ]
    for output in forgotten:
        remove_file(output.path)
    if retry_failed:
        forget_transient()
    return len(forgotten)


def _reasons(source: ParquetRef) -> frozenset[str]:
    return frozenset(read_table(source, ["reason"])["reason"].drop_null().to_pylist())


def _is_unfinished(stage: str, output: ParquetRef) -> bool:
    """Whether a model was not asked about everything, or did not answer: what it answered is remembered, so only that costs."""
    if stage != "annotation" or output.schema_fingerprint != schema_fingerprint(ANNOTATED):  # made by another version: made anew
        return False
    table = read_table(output, ("failures", "question_failures"))
    return any(may_pass(failure) for column in table.columns for each in column.to_pylist() for failure in each)


def finished_before(key: str) -> RunResult | None:
    """The result of an earlier run with this fingerprint, if everything that it made is still there.

    A run that trained also decided which adapter is in use; when another one is now, that is to be decided again.
    """
    found = _read(f"runs/finished/{key}.json")
    if found is None or found.adapter is None:
        return found
    in_use = current_adapter()
    return found if found.current_adapter == (in_use.digest if in_use else None) else None


def newest_result() -> RunResult | None:
    """The result of the newest run that read documents; None when there is none or part of it is gone."""
    return _read(CURRENT)


def _read(path: str) -> RunResult | None:
    try:
        return RunResult.model_validate_json(read_bytes(path))
    except (FileNotFoundError, ValidationError):
        return None


def _code_digest() -> str:
    """Digest of doctune's own sources and data, of Python's version, of the text recogniser, and of the names of all installed
    distributions with theirs."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    sources = [path for room in ("flows", "tasks") for path in root.glob(f"{room}/**/*") if path.suffix in SOURCES]
    for source in sorted(sources):
        digest.update(source.relative_to(root).as_posix().encode())
        digest.update(source.read_bytes())
    installed = {path.name for folder in sys.path for path in Path(folder).glob("*.dist-info")}
    digest.update("\n".join([sys.version, ocr_identity(), *sorted(installed)]).encode())
    return digest.hexdigest()
