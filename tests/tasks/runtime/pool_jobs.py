"""Functions that the tests of the pool run in worker processes; only the standard library, so that a worker starts quickly."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any


def double(number: int) -> int:
    return 2 * number


def pid(_argument: Any) -> int:
    return os.getpid()


def size(text: bytes) -> int:
    return len(text)


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


def spin(_argument: Any) -> None:
    """Native code that keeps the interpreter lock and never comes back."""
    import re

    re.match(r"(a+)+$", "a" * 64 + "b")


def end_abruptly(code: int) -> None:
    os._exit(code)


def send_signal(number: int) -> None:
    signal.raise_signal(signal.Signals(number))


def hoard(mib: int) -> int:
    """Touch this much memory, in pieces."""
    held = []
    for _ in range(mib):
        held.append(b"x" * (1 << 20))
        time.sleep(0.0005)
    return len(held)


def hoard_at_once(mib: int) -> int:
    return len(b"x" * (mib << 20))


def abort_without_memory(_argument: Any) -> None:
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


class StubbornError(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)
        self.lock = threading.Lock()


def raise_stubborn(_argument: Any) -> None:
    raise StubbornError("cannot be pickled", "at 0x7fff12345678")


def raise_address(_argument: Any) -> None:
    raise ValueError("object at 0x7fff12345678 of\n/some/where/file.pdf")


class Panic(BaseException):
    """As the panics of Rust libraries are."""


def panic(message: str) -> None:
    raise Panic(message)


def leave(_argument: Any) -> None:
    sys.exit(3)


def make_lock(_argument: Any) -> Any:
    return threading.Lock()


class BreaksOnReading:
    def __reduce__(self) -> Any:
        return (int, ("not a number",))


def make_unreadable(_argument: Any) -> Any:
    return BreaksOnReading()


def environment(name: str) -> str | None:
    return os.environ.get(name)


def main_module(_argument: Any) -> str:
    """ "__mp_main__" where multiprocessing has imported the parent's main module."""
    return sys.modules["__main__"].__name__


def print_much(count: int) -> int:
    sys.stdout.write("noise" * count)
    os.write(1, b"native noise")
    return count


def die_once(folder: str) -> str:
    """Append a line, then die: shows how often a document was tried."""
    with (Path(folder) / "tries").open("a") as stream:
        stream.write("tried\n")
    os._exit(1)


def use_a_pool(_argument: Any) -> Any:
    """What a task does in a worker of a Dask cluster."""
    from tasks.runtime.pool import Job, WorkerPool

    with WorkerPool(workers=1, memory_mib=200) as pool:
        return pool.map(double, [Job("document", 0, 4)], 60.0)[0].value


def in_a_daemon(connection: Any) -> None:
    connection.send(use_a_pool(None))


def act(argument: tuple[str, Any]) -> Any:
    """One of the above by its name, for mixed jobs."""
    name, value = argument
    return globals()[name](value)
