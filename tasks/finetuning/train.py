"""The parent's side of a training: start its processes, follow their events, keep its time, and say why it failed if it did."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tasks.finetuning.errors import TrainingFailed, TrainingOutOfMemory, TrainingTimedOut
from tasks.finetuning.parallel import launch
from tasks.finetuning.plan import Size, next_attempt
from tasks.finetuning.spec import (
    ATTEMPT,
    EVENTS,
    EXIT_DIVERGED,
    EXIT_INTERRUPTED,
    EXIT_PEER_LOST,
    EXIT_UNFIT,
    RESULT,
    Attempt,
    Event,
    TrainingResult,
    TrainingSpec,
)

CHECKOUT = Path(__file__).parents[2]
POLL_SECONDS = 0.2
GRACE_SECONDS = 60.0  # for the last checkpoint of a training that is ended
# Killed by the system for memory (SIGKILL), a failed allocation on a CPU (SIGSEGV), an uncaught error of Metal (SIGABRT);
# as a signal and as a shell reports it.
OUT_OF_MEMORY_EXITS = {-9, -11, -6, 137, 139, 134}

# Called with every event of every training of this process: for progress on a screen and for live artifacts.
TRAINING_LISTENERS: list[Callable[[Event], None]] = []


def run_training(
    spec: TrainingSpec, on_event: Callable[[Event], None] | None = None, command: list[str] | None = None
) -> TrainingResult:
    """Train in a process of its own, or in several; the adapter and events.jsonl are in `spec.output` afterwards.

    With an output folder that holds a checkpoint, the training goes on from there. When a process dies for want of memory, all
    are started again with less at once, as long as there is less (`next_attempt`). on_event: called with each event as it comes.
    command: how to start the worker, without the specification (for tests).
    Raises TrainingOutOfMemory, TrainingTimedOut, TrainingFailed.
    """
    output = Path(spec.output)
    output.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + spec.settings.timeout_seconds
    attempt = _read_attempt(output)
    while True:
        seen = _Seen(on_event)
        code, said = _run(spec.model_copy(update={"attempt": attempt}), seen, deadline, command)
        if code not in OUT_OF_MEMORY_EXITS:
            break
        less = seen.next_attempt(attempt)
        if less is None:
            raise TrainingOutOfMemory(
                f"the training process was ended (exit {code}), most likely for want of memory, and no less can be done "
                f"at once: name a smaller model, set finetuning.quantize, or make shorter examples\n{said}".strip()
            )
        attempt = less
        (output / ATTEMPT).write_text(attempt.model_dump_json(), encoding="utf-8")
        event = {"event": "out_of_memory", "exit": code, "next": attempt.model_dump()}
        with (output / EVENTS).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(event) + "\n")
        seen(event)
    if code is None:
        raise TrainingTimedOut(
            f"the training took longer than {spec.settings.timeout_seconds:.0f} seconds and was ended; run again, and it goes on "
            "from its last checkpoint"
        )
    if code == EXIT_PEER_LOST:
        raise TrainingFailed(
            "the processes of the training lost each other, and none of them says why; run again, and it goes on from its last "
            "checkpoint"
        )
    if code in (EXIT_DIVERGED, EXIT_UNFIT, EXIT_INTERRUPTED):
        raise TrainingFailed(said.splitlines()[-1] if said else "the training loss is not a number")
    if code != 0:
        raise TrainingFailed(f"the training process ended with exit {code}:\n{said}")
    return TrainingResult.model_validate_json((output / RESULT).read_bytes())


class _Seen:
    """Passes events on, and remembers what the process set out to compute at once."""

    def __init__(self, on_event: Callable[[Event], None] | None) -> None:
        self._listeners = [*TRAINING_LISTENERS, *filter(None, [on_event])]
        self._planned: Event | None = None

    def __call__(self, event: Event) -> None:
        if event["event"] in ("probing", "planned"):
            self._planned = event
        for listener in self._listeners:
            listener(event)

    def next_attempt(self, before: Attempt) -> Attempt | None:
        """What to try with less memory; None when the process died before it planned anything, or nothing is left to try."""
        if self._planned is None:
            return None
        return next_attempt(Size.model_validate(self._planned), before)


def _read_attempt(output: Path) -> Attempt:
    """What an earlier try in this folder came down to."""
    try:
        return Attempt.model_validate_json((output / ATTEMPT).read_bytes())
    except FileNotFoundError:
        return Attempt()


def _run(spec: TrainingSpec, tell: Callable[[Event], None], deadline: float, command: list[str] | None) -> tuple[int | None, str]:
    """Run the training once: its exit code, None when the time was over, and the end of what it said."""
    output = Path(spec.output)
    scratch = output / "tmp"
    scratch.mkdir(exist_ok=True)
    spec_file = output / "spec.json"
    spec_file.write_text(spec.model_dump_json(), encoding="utf-8")
    paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # A private temporary folder: mlx keeps compiled code below it, under a name that anyone could guess.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": str(scratch)}
    told = (output / EVENTS).stat().st_size if (output / EVENTS).is_file() else 0
    worker = [*(command or [sys.executable, "-m", "tasks.finetuning.train_worker"]), str(spec_file)]
    members = launch.start(spec.settings, worker, environment, output, "worker.log")
    try:
        code = _follow(members, output / EVENTS, told, deadline, tell)
    finally:
        members.end(GRACE_SECONDS)
    return code, members.said()


def _follow(members: launch.Members, events: Path, told: int, deadline: float, tell: Callable[[Event], None]) -> int | None:
    """Pass events on until the training ends; its exit code, None when the time was over. told: bytes passed on before."""
    stream: IO[str] | None = None
    rest = ""
    try:
        while True:
            code = members.poll()
            if stream is None and events.is_file():
                stream = events.open(encoding="utf-8")
                stream.seek(told)
            if stream:
                *lines, rest = (rest + stream.read()).split("\n")
                for line in lines:
                    tell(json.loads(line))
            if code is not None:
                return code
            if time.monotonic() > deadline:
                return None
            time.sleep(POLL_SECONDS)
    finally:
        if stream:
            stream.close()
