"""No new shard under memory pressure: a shard waits at the door while memory is scarce and others are still being worked."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tasks.runtime.hardware import read_memory_state

LIMIT_SHARE = 0.75
TIMEOUT_SECONDS = 600.0
POLL_SECONDS = 1.0

_CHANGED = threading.Condition()
_in_flight = 0

log = logging.getLogger(__name__)


def memory_share() -> float:
    """The share of the machine's, or the container's, memory that is in use, in [0, 1]."""
    total, available = read_memory_state()
    return 1 - available / total


def shards_in_flight() -> int:
    """How many shards of this process have been admitted and are being worked."""
    return _in_flight


def _wait(limit_share: float, timeout_seconds: float, share: Callable[[], float]) -> bool:
    """Wait while memory is scarce; the caller holds the condition."""
    deadline = time.monotonic() + timeout_seconds
    told = False
    # Without another shard in flight nothing here would free memory: to wait would be to stand still.
    while _in_flight and share() > limit_share:
        if time.monotonic() >= deadline:
            log.warning(
                "Memory is still above %.0f %% after %.0f s; the next shard starts anyway.", 100 * limit_share, timeout_seconds
            )
            return False
        if not told:
            log.warning("More than %.0f %% of memory is in use; the next shard waits until another one ends.", 100 * limit_share)
            told = True
        _CHANGED.wait(min(POLL_SECONDS, timeout_seconds))
    return True


def wait_for_memory(limit_share: float = LIMIT_SHARE, timeout_seconds: float = TIMEOUT_SECONDS) -> bool:
    """Wait while more than `limit_share` of memory is used and a shard is in flight; False if that lasted for the whole time."""
    with _CHANGED:
        return _wait(limit_share, timeout_seconds, memory_share)


@contextmanager
def admitted(limit_share: float = LIMIT_SHARE, timeout_seconds: float = TIMEOUT_SECONDS) -> Iterator[None]:
    """Wait for memory, then count as a shard in flight for the block. The first shard is always admitted at once."""
    global _in_flight  # noqa: PLW0603 - the count of this process
    with _CHANGED:
        _wait(limit_share, timeout_seconds, memory_share)
        _in_flight += 1
    try:
        yield
    finally:
        with _CHANGED:
            _in_flight -= 1
            _CHANGED.notify_all()
