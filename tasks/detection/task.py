"""The door of detection."""

from tasks.detection.detector import Detection
from tasks.detection.settings import DetectionSettings
from tasks.detection.work import DetectionRequest, detect_document
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, read_rows
from tasks.storage.schemas import DETECTION
from tasks.storage.sources import read_sources
from tasks.storage.stage import Metric, Stage, write_output

STAGE = Stage("detection", revision=2, packages=("charset-normalizer", "olefile", "pypdfium2"))


@STAGE.task(ignore=("inventory",))
def detect(shard: ParquetRef, settings: DetectionSettings, inventory: ParquetRef) -> ParquetRef:
    """Name the format of each document of a shard. `inventory` says where the files are.

    Returns one row per document (schema DETECTION), sorted by document_id.
    """
    documents = sorted(read_rows(shard, ["document_id", "extension", "bytes"]), key=lambda row: row["document_id"])
    sources = read_sources(inventory, [row["document_id"] for row in documents])
    jobs = [
        Job(
            row["document_id"],
            0,
            DetectionRequest(sources.get(row["document_id"], ((), 0))[0], row["extension"], row["bytes"], settings),
        )
        for row in documents
    ]
    outcomes = map_documents(detect_document, jobs, timeout_seconds=settings.timeout_seconds)
    metrics = [Metric(each.job.document_id, 0, each.seconds, each.peak_mib) for each in outcomes]
    return write_output([_row(outcome) for outcome in outcomes], DETECTION, metrics)


def _row(outcome: Outcome) -> dict[str, object]:
    failed = Detection(None, reason=f"detection.{outcome.status}", detail=outcome.detail)
    found = outcome.value if outcome.status == "ok" else failed
    return {"document_id": outcome.job.document_id, **vars(found)}
