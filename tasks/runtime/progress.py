"""The progress of a run for people, on stderr: a live bar in a terminal, plain lines where there is none."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from tasks.storage.stage import LISTENERS, StageEvent

LINE_SECONDS = 1.0
TRAINING_LINE_SECONDS = 10.0


def format_duration(seconds: float) -> str:
    """Seconds for people: "8 s", "4 min", "2 h 05 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


@dataclass
class Tally:
    """What a run has done so far. documents, shards: expected ones, 0 while they are not known. running: stage -> how many.
    phase: how far the run is beyond its shards, in words."""

    documents: int = 0
    shards: int = 0
    documents_done: int = 0
    shards_done: int = 0
    survivors: int = 0
    running: Counter[str] = field(default_factory=Counter)
    phase: str = ""

    def stages(self) -> str:
        """The stages that run now, "extraction x2, normalization"."""
        names = sorted(name for name, count in self.running.items() if count > 0)
        return ", ".join(name if self.running[name] == 1 else f"{name} x{self.running[name]}" for name in names)

    def seconds_left(self, seconds: float) -> float | None:
        """An estimate from the documents done in `seconds`, None while there is no ground for one."""
        if not self.documents_done or self.documents <= self.documents_done:
            return None
        return seconds / self.documents_done * (self.documents - self.documents_done)

    def summary(self) -> str:
        """One line: how far the run is."""
        parts = [f"shard {self.shards_done} of {self.shards or '?'}"]
        parts.append(f"{self.documents_done} of {self.documents or '?'} documents")
        parts.append(f"{self.survivors} survive")
        return ", ".join(parts)


class Progress:
    """Counts what a run does and shows it; every method may be called from any thread, and none ever fails the run."""

    def __init__(self, stream: IO[str] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.tally = Tally()
        self._stream = stream or sys.stderr
        self._clock = clock
        self._lock = threading.RLock()
        self._began = clock()
        self._last_line = float("-inf")
        self._first_step: tuple[int, float] | None = None
        self._bar: _Bar | None = None

    def expect(self, documents: int, shards: int) -> None:
        """Say how much there is to do; the estimate of the time left counts from here."""
        with self._lock:
            self.tally.documents, self.tally.shards = documents, shards
            self._began = self._clock()
            self._show()
            if self._bar is None:
                self._write(f"{documents} documents in {shards} shards")

    def shard_done(self, documents: int, survivors: int) -> None:
        """A shard has ended: its documents, and how many of them are still in the line."""
        with self._lock:
            tally = self.tally
            tally.shards_done += 1
            tally.documents_done += documents
            tally.survivors += survivors
            self._show()
            if self._bar is None and (self._is_time() or tally.shards_done == tally.shards):
                self._write(self._line())

    def training(self, step: int, steps: int, loss: float, tokens_per_second: float, memory_mib: float) -> None:
        """The training has done `step` of `steps`. loss: nats per token. memory_mib: the most that it took so far."""
        with self._lock:
            now = self._clock()
            if self._first_step is None:
                self._first_step = (step, now)
            first, began = self._first_step
            left = (now - began) / (step - first) * (steps - step) if step > first else None
            work = f"{tokens_per_second:,.0f} tokens/s, {memory_mib:,.0f} MiB"
            self.tally.phase = f"training step {step} of {steps}, loss {loss:.3f}, {work}" + (
                f"; about {format_duration(left)} left" if left else ""
            )
            self._show()
            if self._bar is None and (now - self._last_line >= TRAINING_LINE_SECONDS or step >= steps):
                self._write(self.tally.phase)

    def phase(self, text: str) -> None:
        """Say how far the run is with what comes after its shards."""
        with self._lock:
            self.tally.phase = text
            self._show()
            if self._bar is None and self._is_time():
                self._write(text)

    def note(self, text: str) -> None:
        """Tell something that stays on the screen."""
        with self._lock:
            if self._bar is not None:
                self._bar.note(text)
            else:
                self._write(text)

    def on_stage(self, event: StageEvent) -> None:
        """A stage began or ended."""
        with self._lock:
            tally = self.tally
            tally.running[event.stage] += 1 if event.seconds is None else -1
            self._show()
            in_shards = tally.shards_done < tally.shards
            if event.seconds is not None and not in_shards and not event.failed:
                self._told(f"{event.stage}: {format_duration(event.seconds)}")
            elif event.seconds is not None and event.failed:
                self._told(f"{event.stage} failed after {format_duration(event.seconds)}")

    def _told(self, text: str) -> None:
        if self._bar is None:
            self._write(text)

    def _line(self) -> str:
        left = self.tally.seconds_left(self._clock() - self._began)
        stages = self.tally.stages()
        return (
            self.tally.summary()
            + (f"; now {stages}" if stages else "")
            + (f"; about {format_duration(left)} left" if left is not None else "")
        )

    def _is_time(self) -> bool:
        return self._clock() - self._last_line >= LINE_SECONDS

    def _write(self, text: str) -> None:
        self._last_line = self._clock()
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = _Nowhere()  # the terminal has gone; the run goes on

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.show(self.tally)

    def start(self) -> None:
        """Begin to show, and to listen to stages."""
        if self._stream.isatty():
            self._bar = _Bar(self._stream)
        LISTENERS.append(self.on_stage)

    def stop(self) -> None:
        """Stop listening, and leave the terminal as it was. In a terminal the last state stays as a line."""
        LISTENERS.remove(self.on_stage)
        with self._lock:
            bar, self._bar = self._bar, None
            if bar is not None:
                bar.stop()
                if self.tally.shards_done:
                    self._write(self.tally.summary())


class _Nowhere:
    """A stream that drops what is written to it."""

    def write(self, _text: str) -> int:
        return 0

    def flush(self) -> None:
        return

    def isatty(self) -> bool:
        return False


class _Bar:
    """The live bar of a terminal."""

    def __init__(self, stream: IO[str]) -> None:
        from rich import progress as rich
        from rich.console import Console
        from rich.table import Column

        self._progress = rich.Progress(
            rich.SpinnerColumn(),
            rich.MofNCompleteColumn(table_column=Column(no_wrap=True, min_width=9)),
            rich.BarColumn(bar_width=12, table_column=Column(no_wrap=True, min_width=12)),
            rich.TimeRemainingColumn(table_column=Column(no_wrap=True, min_width=7)),
            # The only column that gives way in a narrow terminal.
            rich.TextColumn("{task.fields[state]}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
            console=Console(file=stream),
            refresh_per_second=4,
            expand=True,
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, state="starting")
        self._progress.start()

    def show(self, tally: Tally) -> None:
        state = f"shards {tally.shards_done}/{tally.shards or '?'}, {tally.survivors} survive"
        stages = tally.phase or tally.stages()
        self._progress.update(
            self._task,
            completed=tally.documents_done,
            total=tally.documents or None,
            state=f"{state}  [dim]{stages}[/dim]" if stages else state,
        )

    def note(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False)

    def stop(self) -> None:
        self._progress.stop()


@contextmanager
def show_progress(total_documents: int | None = None, total_shards: int | None = None) -> Iterator[Progress]:
    """Show the progress of the run in the block. The totals may also be told later, by `Progress.expect`."""
    progress = Progress()
    if total_documents is not None and total_shards is not None:
        progress.expect(total_documents, total_shards)
    progress.start()
    try:
        yield progress
    finally:
        progress.stop()
