"""The worker pool: every way in which a document can go wrong reaches that document only."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import pool_jobs

from tasks.runtime import pool as pool_module
from tasks.runtime.pool import Job, Outcome, WorkerPool, WorkerStartError, current_pool, map_documents, use_pool

CAP_MIB = 200
LONG = 60.0


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    shared = WorkerPool(workers=2, memory_mib=CAP_MIB)
    yield shared
    shared.close()


def jobs(*arguments: Any) -> list[Job]:
    return [Job(f"document-{index}", 0, argument) for index, argument in enumerate(arguments)]


def one(outcomes: list[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


def test_outcomes_are_in_the_order_of_the_jobs_and_measured(pool: WorkerPool) -> None:
    many = jobs(*range(50))
    outcomes = pool.map(pool_jobs.double, many, LONG)
    assert [outcome.job for outcome in outcomes] == many
    assert [outcome.value for outcome in outcomes] == [2 * number for number in range(50)]
    assert all(outcome.status == "ok" and outcome.detail is None and outcome.seconds >= 0 for outcome in outcomes)
    assert all(outcome.peak_mib is not None and outcome.peak_mib > 1 for outcome in outcomes)
    assert pool.peak_mib >= max(outcome.peak_mib or 0 for outcome in outcomes)


def test_no_jobs_make_no_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_POOL", None)
    assert map_documents(pool_jobs.double, [], LONG) == []
    assert pool_module._POOL is None


def test_a_document_over_its_time_is_killed_and_its_neighbours_finish(pool: WorkerPool) -> None:
    arguments = [("sleep", 0.0), ("sleep", 600.0), ("double", 4), ("sleep", 0.01)]
    outcomes = pool.map(pool_jobs.act, jobs(*arguments), 1.5)
    assert [outcome.status for outcome in outcomes] == ["ok", "timeout", "ok", "ok"]
    assert outcomes[1].detail == "not finished after 1.5 s"
    assert outcomes[2].value == 8


def test_native_code_that_never_yields_is_killed(pool: WorkerPool) -> None:
    assert one(pool.map(pool_jobs.spin, jobs(None), 0.3)).status == "timeout"


@pytest.mark.parametrize(
    ("name", "argument", "cause"),
    [
        ("end_abruptly", 0, "killed, or it ended itself"),
        ("end_abruptly", 7, "killed, or it ended itself"),
        ("send_signal", int(signal.SIGKILL), "killed, or it ended itself"),
        ("send_signal", int(signal.SIGSEGV), "Segmentation fault"),
        ("send_signal", int(signal.SIGABRT), "Aborted"),
    ],
)
def test_a_crash_is_told_and_its_neighbours_finish(pool: WorkerPool, name: str, argument: int, cause: str) -> None:
    arguments = [("double", 1), (name, argument), ("double", 2), ("double", 3)]
    outcomes = pool.map(pool_jobs.act, jobs(*arguments), LONG)
    assert [outcome.status for outcome in outcomes] == ["ok", "crashed", "ok", "ok"]
    assert outcomes[1].detail == f"the worker process died: {cause}"


def test_a_document_that_killed_its_worker_is_not_tried_again(pool: WorkerPool, tmp_path: Path) -> None:
    assert one(pool.map(pool_jobs.die_once, jobs(str(tmp_path)), LONG)).status == "crashed"
    assert (tmp_path / "tries").read_text().count("tried") == 1


def test_a_worker_over_its_memory_is_killed_and_its_neighbours_finish(pool: WorkerPool) -> None:
    arguments = [("double", 1), ("hoard", 6 * CAP_MIB), ("hoard", 5), ("double", 2)]
    outcomes = pool.map(pool_jobs.act, jobs(*arguments), LONG)
    assert [outcome.status for outcome in outcomes] == ["ok", "out_of_memory", "ok", "ok"]
    assert outcomes[2].value == 5


def test_one_huge_allocation_is_refused(pool: WorkerPool) -> None:
    assert one(pool.map(pool_jobs.hoard_at_once, jobs(20 * CAP_MIB), LONG)).status == "out_of_memory"


def test_an_abort_of_native_code_for_want_of_memory_is_told_from_a_crash(pool: WorkerPool) -> None:
    outcome = one(pool.map(pool_jobs.abort_without_memory, jobs(None), LONG))
    assert (outcome.status, outcome.detail) == ("out_of_memory", f"needed more than the cap of {CAP_MIB} MiB")


def test_a_crash_after_a_greedy_neighbour_is_still_a_crash() -> None:
    pool = WorkerPool(workers=1, memory_mib=CAP_MIB)
    outcomes = pool.map(pool_jobs.act, jobs(("hoard", CAP_MIB * 8 // 10), ("end_abruptly", 1)), LONG)
    pool.close()
    assert [outcome.status for outcome in outcomes] == ["ok", "crashed"]


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("raise_stubborn", "StubbornError: cannot be pickled"),
        ("raise_address", "ValueError: object at 0x... of file.pdf"),
        ("leave", "SystemExit: 3"),
        ("make_lock", "TypeError: cannot pickle '_thread.lock' object"),
        ("make_unreadable", "ValueError: invalid literal for int() with base 10: 'not a number'"),
    ],
)
def test_an_unforeseen_error_is_one_line_of_text(pool: WorkerPool, name: str, detail: str) -> None:
    outcomes = pool.map(pool_jobs.act, jobs((name, None), ("double", 1)), LONG)
    assert [outcome.status for outcome in outcomes] == ["error", "ok"]
    assert (outcomes[0].detail, outcomes[0].value) == (detail, None)


def test_a_panic_and_an_argument_that_does_not_pickle_are_errors(pool: WorkerPool) -> None:
    outcomes = pool.map(pool_jobs.panic, jobs("index out of bounds", threading.Lock()), LONG)
    assert [outcome.detail for outcome in outcomes] == [
        "Panic: index out of bounds",
        "TypeError: cannot pickle '_thread.lock' object",
    ]


def test_a_large_argument_whose_worker_dies_blocks_nothing(pool: WorkerPool) -> None:
    large = b"x" * 3_000_000
    outcomes = pool.map(pool_jobs.act, jobs(("end_abruptly", 1), ("size", large)), LONG)
    assert [outcome.status for outcome in outcomes] == ["crashed", "ok"]
    assert outcomes[1].value == len(large)
    assert one(pool.map(pool_jobs.end_abruptly, jobs(large), LONG)).status == "error"  # a TypeError: not a number


def test_workers_are_reused_and_replaced_after_their_number_of_documents() -> None:
    pool = WorkerPool(workers=1, memory_mib=CAP_MIB, recycle_after=3)
    pids = [outcome.value for outcome in pool.map(pool_jobs.pid, jobs(*range(7)), LONG)]
    pool.close()
    assert [pids.index(pid) for pid in pids] == [0, 0, 0, 3, 3, 3, 6]
    assert not any(psutil.pid_exists(pid) for pid in set(pids))


def test_a_worker_that_dies_while_idle_harms_no_document() -> None:
    pool = WorkerPool(workers=1, memory_mib=CAP_MIB)
    pid = one(pool.map(pool_jobs.pid, jobs(None), LONG)).value
    os.kill(pid, signal.SIGKILL)
    after = one(pool.map(pool_jobs.pid, jobs(None), LONG))
    pool.close()
    assert after.status == "ok"
    assert after.value != pid


def test_threads_share_the_workers(pool: WorkerPool) -> None:
    results: dict[int, list[Any]] = {}

    def shard(number: int) -> None:
        arguments = [("end_abruptly", 1)] + [("double", number * 100 + index) for index in range(20)]
        results[number] = [outcome.value for outcome in pool.map(pool_jobs.act, jobs(*arguments), LONG)]

    threads = [threading.Thread(target=shard, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: [None] + [2 * (number * 100 + index) for index in range(20)] for number in range(4)}


def test_a_later_map_does_not_wait_for_the_whole_of_an_earlier_one() -> None:
    pool = WorkerPool(workers=1, memory_mib=CAP_MIB)
    long_over = threading.Event()

    def long_map() -> None:
        pool.map(pool_jobs.sleep, jobs(*[0.05] * 16), LONG)
        long_over.set()

    thread = threading.Thread(target=long_map)
    thread.start()
    short = pool.map(pool_jobs.double, jobs(1, 2), LONG)
    was_over = long_over.is_set()
    thread.join()
    pool.close()
    assert [outcome.value for outcome in short] == [2, 4]
    assert not was_over


def test_the_setting_of_a_worker_process(pool: WorkerPool) -> None:
    names = ("DO_NOT_TRACK", "HF_HUB_OFFLINE", "OMP_NUM_THREADS")
    assert [outcome.value for outcome in pool.map(pool_jobs.environment, jobs(*names), LONG)] == ["1", "1", "1"]
    assert one(pool.map(pool_jobs.main_module, jobs(None), LONG)).value == "__main__"
    assert one(pool.map(pool_jobs.print_much, jobs(1000), LONG)).value == 1000


def test_what_libraries_print_does_not_reach_the_terminal(pool: WorkerPool, capfd: pytest.CaptureFixture[str]) -> None:
    pool.map(pool_jobs.print_much, jobs(10), LONG)
    assert capfd.readouterr() == ("", "")


def test_a_closed_pool_refuses_and_gives_up_what_runs() -> None:
    pool = WorkerPool(workers=1, memory_mib=CAP_MIB)
    errors: list[Exception] = []

    def long_map() -> None:
        try:
            pool.map(pool_jobs.sleep, jobs(600.0), 900.0)
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=long_map)
    thread.start()
    while not pool.pids():
        thread.join(0.01)
    pids = pool.pids()
    pool.close()
    thread.join()
    assert len(errors) == 1
    assert not any(psutil.pid_exists(pid) for pid in pids)
    with pytest.raises(RuntimeError, match="closed"):
        pool.map(pool_jobs.double, jobs(1), LONG)


def test_a_worker_that_cannot_start_is_told_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.runtime.slot.prepare", os.abort)
    pool = WorkerPool(workers=1, memory_mib=CAP_MIB)
    with pytest.raises(WorkerStartError, match="did not start"):
        pool.map(pool_jobs.double, jobs(1), LONG)
    pool.close()


def test_functions_of_the_script_are_refused(pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_jobs.double, "__module__", "__main__")
    with pytest.raises(ValueError, match="cannot import"):
        pool.map(pool_jobs.double, jobs(1), LONG)


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"memory_mib": 0}, {"recycle_after": 0}])
def test_nonsense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="1 or more"):
        WorkerPool(**{"workers": 1, "memory_mib": 100, **wrong})


def test_the_pool_of_the_process_is_the_one_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_POOL", None)
    with WorkerPool(workers=1, memory_mib=CAP_MIB) as outer, use_pool(outer):
        with WorkerPool(workers=1, memory_mib=CAP_MIB) as inner, use_pool(inner):
            assert one(map_documents(pool_jobs.double, jobs(21), LONG)).value == 42
            assert inner.pids()
        assert inner.is_closed
        assert not outer.pids()
        assert current_pool() is outer
    assert pool_module._POOL is None


def test_a_pool_is_made_when_none_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_POOL", None)
    made = current_pool()
    assert current_pool() is made
    made.close()
    assert current_pool() is not made
    current_pool().close()


def test_a_daemonic_process_may_have_a_pool() -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=pool_jobs.in_a_daemon, args=(there,), daemon=True)
    process.start()
    there.close()
    assert here.recv() == 8
    process.join()


SCRIPT = """
import os, sys
sys.path[:0] = {path!r}
import pool_jobs
from tasks.runtime.pool import Job, WorkerPool

def tell(pool):
    import time
    while len(pool.pids()) < 2:
        time.sleep(0.01)
    print(*pool.pids(), flush=True)

# No `if __name__ == "__main__"`: workers do not import the script.
import threading
pool = WorkerPool(workers=2, memory_mib=400)
threading.Thread(target=tell, args=(pool,), daemon=True).start()
pool.map(pool_jobs.act, [Job("a", 0, ("sleep", 600.0)), Job("b", 0, ({second!r}, 600.0))], 900.0)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    script = tmp_path / "script.py"
    path = [str(Path(__file__).parent), str(Path(pool_module.__file__).parents[2])]
    script.write_text(SCRIPT.format(path=path, second="sleep"))
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert parent.stdout is not None
    workers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    parent.send_signal(number)
    parent.wait(30)
    parent.stdout.close()
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert alive == []
