"""The doors: cleaned text in, signals and verdicts out.

Two tasks: one measures what the cascade needs, one decides. A threshold that changes no verdict leaves the second one's output,
and so everything after it, as it is; one that does change a verdict measures only what was never measured before. Where a second
stage is asked for, two more follow: one looks again at uncertain scores, one decides with what it found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tasks.quality.cascade import Cascade, measure_text
from tasks.quality.early import decide_early_rows, identify_places
from tasks.quality.facts import PartFacts
from tasks.quality.judging import Judging
from tasks.quality.measure import Measured, keep_groups
from tasks.quality.memo import columns_of, memo_path, recall, remember
from tasks.quality.order import CascadeOrder
from tasks.quality.second.look import look_at
from tasks.quality.second.stage import SECOND_STAGE, SecondStage
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.verdicts import cascade_of, decide_rows, is_audited
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, TextAt, locate_alive, read_rows
from tasks.storage.schemas import EARLY, QUALITY, SECOND, SIGNALS
from tasks.storage.stage import Metric, Stage, write_output

SIGNALS_STAGE = Stage("quality-signals", revision=2, packages=("py3langid",))
GATES_STAGE = Stage("quality-gates", revision=2)
EARLY_STAGE = Stage("quality-early", revision=2, packages=("py3langid",))

TIMEOUT_SECONDS = 60.0  # per document part; not a setting, since measuring has none

Key = tuple[str, int]


@EARLY_STAGE.task()
def decide_early(samples: ParquetRef, gates: GateSettings, audit: AuditSettings) -> ParquetRef:
    """Documents that need not be read, since their sample is in no allowed language (schemas: SAMPLES in, EARLY out).

    Those of the audit sample are read all the same.
    """
    rows = [row for row in read_rows(samples, ["document_id", "places"]) if not is_audited(row["document_id"], audit)]
    jobs = [Job(row["document_id"], 0, row["places"]) for row in rows]
    outcomes = map_documents(identify_places, jobs, timeout_seconds=TIMEOUT_SECONDS)
    identified = {outcome.job.document_id: outcome.value for outcome in outcomes if outcome.status == "ok"}
    metrics = [Metric(o.job.document_id, o.job.part, o.seconds, o.peak_mib) for o in outcomes]
    return write_output(decide_early_rows(identified, gates), EARLY, metrics)


@SIGNALS_STAGE.task()
def measure(normalized: ParquetRef, gates: GateSettings, audit: AuditSettings, order: CascadeOrder) -> ParquetRef:
    """Signals of every part that has a text, up to the gate that rejects it (schemas: NORMALIZATION in, SIGNALS out).

    Parts of the audit sample are measured to the end.
    """
    path = memo_path(normalized, SIGNALS_STAGE.version)
    cascade = cascade_of(gates, order)
    to_the_end = replace(cascade, to_the_end=True)
    rows = locate_alive(normalized, ["document_id", "part", "format", "encoding_damage"])
    parts = [_Part(row, to_the_end if is_audited(row["document_id"], audit) else cascade) for row in rows]
    known = recall(path)
    jobs = [part.job(known.get(part.key, Measured())) for part in parts if not part.is_known(known)]
    outcomes = {_key(outcome): outcome for outcome in map_documents(_measure_at, jobs, timeout_seconds=TIMEOUT_SECONDS)}
    known |= {key: outcome.value for key, outcome in outcomes.items() if outcome.status == "ok"}
    if jobs:
        remember(path, known, {part.key: part.format for part in parts})
    settled = [part.settle(known, outcomes.get(part.key)) for part in parts]
    return write_output([row for row, _ in settled], SIGNALS, [metric for _, metric in settled])


@dataclass(frozen=True)
class MeasureJob:
    """One part to measure. text: where it stands. known: what was measured of it before."""

    text: TextAt
    facts: PartFacts
    cascade: Cascade
    known: Measured


@dataclass(frozen=True)
class _Part:
    """A row of NORMALIZATION and the cascade that it goes through."""

    row: dict[str, Any]
    cascade: Cascade

    @property
    def key(self) -> Key:
        return self.row["document_id"], self.row["part"]

    @property
    def format(self) -> str:
        name: str = self.row["format"]
        return name

    def is_known(self, known: Mapping[Key, Measured]) -> bool:
        return self.cascade.walk(known.get(self.key, Measured()), self.format).is_final

    def job(self, known: Measured) -> Job:
        facts = PartFacts(self.format, self.row["encoding_damage"] or {})
        return Job(*self.key, MeasureJob(self.row["text"], facts, self.cascade, known))

    def settle(self, known: Mapping[Key, Measured], outcome: Outcome | None) -> tuple[dict[str, Any], Metric]:
        """The part's row of SIGNALS, as if only what the cascade asks for had been measured, and what that cost."""
        row = {"document_id": self.key[0], "part": self.key[1], "format": self.format}
        if outcome is not None and outcome.status != "ok":
            ending = {"reason": f"quality.{outcome.status}", "detail": outcome.detail}
            return row | columns_of(Measured()) | ending, Metric(*self.key, outcome.seconds, outcome.peak_mib, {})
        measured = keep_groups(known[self.key], self.cascade.walk(known[self.key], self.format).groups)
        seconds = outcome.seconds if outcome else sum(measured.seconds.values())
        metric = Metric(*self.key, seconds, outcome.peak_mib if outcome else None, measured.seconds)
        return row | columns_of(measured) | {"reason": None, "detail": None}, metric


@GATES_STAGE.task()
def decide(signals: ParquetRef, gates: GateSettings, audit: AuditSettings, judging: Judging) -> ParquetRef:
    """The verdict on every part that was measured (schemas: SIGNALS in, QUALITY out)."""
    return write_output(decide_rows(read_rows(signals), gates, audit, judging), QUALITY)


@SECOND_STAGE.task()
def look_again(normalized: ParquetRef, decided: ParquetRef, second: SecondStage) -> ParquetRef:
    """What a model makes of the parts whose score is uncertain (schemas: NORMALIZATION and QUALITY in, SECOND out)."""
    rows, metrics = look_at(normalized, decided, second)
    return write_output(rows, SECOND, metrics)


@GATES_STAGE.task()
def decide_again(
    signals: ParquetRef, again: ParquetRef, gates: GateSettings, audit: AuditSettings, judging: Judging
) -> ParquetRef:
    """The verdicts with what the second stage found (schemas: SIGNALS and SECOND in, QUALITY out)."""
    found = {(row["document_id"], row["part"]): row for row in read_rows(again)}
    return write_output(decide_rows(read_rows(signals), gates, audit, judging, found), QUALITY)


def _measure_at(job: MeasureJob) -> Measured:
    return measure_text(job.text.read(), job.facts, job.cascade, job.known)


def _key(outcome: Outcome) -> Key:
    return outcome.job.document_id, outcome.job.part
