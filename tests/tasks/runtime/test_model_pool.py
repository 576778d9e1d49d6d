"""The worker that holds a model: one, kept for the next text, replaced when another model needs another cap."""

import os

from pool_jobs import pid

from tasks.runtime.model_pool import close_model_pool, model_pool
from tasks.runtime.pool import Job


def test_one_worker_is_kept_until_it_is_closed() -> None:
    jobs = [Job("a", number, None) for number in range(3)]
    try:
        first = {outcome.value for outcome in model_pool(256).map(pid, jobs, 30.0)}
        again = {outcome.value for outcome in model_pool(256).map(pid, jobs, 30.0)}
        assert first == again
        assert len(first) == 1
        assert first != {os.getpid()}
        small, large = model_pool(256), model_pool(512)
        assert small.is_closed
        assert large.memory_mib == 512
    finally:
        close_model_pool()
    assert large.is_closed
    assert model_pool(256) is not small
    close_model_pool()
