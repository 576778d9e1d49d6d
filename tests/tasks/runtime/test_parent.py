"""A child process ends when its parent does."""

import subprocess
import sys
import time
from pathlib import Path

import psutil

CHILD = (
    "from tasks.runtime.parent import end_with_parent; end_with_parent(); print('up', flush=True); import time; time.sleep(60)"
)


def test_the_end_of_standard_input_ends_the_process() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == b"up\n"
    assert child.poll() is None
    child.stdin.close()
    assert child.wait(30) == 3
    child.stdout.close()


def test_a_parent_that_is_killed_ends_the_process(tmp_path: Path) -> None:
    """The child must notice that its standard input is closed."""
    marker = tmp_path / "pid"
    worker = (
        "import os, time; from tasks.runtime.parent import end_with_parent; "
        f"open({str(marker)!r}, 'w').write(str(os.getpid())); "
        "end_with_parent(); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, time; "
        f"subprocess.Popen([sys.executable, '-c', {worker!r}], stdin=subprocess.PIPE); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=Path(__file__).parents[3])
    deadline = time.monotonic() + 30
    while not (marker.is_file() and marker.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    pid = int(marker.read_text())
    process.kill()
    process.wait()

    def runs() -> bool:
        return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE

    while runs() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not runs()
