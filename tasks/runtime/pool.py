"""The persistent pool of worker processes in which all document work runs, one document at a time per process.

Why not Pebble: it is LGPL, and all its workers share one pipe, so that a worker which dies while idle breaks the whole pool
(BrokenProcessPool, "All workers expired"). Here each slot is an executor of the standard library with a single process: a
time-out or a crash belongs to exactly one document and cannot reach its neighbours.
"""

import atexit
import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tasks.runtime.slot import Result, Slot, Status, WorkerStartError

GUARD_SECONDS = 0.1

_OPEN: "set[WorkerPool]" = set()

__all__ = ["Job", "Outcome", "WorkerPool", "WorkerStartError", "current_pool", "map_documents", "use_pool"]


@dataclass(frozen=True)
class Job:
    """Work on one document part. argument: what the function gets; must pickle. timeout_seconds: None for that of the map."""

    document_id: str
    part: int
    argument: Any
    timeout_seconds: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    value: what the function returned, None unless status is "ok". detail: one line, None if status is "ok".
    seconds: wall time in the worker. peak_mib: peak of the worker's resident memory in MiB, None where it is not known.
    """

    job: Job
    status: Status
    value: Any
    detail: str | None
    seconds: float
    peak_mib: float | None


class _Batch:
    """The jobs of one call of `map`. All fields are guarded by the pool's condition."""

    def __init__(self, function: bytes, jobs: Sequence[Job], timeout_seconds: float) -> None:
        self.function = function
        self.jobs = jobs
        self.timeout_seconds = timeout_seconds
        self.outcomes: dict[int, Outcome] = {}
        self.next = 0
        self.error: BaseException | None = None

    def is_over(self) -> bool:
        return self.error is not None or len(self.outcomes) == len(self.jobs)


