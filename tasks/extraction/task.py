"""The door of extraction."""

from dataclasses import replace
from functools import partial

from tasks.extraction.ocr import find_ocr, ocr_identity
from tasks.extraction.registry import installed_packages
from tasks.extraction.sample import is_costly, sample_rows
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractedPart, ExtractionRequest, read_rows
from tasks.runtime.pieces import Row, map_to_dataset
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, read_alive, read_table
from tasks.storage.schemas import EXTRACTION, SAMPLES
from tasks.storage.sources import read_sources
from tasks.storage.stage import Metric, Stage, write_output

RECOGNISED = ("pdf",)  # formats some pages of which may be lost for want of recognition; a picture is lost as a whole

STAGE = Stage("extraction", revision=2, packages=installed_packages(), programs=(ocr_identity(),))
SAMPLE = Stage("extraction-sample", revision=1, packages=("pypdfium2",))

SAMPLE_SECONDS = 20.0  # for one document; one that takes longer is read without a sample


@SAMPLE.task(ignore=("inventory",))
def sample(detected: ParquetRef, settings: ExtractionSettings, inventory: ParquetRef) -> ParquetRef:
    """Look into the documents that take long to read (schemas: DETECTION in, SAMPLES out); not all of them have a sample."""
    jobs = [job for job, size in _jobs(detected, settings, inventory) if is_costly(job.argument.format, size)]
    outcomes = map_documents(sample_rows, jobs, timeout_seconds=SAMPLE_SECONDS)
    metrics = [Metric(o.job.document_id, o.job.part, o.seconds, o.peak_mib) for o in outcomes]
    return write_output([row for outcome in outcomes if outcome.status == "ok" for row in outcome.value], SAMPLES, metrics)


@STAGE.task(ignore=("inventory",))
def extract(
    detected: ParquetRef, settings: ExtractionSettings, inventory: ParquetRef, early: ParquetRef | None = None
) -> ParquetRef:
    """Read the text of each document that detection let through. `inventory` says where the files are.

    early: documents that have ended before (schema EARLY); they are not read and have no row. Returns one row per part (schema
    EXTRACTION), sorted by (document_id, part); a document without text has one row.
    """
    ended = set(read_table(early, ["document_id"])["document_id"].to_pylist()) if early is not None else set()
    plain = settings.model_copy(update={"ocr": "off"})
    jobs = [job for job, _ in _jobs(detected, plain, inventory) if job.document_id not in ended]
    return map_to_dataset(
        read_rows,
        jobs,
        EXTRACTION,
        timeout_seconds=settings.timeout_seconds,
        ending=_ending,
        again=partial(_with_recognition, settings=settings) if find_ocr(settings) else _leave,
    )


def _jobs(detected: ParquetRef, settings: ExtractionSettings, inventory: ParquetRef) -> list[tuple[Job, int]]:
    """A job for each document that detection let through, and its size in bytes."""
    documents = sorted(read_alive(detected, ["document_id", "format", "encoding"]), key=lambda row: row["document_id"])
    sources = read_sources(inventory, [row["document_id"] for row in documents])
    jobs = []
    for row in documents:
        locations, size = sources.get(row["document_id"], ((), 0))
        request = ExtractionRequest(row["document_id"], locations, row["format"], row["encoding"], settings)
        jobs.append((Job(row["document_id"], 0, request, settings.time_limit(size)), size))
    return jobs


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
