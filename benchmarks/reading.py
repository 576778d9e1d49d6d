"""Files read as the product reads them, and as its peers do: in the product's own worker pool, under the same limits."""

import functools
import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tasks.detection.settings import DetectionSettings
from tasks.detection.work import DetectionRequest, detect_document
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractionRequest, read_document
from tasks.runtime.pool import Job, WorkerPool

MEMORY_MIB = 2048
SETTINGS = ExtractionSettings()
PEER_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Read:
    """What came of one file. text: "" without one. reason: None for a text; a peer's is the pool's status or its error."""

    path: Path
    text: str
    format: str | None
    reason: str | None
    detail: str | None
    seconds: float


@dataclass(frozen=True)
class Pass:
    """One pass over files. seconds: wall. peak_mib: of all processes of the pass together, this one included."""

    files: tuple[Read, ...]
    seconds: float
    peak_mib: float

    @property
    def per_minute(self) -> float:
        """Files per minute."""
        return len(self.files) / self.seconds * 60


class TreePeak:
    """The peak of the memory of this process and all its children, looked at ten times a second. Shared pages count once each."""

    def __init__(self) -> None:
        self.mib = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "TreePeak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(0.1):
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.mib = max(self.mib, total / 2**20)


@contextmanager
def warm_pool(workers: int, function: Callable[[Any], Any], argument: Any) -> Any:
    """A pool whose workers have imported what a first file needs, so that no pass pays for it."""
    with WorkerPool(workers, MEMORY_MIB) as pool:
        pool.map(function, [Job(str(number), 0, argument) for number in range(4 * workers)], timeout_seconds=120)
        yield pool


def read_by_product(paths: Sequence[Path], workers: int, settings: ExtractionSettings = SETTINGS) -> Pass:
    """Detection and extraction with default settings."""
    arguments = [(path, hashlib.sha256(path.read_bytes()).hexdigest(), settings) for path in paths]  # known from the inventory
    with warm_pool(workers, detect_and_read, arguments[0]) as pool, TreePeak() as peak:
        started = time.monotonic()
        jobs = [Job(each[0].name, 0, each, settings.time_limit(each[0].stat().st_size)) for each in arguments]
        outcomes = pool.map(detect_and_read, jobs, timeout_seconds=settings.timeout_seconds)
        seconds = time.monotonic() - started
    files = []
    for path, outcome in zip(paths, outcomes, strict=True):
        if outcome.status == "ok":
            format_name, text, reason, detail = outcome.value
        else:
            format_name, text, reason, detail = None, "", f"extraction.{outcome.status}", outcome.detail
        files.append(Read(path, text, format_name, reason, detail, outcome.seconds))
    return Pass(tuple(files), seconds, peak.mib)


def detect_and_read(argument: tuple[Path, str, ExtractionSettings]) -> tuple[str | None, str, str | None, str | None]:
    """Runs in a worker: format, text, reason and detail of one file."""
    path, document_id, settings = argument
    size, extension = path.stat().st_size, path.suffix.lower().lstrip(".")
    found = detect_document(DetectionRequest((str(path),), extension, size, DetectionSettings()))
    if found.reason is not None or found.format is None:
        return found.format, "", found.reason, found.detail
    parts = read_document(ExtractionRequest(document_id, (str(path),), found.format, found.encoding, settings))
    ended = next((part for part in parts if part.reason is not None), None)
    if ended is not None:
        return found.format, "", ended.reason, ended.detail
    return found.format, "\n\n".join(part.text or "" for part in parts), None, None


def read_by_peer(read: Callable[[Path], str], paths: Sequence[Path], workers: int) -> Pass:
    """The same files by another tool. read: a function of benchmarks/peers.py."""
    work = functools.partial(call_peer, read)
    with warm_pool(workers, work, paths[0]) as pool, TreePeak() as peak:
        started = time.monotonic()
        jobs = [Job(path.name, 0, path) for path in paths]
        outcomes = pool.map(work, jobs, timeout_seconds=PEER_TIMEOUT_SECONDS)
        seconds = time.monotonic() - started
    files = []
    for path, outcome in zip(paths, outcomes, strict=True):
        text, error = outcome.value if outcome.status == "ok" else ("", outcome.status)
        files.append(Read(path, text, None, error, outcome.detail, outcome.seconds))
    return Pass(tuple(files), seconds, peak.mib)


def call_peer(read: Callable[[Path], str], path: Path) -> tuple[str, str | None]:
    """Runs in a worker: the text, or the name of the error by which the peer refused."""
    try:
        return read(path), None
    except Exception as error:  # noqa: BLE001 - whatever a peer raises is its answer
        return "", type(error).__name__
