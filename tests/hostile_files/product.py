"""The way of a file through the product: detection, then extraction, both in the worker pool. The one place that knows how."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.detection.settings import DetectionSettings
from tasks.detection.work import DetectionRequest, detect_document
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractionRequest, read_document
from tasks.runtime.pool import Job, WorkerPool
from tests.hostile_files.case import TEXT


@dataclass(frozen=True)
class Ending:
    """What became of a file. outcome: a reason code, or TEXT. peak_mib: of the worker that read it, None where unknown."""

    outcome: str
    detail: str | None = None
    text: str = ""
    title: str = ""
    seconds: float = 0.0
    peak_mib: float | None = None


def process(paths: Sequence[Path], pool: WorkerPool, timeout_seconds: float) -> list[Ending]:
    """Detect and read each file as the product does; their endings in the same order."""
    endings: dict[int, Ending] = {}
    found = pool.map(
        detect_document,
        [
            Job(str(at), 0, DetectionRequest((str(path),), path.suffix[1:].lower(), path.stat().st_size, DetectionSettings()))
            for at, path in enumerate(paths)
        ],
        timeout_seconds,
    )
    jobs = []
    for at, (path, detected) in enumerate(zip(paths, found, strict=True)):
        reason = detected.value.reason if detected.status == "ok" else f"detection.{detected.status}"
        if reason:
            detail = detected.value.detail if detected.status == "ok" else detected.detail
            endings[at] = Ending(reason, detail, seconds=detected.seconds, peak_mib=detected.peak_mib)
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            request = ExtractionRequest(
                digest, (str(path),), detected.value.format, detected.value.encoding, ExtractionSettings()
            )
            jobs.append(Job(str(at), 0, request))
    for read in pool.map(read_document, jobs, timeout_seconds):
        at = int(read.job.document_id)
        if read.status != "ok":
            endings[at] = Ending(f"extraction.{read.status}", read.detail, seconds=read.seconds, peak_mib=read.peak_mib)
            continue
        first = read.value[0]
        text = "".join(part.text or "" for part in read.value)
        endings[at] = Ending(first.reason or TEXT, first.detail, text, first.title or "", read.seconds, read.peak_mib)
    return [endings[at] for at in range(len(paths))]
