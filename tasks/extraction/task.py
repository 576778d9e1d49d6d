"""The door of extraction."""

from dataclasses import replace
from functools import partial

from tasks.extraction.ocr import find_ocr, ocr_identity
from tasks.extraction.registry import installed_packages
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractedPart, ExtractionRequest, read_rows
from tasks.runtime.pieces import Row, map_to_dataset
from tasks.runtime.pool import Job, Outcome
from tasks.storage.parquet import ParquetRef, read_alive
from tasks.storage.schemas import EXTRACTION
from tasks.storage.sources import read_sources
from tasks.storage.stage import Stage

RECOGNISED = ("pdf",)  # formats some pages of which may be lost for want of recognition; a picture is lost as a whole

STAGE = Stage("extraction", revision=2, packages=installed_packages(), programs=(ocr_identity(),))


@STAGE.task(ignore=("inventory",))
def extract(detected: ParquetRef, settings: ExtractionSettings, inventory: ParquetRef) -> ParquetRef:
    """Read the text of each document that detection let through. `inventory` says where the files are.

    Returns one row per part (schema EXTRACTION), sorted by (document_id, part); a document without text has one row.
    """
    plain = settings.model_copy(update={"ocr": "off"})
    documents = sorted(read_alive(detected, ["document_id", "format", "encoding"]), key=lambda row: row["document_id"])
    sources = read_sources(inventory, [row["document_id"] for row in documents])
    jobs = []
    for row in documents:
        locations, size = sources.get(row["document_id"], ((), 0))
        request = ExtractionRequest(row["document_id"], locations, row["format"], row["encoding"], plain)
        jobs.append(Job(row["document_id"], 0, request, settings.time_limit(size)))
    return map_to_dataset(
        read_rows,
        jobs,
        EXTRACTION,
        timeout_seconds=settings.timeout_seconds,
        ending=_ending,
        again=partial(_with_recognition, settings=settings) if find_ocr(settings) else _leave,
    )


def _with_recognition(job: Job, row: Row, settings: ExtractionSettings) -> Job | None:
    """A document with pages that only text recognition can read, once more with it: in a time of its own, since it takes seconds
    a page, and a document that hangs should not be given as much."""
    if row["reason"] != "extraction.needs_ocr" and not (row["format"] in RECOGNISED and row["pages_lost"]):
        return None
    return replace(job, argument=replace(job.argument, settings=settings), timeout_seconds=settings.ocr_document_seconds)


def _leave(_job: Job, _row: Row) -> None:
    return None


def _ending(outcome: Outcome) -> dict[str, object]:
    request: ExtractionRequest = outcome.job.argument
    reason = f"extraction.{outcome.status}"
    return vars(ExtractedPart(request.document_id, 0, request.format, reason=reason, detail=outcome.detail))
