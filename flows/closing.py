"""How a run ends: the books balance or it fails; then the report, and a state whose name says how it ended."""

import resource
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.results import Outcome, RunResult, make_current, newest_result, remember
from flows.run import Run
from flows.settings import CurationSettings
from flows.shard import ShardOutputs
from tasks.annotation.task import show_annotations
from tasks.finetuning.history import current_adapter
from tasks.finetuning.promotion import Promotion
from tasks.inventory.listing import Inventory
from tasks.quality.gates import describe_gates
from tasks.reporting.task import balance, report
from tasks.storage.artifacts import AdapterRef, DatasetRef
from tasks.storage.parquet import ParquetRef, read_table
from tasks.storage.stage import StageEvent

PAGES = "annotations"  # folder of a report


@dataclass(frozen=True)
class Curated:
    """What became of the documents. dataset and clusters are None when no document was kept. recurring: paragraphs that stand in
    many documents; None when nobody counted. settings: by which it came about."""

    settings: CurationSettings
    inventory: Inventory
    shards: list[ShardOutputs]
    clusters: ParquetRef | None
    dataset: DatasetRef | None
    recurring: ParquetRef | None = None


@dataclass(frozen=True)
class Tuned:
    """What became of the training. adapter is None when there was too little to train on; reused: it was there already.
    promotion: whether it is the current adapter now, and why."""

    adapter: AdapterRef | None
    reused: bool = False
    promotion: Promotion | None = None


def close(run: Run, key: str, curated: Curated, tuned: Tuned | None = None) -> State[RunResult]:
    """Balance the books, write the report, remember the result under its fingerprint, and return the final state.

    Raises BooksDoNotBalance: a document that is nowhere is an error, not a smaller number.
    """
    inventory = curated.inventory
    outputs = [shard.outputs for shard in curated.shards]
    before = newest_result()
    decisions = balance(
        run.name,
        inventory.documents,
        outputs,
        curated.clusters,
        curated.dataset,
        before.decisions if before else None,
        inventory.sources,
    )
    outcome, message = _outcome(curated.dataset, tuned)
    result = RunResult(
        run=run.name,
        flow=run.flow,
        outcome=outcome,
        message=message,
        sources=inventory.sources,
        books=_count(decisions, inventory),
        decisions=decisions,
        inventory=inventory.documents,
        shards=inventory.shards,
        outputs=outputs,
        clusters=curated.clusters,
        recurring=curated.recurring,
        asked=describe_gates(curated.settings.gates),
        dataset=curated.dataset,
        adapter=tuned.adapter if tuned else None,
        promotion=tuned.promotion if tuned else None,
    )
    pages = show_annotations(f"reports/{run.name}/{PAGES}", outputs, decisions, curated.settings.annotation.viewers)
    return _finish(run, key, result, {f"{PAGES}/{page}": document for page, document in pages.items()})


def close_tuning(run: Run, key: str, dataset: DatasetRef, tuned: Tuned | None) -> State[RunResult]:
    """Like `close` for a run that only trained: the books are those of the run that made the newest dataset."""
    outcome, message = _outcome(dataset, tuned)
    made = newest_result() or RunResult(run=run.name, flow=run.flow, outcome=outcome, message=message)
    result = made.model_copy(
        update={
            "run": run.name,
            "flow": run.flow,
            "outcome": outcome,
            "message": message,
            "dataset": dataset,
            "adapter": tuned.adapter if tuned else None,
            "promotion": tuned.promotion if tuned else None,
        }
    )
    return _finish(run, key, result)


def _finish(run: Run, key: str, result: RunResult, pages: Mapping[str, str] | None = None) -> State[RunResult]:
    """pages: that show a document's fields, relative to the report -> document_id."""
    stage_seconds: defaultdict[str, float] = defaultdict(float)
    in_use = current_adapter()
    for event in run.events:
        stage_seconds[event.stage] += event.seconds or 0.0
    result = result.model_copy(
        update={
            "started": run.began.isoformat(timespec="seconds"),
            "seconds": run.seconds(),
            "machine": run.describe_machine(),
            "stage_seconds": dict(stage_seconds),
            "current_adapter": in_use.digest if in_use else None,
            "measures": {
                "work_seconds": _busy_seconds(run.events),
                "flow_peak_mib": _peak_mib(),
                "worker_peak_mib": run.pool.peak_mib,
            },
        }
    )
    result = result.model_copy(update={"report": report({**result.model_dump(mode="json"), "viewers": dict(pages or {})})})
    remember(result, key)
    return Completed(name=result.outcome, message=result.message, data=result)


def nothing_new(run: Run, before: RunResult) -> State[RunResult]:
    """The state of a run that found everything done: the earlier result, under a name that says so."""
    message = f"nothing new since {before.run}"
    run.progress.note(message)
    make_current(before)
    return Completed(name="NothingNew", message=message, data=before.model_copy(update={"outcome": "NothingNew"}))


def _outcome(dataset: DatasetRef | None, tuned: Tuned | None) -> tuple[Outcome, str]:
    if dataset is None:
        return "NothingKept", "no document was kept, so there is no dataset"
    examples = sum(dataset.examples.values())
    if tuned is None:
        return "Completed", f"dataset of {examples} examples"
    return _outcome_of_tuning(examples, tuned)


def _outcome_of_tuning(examples: int, tuned: Tuned) -> tuple[Outcome, str]:
    if tuned.adapter is None:
        return "TooFewExamples", f"dataset of {examples} examples, too few to train on"
    decision = tuned.promotion
    if tuned.reused and (decision is None or decision.already):
        return "NothingNew", "this dataset was tuned before with the same settings"
    trained = f"dataset of {examples} examples, adapter {'of an earlier run' if tuned.reused else 'trained'}"
    if decision is None:
        return "Completed", trained
    if decision.promoted:
        return "Completed", f"{trained} and promoted: {decision.why}"
    return "NotPromoted", f"{trained}, not promoted: {decision.why}"


def _count(decisions: ParquetRef, inventory: Inventory) -> dict[str, int]:
    verdicts = Counter(read_table(decisions, ["verdict"])["verdict"].to_pylist())
    names = ("kept", "rejected", "failed", "duplicate", "unchanged_source_missing")
    return {
        "inputs": inventory.documents.rows - inventory.containers,
        "aliases": inventory.aliases,
        "containers": inventory.containers,
        "members": inventory.members,
        "ignored": inventory.passed_over,
        **{name: verdicts[name] for name in names},
    }


def _busy_seconds(events: Sequence[StageEvent]) -> float:
    """Seconds in which at least one stage was at work: what is left of a run is orchestration."""
    busy = busy_until = 0.0
    for event in sorted(events, key=lambda event: event.started):
        end = event.started + (event.seconds or 0.0)
        busy += max(0.0, end - max(event.started, busy_until))
        busy_until = max(busy_until, end)
    return busy


def _peak_mib() -> float:
    """Peak resident memory of this process; the system counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
