"""The one worker process that holds a model, apart from those that read documents: started with the first text that needs it.

One, however many shards are in flight: their texts take turns. A second copy of the weights would buy little where the
accelerator is one, and could take the memory that the readers count on.
"""

import threading

from tasks.runtime.pool import WorkerPool

MODEL_WORKERS = 1
RECYCLE_AFTER = 1_000_000  # texts: a new process would load the model again

_POOL: WorkerPool | None = None
_LOCK = threading.Lock()


def model_pool(memory_mib: int) -> WorkerPool:
    """The pool of this process for a model that may take this much memory; a pool with another cap is closed first."""
    global _POOL  # noqa: PLW0603 - one model per process is the point
    with _LOCK:
        if _POOL is not None and (_POOL.is_closed or _POOL.memory_mib != memory_mib):
            _POOL.close()
            _POOL = None
        if _POOL is None:
            _POOL = WorkerPool(MODEL_WORKERS, memory_mib, recycle_after=RECYCLE_AFTER)
        return _POOL


def close_model_pool() -> None:
    """End the worker with its model, if there is one; the next text starts another."""
    global _POOL
    with _LOCK:
        pool, _POOL = _POOL, None
    if pool is not None:
        pool.close()