class WorkerPool:
    """Worker processes that live as long as the pool, started when first needed.

    workers: number of processes. memory_mib: cap of each one's own memory. recycle_after: documents after which a process
    is replaced. allow_hub: workers may ask model hubs. Several threads may call `map` at once and share the workers in turn.
    """

    def __init__(self, workers: int, memory_mib: int, recycle_after: int = 200, allow_hub: bool = False) -> None:
        if workers < 1 or memory_mib < 1 or recycle_after < 1:
            raise ValueError("workers, memory_mib and recycle_after must be 1 or more")
        self.workers = workers
        self.memory_mib = memory_mib
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        # With fewer workers than cores, pinning would make two runs on one machine crowd on the same cores.
        pinned: list[int | None] = [*cores] if len(cores) == workers else [None] * workers
        self._slots = [Slot(memory_mib, recycle_after, core, allow_hub) for core in pinned]
        self._changed = threading.Condition()
        self._batches: deque[_Batch] = deque()
        self._closing = threading.Event()
        self._peak_mib = 0.0
        self._threads = [
            threading.Thread(target=self._serve, args=(slot,), name=f"worker-slot-{index}", daemon=True)
            for index, slot in enumerate(self._slots)
        ]
        self._guard = threading.Thread(target=self._watch, name="worker-guard", daemon=True)
        for thread in (*self._threads, self._guard):
            thread.start()
        _OPEN.add(self)

    @property
    def peak_mib(self) -> float:
        """The largest peak of a worker's memory so far, in MiB."""
        return self._peak_mib

    @property
    def is_closed(self) -> bool:
        """Whether the pool has been closed."""
        return self._closing.is_set()

    def pids(self) -> list[int]:
        """Process ids of the workers that run now."""
        return [worker.process.pid for slot in self._slots if (worker := slot.worker) is not None]

    def map(self, function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
        """Call `function(job.argument)` in the workers; outcomes in the order of the jobs.

        function: of an importable module, not of a script. timeout_seconds: per document that has none of its own, counted from
        when a warm worker begins with it; then its process is killed. No document is tried again. Raises ValueError for a
        function that workers cannot import, WorkerStartError when no worker can be started, RuntimeError when the pool is closed.
        """
        if getattr(function, "__module__", None) == "__main__":
            raise ValueError(f"worker processes cannot import {function!r}: move it from the script to a module")
        batch = _Batch(pickle.dumps(function), list(jobs), timeout_seconds)
        if not batch.jobs:
            return []
        with self._changed:
            self._refuse_if_closed()
            self._batches.append(batch)
            self._changed.notify_all()
            try:
                while not batch.is_over():
                    self._refuse_if_closed()
                    self._changed.wait()
            finally:
                if batch in self._batches:  # interrupted: what has not begun is dropped
                    self._batches.remove(batch)
        if batch.error is not None:
            raise batch.error
        return [batch.outcomes[index] for index in range(len(batch.jobs))]

    def close(self) -> None:
        """End all workers; a document that is being worked is given up, and its `map` raises RuntimeError."""
        self._closing.set()
        _OPEN.discard(self)
        with self._changed:
            self._changed.notify_all()
        while any(thread.is_alive() for thread in self._threads):
            for slot in self._slots:
                slot.retire()
            for thread in self._threads:
                thread.join(GUARD_SECONDS)
        self._guard.join()

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse_if_closed(self) -> None:
        if self._closing.is_set():
            raise RuntimeError("the worker pool is closed")

    def _serve(self, slot: Slot) -> None:
        """A slot's thread: take a document of the map whose turn it is, until the pool is closed."""
        while True:
            with self._changed:
                while not self._batches and not self._closing.is_set():
                    self._changed.wait()
                if self._closing.is_set():
                    break
                batch = self._batches.popleft()
                index, batch.next = batch.next, batch.next + 1
                if batch.next < len(batch.jobs):
                    self._batches.append(batch)  # to the end of the queue: maps take turns
            try:
                job = batch.jobs[index]
                result = slot.run(batch.function, job.argument, job.timeout_seconds or batch.timeout_seconds)
            except Exception as error:  # noqa: BLE001 - no document's fault; told to the caller of map instead of ending this thread unseen
                self._settle(batch, index, error)
            else:
                self._settle(batch, index, result)
        slot.stop()

    def _settle(self, batch: _Batch, index: int, result: Result | Exception) -> None:
        with self._changed:
            if self._closing.is_set():  # its worker was ended by that, which says nothing of the document
                return
            if isinstance(result, Result):
                job = batch.jobs[index]
                batch.outcomes[index] = Outcome(job, result.status, result.value, result.detail, result.seconds, result.peak_mib)
                self._peak_mib = max(self._peak_mib, result.peak_mib or 0.0)
            else:
                batch.error = result
                if batch in self._batches:
                    self._batches.remove(batch)
            self._changed.notify_all()

    def _watch(self) -> None:
        """The guard's thread: the memory cap holds where the system enforces none (macOS) and below what it enforces."""
        while not self._closing.wait(GUARD_SECONDS):
            for slot in self._slots:
                worker = slot.worker
                if worker is not None:
                    worker.look(self.memory_mib)


_POOL: WorkerPool | None = None
_LOCK = threading.Lock()


@contextmanager
def use_pool(pool: WorkerPool) -> Iterator[WorkerPool]:
    """Make this the pool of the process for the block, in place of one made from the probed caps. Does not close it."""
    global _POOL  # noqa: PLW0603 - one pool per process is the point
    with _LOCK:
        former, _POOL = _POOL, pool
    try:
        yield pool
    finally:
        with _LOCK:
            _POOL = former


def current_pool() -> WorkerPool:
    """The pool of the process; made from the machine's caps when there is none, or a closed one."""
    global _POOL  # noqa: PLW0603 - one pool per process is the point
    with _LOCK:
        if _POOL is None or _POOL.is_closed:
            from tasks.runtime.hardware import plan_caps, probe

            caps = plan_caps(probe())
            _POOL = WorkerPool(caps.workers, caps.memory_per_worker_mib)
        return _POOL


def map_documents(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
    """`WorkerPool.map` on the pool of the process."""
    return current_pool().map(function, jobs, timeout_seconds) if jobs else []


def _close() -> None:
    for pool in list(_OPEN):
        pool.close()


# Before the exit hook of concurrent.futures, which would wait for the documents that are being worked; it uses the same hook,
# and the last one registered is called first.
getattr(threading, "_register_atexit", atexit.register)(_close)
