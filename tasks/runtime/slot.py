"""The parent's side of one worker process: start it warm, give it one document, kill it when it must die, say what happened."""

import contextlib
import os
import pickle
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import current_process, get_context
from typing import Any, Literal

import psutil

from tasks.runtime.worker import MIB, Reply, WorkerSetup, describe, load, prepare, work

START_LIMIT_SECONDS = 180.0
START_TRIES = 3
NEAR_CAP = 0.8
LEFT_OVER = 0.5
LAST_WORDS_BYTES = 16_384
MEMORY_WORDS = ("bad_alloc", "memory allocation of", "Cannot allocate memory", "out of memory", "MemoryError")
FATAL = "Fatal Python error: "

Status = Literal["ok", "timeout", "crashed", "out_of_memory", "error"]

_LAUNCH = threading.Lock()


class WorkerStartError(RuntimeError):
    """A worker process could not be started: a fault of the installation or the machine, not of a document."""


@dataclass(frozen=True)
class Result:
    """What became of one call in a worker.

    value: what it returned if status is "ok". seconds: wall time. peak_mib: of resident memory, None if not known.
    """

    status: Status
    value: Any
    detail: str | None
    seconds: float
    peak_mib: float | None


@contextlib.contextmanager
def _launching() -> Iterator[None]:
    """For the moment of a start, hide two things that multiprocessing would trip over.

    The parent's main module: it would be imported in each worker, be it Prefect's flow engine of a deployed flow (seconds, and
    100 MiB a worker) or once more a script of the user that has no `__name__` guard. That this process is "daemonic", as the
    workers of a Dask cluster are, which may have no children lest these outlive them: ours watch for that themselves.
    """
    main = vars(sys.modules["__main__"])
    config = current_process()._config  # type: ignore[attr-defined]  # no public way once a process runs
    with _LAUNCH:
        seen: dict[str, Any] = {name: main[name] for name in ("__spec__", "__file__") if name in main}
        daemon = config.get("daemon")
        main.update(dict.fromkeys(seen))
        config["daemon"] = False
        try:
            yield
        finally:
            main.update(seen)
            config["daemon"] = daemon


def used_mib(process: psutil.Process) -> float:
    """Memory in MiB that is the process' own. Pages of mapped files are left out where the system tells them (Linux): they
    are the page cache's, and a reader of large files would look greedy."""
    memory = process.memory_info()
    return (memory.rss - getattr(memory, "shared", 0)) / MIB


