"""A child process ends when its parent does."""

import subprocess
import sys
from pathlib import Path

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
