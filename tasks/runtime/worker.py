"""The child's side of the worker pool: what runs in a worker process. Only the standard library, so that a start is quick."""

import faulthandler
import multiprocessing
import os
import pickle
import re
import signal
import sys
import threading
import time
from collections.abc import MutableSequence
from dataclasses import dataclass
from typing import Literal

from tasks.runtime.offline import forbid_telemetry

MIB = 1 << 20
ALARM_GRACE_SECONDS = 30
LOG_LIMIT_BYTES = MIB
DETAIL_CHARACTERS = 500
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
FOLDERS = re.compile(r"(?<![\w:/.])/(?:[^/\s'\"]+/)+")
# One worker per core: native libraries must not start a thread per core inside each of them.
SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


@dataclass(frozen=True)
class WorkerSetup:
    """What a worker process arranges for itself before its first document.

    data_limit_mib: limit of private writable memory in MiB. core: index of the core to stay on, None for any.
    log: path of the file that takes what native libraries print. allow_hub: model hubs may be asked.
    """

    data_limit_mib: int
    core: int | None
    log: str
    allow_hub: bool = False


@dataclass(frozen=True)
class Reply:
    """What a worker tells about one document. value: the pickled return value. seconds: wall. peak_mib: of resident memory."""

    status: Literal["ok", "error", "out_of_memory"]
    value: bytes
    detail: str | None
    seconds: float
    peak_mib: float | None


# In a worker: shared with the parent, the number of the document that is being worked. It tells a document that killed its
# worker from one that was handed to a worker which had died before.
_started: MutableSequence[int] = [0]


def prepare(setup: WorkerSetup, started: MutableSequence[int]) -> None:
    """Initialize this worker process; called once, before its first document."""
    global _started  # noqa: PLW0603 - a worker process has one parent
    _started = started
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole process group; the parent decides what it means
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.Thread(target=_die_with_parent, name="die-with-parent", daemon=True).start()
    forbid_telemetry(allow_hub=setup.allow_hub)
    for name in SINGLE_THREADED:
        os.environ.setdefault(name, "1")
    log = os.open(setup.log, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    faulthandler.enable(file=sys.__stderr__ or 2, all_threads=False)
    if setup.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {setup.core})
    _limit_memory(setup.data_limit_mib)


def _limit_memory(limit_mib: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if not sys.platform.startswith("linux"):
        return  # macOS does not enforce RLIMIT_DATA; there the parent's guard is the only cap
    # RLIMIT_DATA counts private writable memory. RLIMIT_AS would also count what native libraries only reserve (thread arenas,
    # mapped files), gigabytes of which are never touched.
    wanted = limit_mib * MIB
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, wanted))


def _die_with_parent() -> None:
    """End this process when the parent has gone, even by SIGKILL. Not PR_SET_PDEATHSIG: that fires when the *thread* which made
    the child ends, and is Linux only."""
    parent = multiprocessing.parent_process()
    while parent is not None and parent.is_alive() and os.getppid() == parent.pid:
        parent.join(timeout=1.0)
    os.kill(os.getpid(), signal.SIGKILL)


def load(function: bytes) -> int:
    """Import the module of a pickled function, so that this does not count against a document's time; return the process id."""
    if function:
        try:
            pickle.loads(function)
        except Exception as error:  # noqa: BLE001 - it is reported with the first document, which will meet it again
            sys.stderr.write(f"cannot load the worker function: {describe(error)}\n")
    return os.getpid()


def work(number: int, function: bytes, argument: bytes, timeout_seconds: float) -> Reply:
    """Work one document: `function(argument)`. Never raises; whatever goes wrong is told in the reply."""
    _started[0] = number
    # Should the parent be gone and this process be stuck in native code that never yields, the kernel ends it.
    signal.alarm(int(timeout_seconds) + ALARM_GRACE_SECONDS)
    _reset_peak()
    _trim_log()
    began = time.monotonic()
    try:
        value = pickle.dumps(pickle.loads(function)(pickle.loads(argument)), protocol=pickle.HIGHEST_PROTOCOL)
        return Reply("ok", value, None, time.monotonic() - began, peak_mib())
    except MemoryError as error:
        return Reply("out_of_memory", b"", describe(error), time.monotonic() - began, peak_mib())
    except BaseException as error:  # noqa: BLE001 - a panic of a Rust library is a BaseException, and so is sys.exit() in a parser
        return Reply("error", b"", describe(error), time.monotonic() - began, peak_mib())
    finally:
        signal.alarm(0)


def describe(error: BaseException) -> str:
    """An exception as one line, "TypeName: message", without memory addresses and folders: the same on every machine."""
    try:
        message = " ".join(str(error).split())
    except Exception as broken:  # noqa: BLE001 - the message is made by code of the library that failed
        message = f"(its message cannot be read: {type(broken).__name__})"
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return FOLDERS.sub("", ADDRESS.sub("0x...", text))[:DETAIL_CHARACTERS]


def _trim_log() -> None:
    if os.fstat(2).st_size > LOG_LIMIT_BYTES:
        os.ftruncate(2, 0)


def _reset_peak() -> None:
    """Start a new measurement of the peak, where the system can (Linux); elsewhere it is the peak of the worker's life."""
    try:
        with open("/proc/self/clear_refs", "w") as stream:
            stream.write("5")
    except OSError:
        return


def peak_mib() -> float | None:
    """Peak of this process' resident memory in MiB.

    On Linux from VmHWM: ru_maxrss would begin with what the *parent* had when it started this process.
    """
    import resource

    if sys.platform.startswith("linux"):
        try:
            with open("/proc/self/status") as stream:
                return next((int(line.split()[1]) / 1024 for line in stream if line.startswith("VmHWM:")), None)
        except OSError:
            return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB  # bytes on macOS
