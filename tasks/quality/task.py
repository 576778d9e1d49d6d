"""The doors: cleaned text in, signals and verdicts out.

Four tasks, so that each is worked again only for what it reads: measuring knows no threshold, and the costly tier depends on
which documents survived the cheap gates, not on how.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from tasks.quality.measure import Measured, measure_basic_signals, measure_deep_signals
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.verdicts import decide_basic_rows, decide_rows
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, TextAt, locate_alive, read_rows
from tasks.storage.schemas import QUALITY, SIGNALS
from tasks.storage.stage import Metric, Stage, write_output

BASIC = Stage("quality-signals-basic", revision=1)
BASIC_GATES = Stage("quality-gates-basic", revision=1)
DEEP = Stage("quality-signals-deep", revision=1, packages=("py3langid",))
GATES = Stage("quality-gates", revision=1)
STAGES = (BASIC, BASIC_GATES, DEEP, GATES)

TIMEOUT_SECONDS = 60.0  # per document part; not a setting, since measuring has none


@BASIC.task()
def measure_basic(normalized: ParquetRef) -> ParquetRef:
    """Cheap signals of every part that has a text (schemas: NORMALIZATION in, SIGNALS out)."""
    return _measure(measure_basic_signals, locate_alive(normalized, ["document_id", "part"]))


@BASIC_GATES.task()
def decide_basic(basic: ParquetRef, gates: GateSettings, audit: AuditSettings) -> ParquetRef:
    """Who goes on to the costly signals: rows without a reason, and those marked for audit (schemas: SIGNALS in, QUALITY out)."""
    return write_output(decide_basic_rows(read_rows(basic), gates, audit), QUALITY)


@DEEP.task()
def measure_deep(normalized: ParquetRef, survivors: ParquetRef) -> ParquetRef:
    """Costly signals of what `decide_basic` let pass or marked for audit (schemas: NORMALIZATION, QUALITY in, SIGNALS out)."""
    going_on = {
        (row["document_id"], row["part"])
        for row in read_rows(survivors, ["document_id", "part", "reason", "audit"])
        if row["reason"] is None or row["audit"]
    }
    parts = locate_alive(normalized, ["document_id", "part"]) if going_on else []
    return _measure(measure_deep_signals, [row for row in parts if (row["document_id"], row["part"]) in going_on])


@GATES.task()
def decide(basic: ParquetRef, basic_decisions: ParquetRef, deep: ParquetRef, settings: GateSettings) -> ParquetRef:
    """The verdict on every part that normalization let pass (schemas: SIGNALS, QUALITY, SIGNALS in, QUALITY out)."""
    return write_output(decide_rows(read_rows(basic), read_rows(basic_decisions), read_rows(deep), settings), QUALITY)


def _measure(function: Callable[[str], Measured], parts: list[dict[str, Any]]) -> ParquetRef:
    jobs = [Job(row["document_id"], row["part"], row["text"]) for row in parts]
    outcomes = map_documents(partial(_measure_at, function), jobs, timeout_seconds=TIMEOUT_SECONDS)
    metrics = [Metric(o.job.document_id, o.job.part, o.seconds, o.peak_mib) for o in outcomes]
    return write_output([_row(outcome) for outcome in outcomes], SIGNALS, metrics)


def _measure_at(function: Callable[[str], Measured], place: TextAt) -> Measured:
    return function(place.read())


def _row(outcome: Outcome) -> dict[str, Any]:
    measured: Measured = outcome.value if outcome.status == "ok" else Measured(None, {})
    return {
        "document_id": outcome.job.document_id,
        "part": outcome.job.part,
        "language": measured.language,
        "signals": measured.signals,
        "reason": None if outcome.status == "ok" else f"quality.{outcome.status}",
        "detail": outcome.detail,
    }
