"""The parent's side of a training: start the process, follow its events, keep its time, and say why it failed if it did."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tasks.finetuning.errors import TrainingFailed, TrainingOutOfMemory, TrainingTimedOut
from tasks.finetuning.spec import EVENTS, EXIT_DIVERGED, EXIT_INTERRUPTED, EXIT_UNFIT, RESULT, Event, TrainingResult, TrainingSpec

CHECKOUT = Path(__file__).parents[2]
POLL_SECONDS = 0.2
GRACE_SECONDS = 60.0  # for the last checkpoint of a training that is ended
# Killed by the system for memory (SIGKILL), a failed allocation on a CPU (SIGSEGV), an uncaught error of Metal (SIGABRT);
# as a signal and as a shell reports it.
OUT_OF_MEMORY_EXITS = {-9, -11, -6, 137, 139, 134}
TAIL_CHARACTERS = 2000

# Called with every event of every training of this process: for progress on a screen and for live artifacts.
TRAINING_LISTENERS: list[Callable[[Event], None]] = []


def run_training(
    spec: TrainingSpec, on_event: Callable[[Event], None] | None = None, command: list[str] | None = None
) -> TrainingResult:
    """Train in a process of its own; the adapter and events.jsonl are in `spec.output` afterwards.

    With an output folder that holds a checkpoint, the training goes on from there. on_event: called with each event as it comes.
    command: how to start the worker, without the specification (for tests).
    Raises TrainingOutOfMemory, TrainingTimedOut, TrainingFailed.
    """
    output = Path(spec.output)
    scratch = output / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    spec_file, log_file = output / "spec.json", output / "worker.log"
    spec_file.write_text(spec.model_dump_json(), encoding="utf-8")
    paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # A private temporary folder: mlx keeps compiled code below it, under a name that anyone could guess.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(scratch)}
    deadline = time.monotonic() + spec.settings.timeout_seconds
    told = (output / EVENTS).stat().st_size if (output / EVENTS).is_file() else 0
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*(command or [sys.executable, "-m", "tasks.finetuning.train_worker"]), str(spec_file)],
            stdin=subprocess.PIPE,  # never written to: its end tells the worker that this process is gone
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=environment,
        )
        try:
            code = _follow(process, output / EVENTS, told, deadline, on_event)
        finally:
            _end(process)
            if process.stdin:
                process.stdin.close()
    said = log_file.read_text(encoding="utf-8", errors="replace").strip()[-TAIL_CHARACTERS:]
    if code is None:
        raise TrainingTimedOut(
            f"the training took longer than {spec.settings.timeout_seconds:.0f} seconds and was ended; run again, and it goes on "
            "from its last checkpoint"
        )
    if code in OUT_OF_MEMORY_EXITS:
        raise TrainingOutOfMemory(
            f"the training process was ended (exit {code}), most likely for want of memory: lower batch_size or "
            f"max_seq_length, or name a smaller model\n{said}".strip()
        )
    if code in (EXIT_DIVERGED, EXIT_UNFIT, EXIT_INTERRUPTED):
        raise TrainingFailed(said.splitlines()[-1] if said else "the training loss is not a number")
    if code != 0:
        raise TrainingFailed(f"the training process ended with exit {code}:\n{said}")
    return TrainingResult.model_validate_json((output / RESULT).read_bytes())


def _follow(
    process: "subprocess.Popen[bytes]", events: Path, told: int, deadline: float, on_event: Callable[[Event], None] | None
) -> int | None:
    """Pass events on until the process ends; its exit code, None when the time was over. told: bytes passed on before."""
    stream: IO[str] | None = None
    rest = ""
    try:
        while True:
            code = process.poll()
            if stream is None and events.is_file():
                stream = events.open(encoding="utf-8")
                stream.seek(told)
            if stream:
                *lines, rest = (rest + stream.read()).split("\n")
                for line in lines:
                    _tell(json.loads(line), on_event)
            if code is not None:
                return code
            if time.monotonic() > deadline:
                return None
            time.sleep(POLL_SECONDS)
    finally:
        if stream:
            stream.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process, which may write a checkpoint first."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        process.kill()
    process.wait()


def _tell(event: Event, on_event: Callable[[Event], None] | None) -> None:
    for listener in [*TRAINING_LISTENERS, *filter(None, [on_event])]:
        listener(event)
