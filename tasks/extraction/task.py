"""The door of extraction."""

from tasks.extraction.registry import installed_packages
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractedPart, ExtractionRequest, read_rows
from tasks.runtime.pieces import map_to_dataset
from tasks.runtime.pool import Job, Outcome
from tasks.storage.parquet import ParquetRef, read_alive
from tasks.storage.schemas import EXTRACTION
from tasks.storage.sources import read_sources
from tasks.storage.stage import Stage

STAGE = Stage("extraction", revision=2, packages=installed_packages())


@STAGE.task(ignore=("inventory",))
def extract(detected: ParquetRef, settings: ExtractionSettings, inventory: ParquetRef) -> ParquetRef:
    """Read the text of each document that detection let through. `inventory` says where the files are.

    Returns one row per part (schema EXTRACTION), sorted by (document_id, part); a document without text has one row.
    """
    documents = sorted(read_alive(detected, ["document_id", "format", "encoding"]), key=lambda row: row["document_id"])
    sources = read_sources(inventory, [row["document_id"] for row in documents])
    jobs = []
    for row in documents:
        locations, size = sources.get(row["document_id"], ((), 0))
        request = ExtractionRequest(row["document_id"], locations, row["format"], row["encoding"], settings)
        jobs.append(Job(row["document_id"], 0, request, settings.time_limit(size)))
    return map_to_dataset(read_rows, jobs, EXTRACTION, timeout_seconds=settings.timeout_seconds, ending=_ending)


def _ending(outcome: Outcome) -> dict[str, object]:
    request: ExtractionRequest = outcome.job.argument
    reason = f"extraction.{outcome.status}"
    return vars(ExtractedPart(request.document_id, 0, request.format, reason=reason, detail=outcome.detail))
