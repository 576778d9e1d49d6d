"""The door: extracted text in, cleaned text out."""

from typing import Any

from tasks.normalization.normalize import NormalizationJob, NormalizedPart, normalize_part
from tasks.normalization.settings import NormalizationSettings
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, read_alive
from tasks.storage.schemas import NORMALIZATION
from tasks.storage.stage import Metric, Stage, write_output

STAGE = Stage("normalization", revision=1)


@STAGE.task()
def normalize(extracted: ParquetRef, settings: NormalizationSettings) -> ParquetRef:
    """Clean the text of every part that extraction gave a text (schemas: EXTRACTION in, NORMALIZATION out)."""
    parts = read_alive(extracted, ["document_id", "part", "format", "text", "title"])
    jobs = [
        Job(row["document_id"], row["part"], NormalizationJob(row["text"], row["title"], row["format"], settings))
        for row in parts
    ]
    outcomes = map_documents(normalize_part, jobs, timeout_seconds=settings.timeout_seconds)
    metrics = [Metric(o.job.document_id, o.job.part, o.seconds, o.peak_mib) for o in outcomes]
    return write_output([_row(outcome) for outcome in outcomes], NORMALIZATION, metrics)


def _row(outcome: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = {
        "document_id": outcome.job.document_id,
        "part": outcome.job.part,
        "text": None,
        "title": None,
        "characters_before": len(outcome.job.argument.text),
        "removed": {},
        "reason": None,
        "detail": outcome.detail,
    }
    if outcome.status != "ok":
        return row | {"reason": f"{STAGE.name}.{outcome.status}"}
    part: NormalizedPart = outcome.value
    row |= {"title": part.title, "removed": part.normalized.removed}
    if not part.normalized.text.strip():
        return row | {"reason": "normalization.empty", "detail": f"{row['characters_before']} characters before"}
    return row | {"text": part.normalized.text}
