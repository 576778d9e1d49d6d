"""How far a training is, while it works: on the screen, and as an artifact in Prefect's UI."""

import time
from collections.abc import Callable

from tasks.finetuning.spec import Event
from tasks.reporting.artifacts import publish_training
from tasks.runtime.progress import Progress, format_duration

ARTIFACT_SECONDS = 30.0  # between two versions of the artifact: each is a row in the server's database


class LiveTraining:
    """Listens to the events of one training. publish: takes the lines of the artifact. clock: seconds."""

    def __init__(
        self,
        progress: Progress,
        publish: Callable[[list[tuple[str, str]]], None] = publish_training,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._progress = progress
        self._publish = publish
        self._clock = clock
        self._steps = 0
        self._first: tuple[int, float] | None = None
        self._valid: float | None = None
        self._published = clock()

    def listen(self, event: Event) -> None:
        """Show what an event says."""
        if event["event"] == "plan":
            self._steps = event["steps"]
        elif event["event"] == "valid":
            self._valid = event["valid_loss"]
        elif event["event"] == "step":
            speed, memory = event["tokens_per_second"], event["peak_memory_mib"]
            self._progress.training(event["step"], self._steps, event["train_loss"], speed, memory)
            now = self._clock()
            self._first = self._first or (event["step"], now)
            if now - self._published >= ARTIFACT_SECONDS:
                self._published = now
                self._renew(self._lines(event, now))

    def _renew(self, lines: list[tuple[str, str]]) -> None:
        try:
            self._publish(lines)
        except Exception as error:  # noqa: BLE001  hours of work must not end because a server is away for a moment
            self._progress.note(f"the artifact of the training was not renewed: {type(error).__name__}: {error}")

    def _lines(self, event: Event, now: float) -> list[tuple[str, str]]:
        step = event["step"]
        lines = [("step", f"{step} of {self._steps}"), ("training loss", f"{event['train_loss']:.4f}")]
        if self._valid is not None:
            lines.append(("loss on the valid split", f"{self._valid:.4f}"))
        lines += [
            ("learning rate", f"{event['learning_rate']:.3g}"),
            ("tokens per second", f"{event['tokens_per_second']:,.0f}"),
            ("largest memory", f"{event['peak_memory_mib']:,.0f} MiB"),
        ]
        first, began = self._first or (step, now)
        if step > first:
            lines.append(("time left, about", format_duration((now - began) / (step - first) * (self._steps - step))))
        return lines
