"""The doors: cleaned text in, signals and verdicts out.

Two tasks: one measures what the cascade needs, one decides. A threshold that changes no verdict leaves the second one's output,
and so everything after it, as it is; one that does change a verdict measures only what was never measured before.
"""

from dataclasses import dataclass, replace
from functools import partial

from tasks.quality.cascade import Cascade, measure_text
from tasks.quality.facts import PartFacts
from tasks.quality.judging import Judging
from tasks.quality.measure import Measured, keep_groups
from tasks.quality.memo import columns_of, memo_path, recall, remember
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.verdicts import cascade_of, decide_rows, is_audited
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, TextAt, locate_alive, read_rows
from tasks.storage.schemas import QUALITY, SIGNALS
from tasks.storage.stage import Metric, Stage, write_output

SIGNALS_STAGE = Stage("quality-signals", revision=1, packages=("py3langid",))
GATES_STAGE = Stage("quality-gates", revision=1)

TIMEOUT_SECONDS = 60.0  # per document part; not a setting, since measuring has none

Key = tuple[str, int]


@dataclass(frozen=True)
class MeasureJob:
    """One part to measure. text: where it stands. known: what was measured of it before. audited: measure it to the end."""

    text: TextAt
    facts: PartFacts
    known: Measured
    audited: bool


@SIGNALS_STAGE.task()
def measure(normalized: ParquetRef, gates: GateSettings, audit: AuditSettings, judging: Judging) -> ParquetRef:
    """Signals of every part that has a text, up to the gate that rejects it (schemas: NORMALIZATION in, SIGNALS out).

    Parts of the audit sample are measured to the end.
    """
    path = memo_path(normalized, SIGNALS_STAGE.version)
    known = recall(path)
    cascade = cascade_of(gates, judging)
    to_the_end = replace(cascade, to_the_end=True)
    parts = locate_alive(normalized, ["document_id", "part", "format", "encoding_damage"])
    needed: dict[Key, Cascade] = {}
    jobs = []
    for row in parts:
        key = row["document_id"], row["part"]
        audited = is_audited(row["document_id"], audit)
        needed[key] = to_the_end if audited else cascade
        before = known.get(key, Measured())
        if not needed[key].walk(before, row["format"]).is_final:
            facts = PartFacts(row["format"], row["encoding_damage"] or {})
            jobs.append(Job(*key, MeasureJob(row["text"], facts, before, audited)))
    outcomes = map_documents(partial(_measure_at, cascade), jobs, timeout_seconds=TIMEOUT_SECONDS)
    failed = {_key(outcome): outcome for outcome in outcomes if outcome.status != "ok"}
    known |= {_key(outcome): outcome.value for outcome in outcomes if outcome.status == "ok"}
    if jobs:
        remember(path, known, {(row["document_id"], row["part"]): row["format"] for row in parts})
    fresh = {_key(outcome): outcome for outcome in outcomes}
    rows, metrics = [], []
    for row in parts:
        key = row["document_id"], row["part"]
        if key in failed:
            ending = {"reason": f"quality.{failed[key].status}", "detail": failed[key].detail}
            measured = Measured()
        else:
            ending = {"reason": None, "detail": None}
            measured = keep_groups(known[key], needed[key].walk(known[key], row["format"]).groups)
        rows.append({"document_id": key[0], "part": key[1], "format": row["format"], **columns_of(measured), **ending})
        metrics.append(_metric(key, measured, fresh.get(key)))
    return write_output(rows, SIGNALS, metrics)


@GATES_STAGE.task()
def decide(signals: ParquetRef, gates: GateSettings, audit: AuditSettings, judging: Judging) -> ParquetRef:
    """The verdict on every part that was measured (schemas: SIGNALS in, QUALITY out)."""
    return write_output(decide_rows(read_rows(signals), gates, audit, judging), QUALITY)


def _measure_at(cascade: Cascade, job: MeasureJob) -> Measured:
    return measure_text(job.text.read(), job.facts, replace(cascade, to_the_end=True) if job.audited else cascade, job.known)


def _key(outcome: Outcome) -> Key:
    return outcome.job.document_id, outcome.job.part


def _metric(key: Key, measured: Measured, outcome: Outcome | None) -> Metric:
    """What a part cost: now, or when it was measured."""
    if outcome is None:
        return Metric(*key, sum(measured.seconds.values()), None, measured.seconds)
    return Metric(*key, outcome.seconds, outcome.peak_mib, measured.seconds)
