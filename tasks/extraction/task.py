"""The door of extraction."""

from tasks.extraction.registry import installed_packages
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractedPart, ExtractionRequest, read_document
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, read_alive
from tasks.storage.schemas import EXTRACTION
from tasks.storage.sources import read_sources
from tasks.storage.stage import Metric, Stage, write_output

STAGE = Stage("extraction", revision=1, packages=installed_packages())


@STAGE.task(ignore=("inventory",))
def extract(detected: ParquetRef, settings: ExtractionSettings, inventory: ParquetRef) -> ParquetRef:
    """Read the text of each document that detection let through. `inventory` says where the files are.

    Returns one row per part (schema EXTRACTION), sorted by (document_id, part); a document without text has one row.
    """
    documents = sorted(read_alive(detected, ["document_id", "format", "encoding"]), key=lambda row: row["document_id"])
    sources = read_sources(inventory, [row["document_id"] for row in documents])
    jobs = [
        Job(
            row["document_id"],
            0,
            ExtractionRequest(row["document_id"], sources.get(row["document_id"], ()), row["format"], row["encoding"], settings),
        )
        for row in documents
    ]
    outcomes = map_documents(read_document, jobs, timeout_seconds=settings.timeout_seconds)
    metrics = [Metric(each.job.document_id, 0, each.seconds, each.peak_mib) for each in outcomes]
    return write_output([vars(part) for outcome in outcomes for part in _parts(outcome)], EXTRACTION, metrics)


def _parts(outcome: Outcome) -> list[ExtractedPart]:
    if outcome.status == "ok":
        parts: list[ExtractedPart] = outcome.value
        return parts
    request: ExtractionRequest = outcome.job.argument
    return [ExtractedPart(request.document_id, 0, request.format, reason=f"extraction.{outcome.status}", detail=outcome.detail)]
