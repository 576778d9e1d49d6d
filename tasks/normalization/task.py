"""The door: extracted text in, cleaned text out."""

from typing import Any

from tasks.normalization.settings import NormalizationSettings
from tasks.normalization.work import NormalizationRequest, empty_row, normalize_rows
from tasks.runtime.pieces import map_to_dataset
from tasks.runtime.pool import Job, Outcome
from tasks.storage.parquet import ParquetRef, locate_alive
from tasks.storage.schemas import NORMALIZATION
from tasks.storage.stage import Stage

STAGE = Stage("normalization", revision=3, packages=("ftfy",))


@STAGE.task()
def normalize(extracted: ParquetRef, settings: NormalizationSettings) -> ParquetRef:
    """Clean the text of every part that extraction gave a text (schemas: EXTRACTION in, NORMALIZATION out)."""
    jobs = [
        Job(row["document_id"], row["part"], NormalizationRequest(**row, settings=settings))
        for row in locate_alive(extracted, ["document_id", "part", "format", "title"])
    ]
    return map_to_dataset(normalize_rows, jobs, NORMALIZATION, timeout_seconds=settings.timeout_seconds, ending=_ending)


def _ending(outcome: Outcome) -> dict[str, Any]:
    return empty_row(outcome.job.argument, f"{STAGE.name}.{outcome.status}", outcome.detail)
