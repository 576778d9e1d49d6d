"""The parent's side: how a training process may end."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tasks.finetuning.errors import TrainingFailed, TrainingOutOfMemory, TrainingTimedOut
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import TrainingSpec
from tasks.finetuning.train import run_training


def specify(tmp_path: Path, timeout: float = 30.0) -> TrainingSpec:
    return TrainingSpec(
        dataset=str(tmp_path),
        model=str(tmp_path),
        model_name="none",
        model_digest="",
        dataset_digest="",
        output=str(tmp_path / "output"),
        settings=FinetuningSettings(timeout_seconds=timeout),
    )


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    "code", ["raise SystemExit(137)", "import os; os.kill(os.getpid(), 9)", "raise SystemExit(139)", "import os; os.abort()"]
)
def test_a_killed_process_is_taken_for_out_of_memory(tmp_path: Path, code: str) -> None:
    with pytest.raises(TrainingOutOfMemory, match="lower batch_size"):
        run_training(specify(tmp_path), command=python(code))


def test_an_error_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match=r"exit 1:(.|\n)*ValueError: the reason"):
        run_training(specify(tmp_path), command=python("raise ValueError('the reason')"))


def test_a_diverged_training_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match=r"^lower the learning rate$"):
        run_training(
            specify(tmp_path), command=python("import sys; print('lower the learning rate', file=sys.stderr); sys.exit(4)")
        )


def test_a_training_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TrainingTimedOut, match="longer than 1 seconds"):
        run_training(specify(tmp_path, timeout=0.6), command=python("import time; time.sleep(60)"))


def test_events_are_passed_on_in_order(tmp_path: Path) -> None:
    write = f"""
import json, time
for number in range(3):
    with open({str(tmp_path / "output" / "events.jsonl")!r}, "a") as stream:
        stream.write(json.dumps({{"event": "step", "step": number}})[:9]); stream.flush(); time.sleep(0.1)
        stream.write(json.dumps({{"event": "step", "step": number}})[9:] + "\\n")
raise SystemExit(1)
"""
    events: list[dict[str, object]] = []
    with pytest.raises(TrainingFailed):
        run_training(specify(tmp_path), events.append, python(write))
    assert events == [{"event": "step", "step": number} for number in range(3)]


def test_the_worker_ends_when_its_parent_does(tmp_path: Path) -> None:
    """A parent that starts a worker, and is killed; the worker must notice that its standard input is closed."""
    marker = tmp_path / "pid"
    worker = (
        "import os, threading, time; from tasks.finetuning.train_worker import _end_with_parent; "
        f"open({str(marker)!r}, 'w').write(str(os.getpid())); "
        "threading.Thread(target=_end_with_parent, daemon=True).start(); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, time; "
        f"subprocess.Popen([sys.executable, '-c', {worker!r}], stdin=subprocess.PIPE); time.sleep(60)"
    )
    process = subprocess.Popen(python(parent), cwd=Path(__file__).parents[3])
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