class Worker:
    """One running worker process.

    process: for killing it and looking at its memory. peak_mib: the largest of its own memory that was seen during the
    present document, in MiB. over_cap: it was killed for its memory.
    """

    def __init__(self, memory_mib: int, core: int | None, allow_hub: bool) -> None:
        context = get_context("spawn")
        descriptor, path = tempfile.mkstemp(prefix="doctune-worker-")
        self.log = os.fdopen(descriptor, "rb")
        self.started = context.RawArray("Q", 1)
        self.number = 0
        self.served = 0
        self.known: set[bytes] = set()
        self.peak_mib = 0.0
        self.over_cap = False
        # Half as much again, and half a GiB: the guard should be the one that sees the excess first, this only stops what
        # outruns it. Stacks of native threads count here without being used.
        setup = WorkerSetup(memory_mib + memory_mib // 2 + 512, core, path, allow_hub)
        self.executor = ProcessPoolExecutor(1, mp_context=context, initializer=prepare, initargs=(setup, self.started))
        try:
            with _launching():
                first = self.executor.submit(load, b"")
            self.process = psutil.Process(first.result(START_LIMIT_SECONDS))
        except (BrokenProcessPool, TimeoutError, psutil.Error) as error:
            # Its process id is not known yet; the executor's own handle is the only way to it.
            for process in list((getattr(self.executor, "_processes", None) or {}).values()):
                process.kill()
            words = self.last_words().strip().splitlines()
            self.end()
            message = f"a worker process did not start ({describe(error)}): {words[-1] if words else 'no message'}"
            raise WorkerStartError(message) from error
        finally:
            os.unlink(path)  # both sides have it open by now; so it is gone even if this process is killed

    def last_words(self) -> str:
        """The end of what the worker printed."""
        self.log.seek(max(0, os.fstat(self.log.fileno()).st_size - LAST_WORDS_BYTES))
        return self.log.read().decode("utf-8", "replace")

    def is_alive(self) -> bool:
        """Whether the process is there and not a zombie."""
        try:
            return bool(self.process.is_running()) and self.process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def look(self, cap_mib: int) -> None:
        """Sample the worker's memory; kill it when that is over the cap."""
        with contextlib.suppress(psutil.NoSuchProcess):
            used = used_mib(self.process)
            self.peak_mib = max(self.peak_mib, used)
            if used > cap_mib and self.process.is_running():
                self.over_cap = True
                self.process.kill()

    def kill(self) -> None:
        """SIGKILL. psutil checks that the id still is this process and no later one."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.kill()

    def end(self) -> None:
        """Let an idle worker exit, or reap a dead one."""
        self.executor.shutdown(wait=True, cancel_futures=True)
        self.log.close()


class Slot:
    """A place for one worker process at a time; used by one thread, watched by the guard.

    memory_mib: cap of a worker's own memory. recycle_after: documents after which a fresh process takes over, because
    native parsers leak. core: the core to stay on, None for any.
    """

    def __init__(self, memory_mib: int, recycle_after: int, core: int | None = None, allow_hub: bool = False) -> None:
        self.memory_mib = memory_mib
        self.recycle_after = recycle_after
        self.core = core
        self.allow_hub = allow_hub
        self.worker: Worker | None = None
        self._busy = False
        self._retired = False

    def _warm(self, function: bytes) -> Worker:
        """A live worker that has imported the function's module. Raises WorkerStartError."""
        for attempt in range(START_TRIES):
            if self._retired:
                break
            if self.worker is not None and not self.worker.is_alive():
                self.stop()  # it died while it was idle: nobody's document is harmed
            try:
                if self.worker is None:
                    self.worker = Worker(self.memory_mib, self.core, self.allow_hub)
                if function not in self.worker.known:
                    self.worker.executor.submit(load, function).result(START_LIMIT_SECONDS)
                    self.worker.known.add(function)
                return self.worker
            except (WorkerStartError, BrokenProcessPool, TimeoutError) as error:
                self.stop()
                if attempt == START_TRIES - 1:
                    raise WorkerStartError(str(error)) from error
        raise WorkerStartError("the worker pool is closing")

    def run(self, function: bytes, argument: Any, timeout_seconds: float) -> Result:
        """Call a pickled function in the worker. The time counts from when the warm worker begins. Raises WorkerStartError."""
        try:
            packed = pickle.dumps(argument, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001 - pickling runs code of the argument's class
            return Result("error", None, describe(error), 0.0, None)
        self._busy = True
        try:
            for _ in range(START_TRIES):
                result = self._run_once(self._warm(function), function, packed, timeout_seconds)
                if result is not None:
                    return result
        finally:
            self._busy = False
        raise WorkerStartError("worker processes die before they begin their document")

    def retire(self) -> None:
        """Start no worker any more, and give up the document that is being worked. May be called from another thread."""
        self._retired = True
        worker = self.worker
        if self._busy and worker is not None:
            worker.kill()

    def _run_once(self, worker: Worker, function: bytes, packed: bytes, timeout_seconds: float) -> Result | None:
        """None: the worker had died before it began."""
        worker.number += 1
        worker.peak_mib = 0.0
        began = time.monotonic()
        try:
            future = worker.executor.submit(work, worker.number, function, packed, timeout_seconds)
            reply: Reply = future.result(timeout_seconds)
        except TimeoutError:
            self.stop(kill=True)
            if worker.over_cap:  # the guard was quicker, its kill had not been noticed yet
                return self._out_of_memory(worker, time.monotonic() - began)
            return Result(
                "timeout", None, f"not finished after {timeout_seconds:g} s", time.monotonic() - began, worker.peak_mib or None
            )
        except BrokenProcessPool:
            seconds = time.monotonic() - began
            words = worker.last_words()
            self.stop(kill=True)
            return self._death(worker, words, seconds) if worker.started[0] == worker.number else None
        worker.served += 1
        self._leave_fresh(worker, reply)
        if reply.status != "ok":
            return Result(reply.status, None, reply.detail, reply.seconds, reply.peak_mib)
        try:
            return Result("ok", pickle.loads(reply.value), None, reply.seconds, reply.peak_mib)
        except Exception as error:  # noqa: BLE001 - a value that pickles and cannot be read back
            return Result("error", None, describe(error), reply.seconds, reply.peak_mib)

    def _leave_fresh(self, worker: Worker, reply: Reply) -> None:
        """Replace a worker that has served its time, or that kept memory which would be charged to the next document."""
        with contextlib.suppress(psutil.NoSuchProcess):
            kept = used_mib(worker.process)
            if worker.served >= self.recycle_after or reply.status == "out_of_memory" or kept > LEFT_OVER * self.memory_mib:
                self.stop()

    def _death(self, worker: Worker, words: str, seconds: float) -> Result:
        near = worker.peak_mib >= NEAR_CAP * self.memory_mib
        if worker.over_cap or near or any(word in words for word in MEMORY_WORDS):
            return self._out_of_memory(worker, seconds)
        cause = words.rpartition(FATAL)[2].partition("\n")[0].strip() if FATAL in words else "killed, or it ended itself"
        return Result("crashed", None, f"the worker process died: {cause}", seconds, worker.peak_mib or None)

    def _out_of_memory(self, worker: Worker, seconds: float) -> Result:
        return Result(
            "out_of_memory", None, f"needed more than the cap of {self.memory_mib} MiB", seconds, worker.peak_mib or None
        )

    def stop(self, kill: bool = False) -> None:
        """End the worker, if there is one; the next document starts a new one."""
        worker, self.worker = self.worker, None
        if worker is not None:
            if kill or not worker.is_alive():
                worker.kill()
            worker.end()
