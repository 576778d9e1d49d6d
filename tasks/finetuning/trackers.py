"""A training's numbers for the experiment trackers that the user names: trackio, wandb, swanlab, mlflow. In the training process.

mlx-lm has callbacks of its own for wandb and swanlab; they begin when its trainer does, and know neither of the others, nor of
memory and the measurements before and after. A tracker that is not named is not imported. What a tracker writes stays on this
machine unless its own environment variables (WANDB_MODE=online, MLFLOW_TRACKING_URI, TRACKIO_SPACE_ID) say otherwise.
"""

import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

from tasks.finetuning.spec import Event

TRACKED = {
    "step": ("train_loss", "learning_rate", "tokens_per_second", "peak_memory_mib"),
    "valid": ("valid_loss",),
    "held_out": ("loss", "perplexity"),
}


class Tracker(Protocol):
    """Takes numbers."""

    def log(self, numbers: Mapping[str, float], step: int) -> None:
        """Numbers by name, at a step of the training."""

    def close(self) -> None:
        """Nothing more comes."""


class _LikeWandb:
    """wandb, and trackio and swanlab, which took over its functions."""

    def __init__(self, module: Any, project: str, run: str, config: Mapping[str, Any]) -> None:
        os.environ.setdefault("WANDB_MODE", "offline")
        self._module = module
        named = "experiment_name" if module.__name__ == "swanlab" else "name"
        module.init(project=project, config=dict(config), **{named: run})

    def log(self, numbers: Mapping[str, float], step: int) -> None:
        self._module.log(dict(numbers), step=step)

    def close(self) -> None:
        self._module.finish()


class _Mlflow:
    def __init__(self, module: Any, project: str, run: str, config: Mapping[str, Any]) -> None:
        self._module = module
        module.set_experiment(project)
        module.start_run(run_name=run)
        module.log_params(dict(config))

    def log(self, numbers: Mapping[str, float], step: int) -> None:
        self._module.log_metrics(dict(numbers), step=step)

    def close(self) -> None:
        self._module.end_run()


class Trackers:
    """Passes the numbers of events on to trackers."""

    def __init__(self, trackers: Mapping[str, Tracker]) -> None:
        self._trackers = dict(trackers)
        self._step = 0

    def tell(self, event: Event) -> None:
        """Pass the numbers of an event on; events that have none are passed over."""
        kind = event["event"]
        self._step = event.get("step", self._step)
        suffix = f"_{event['when']}" if kind == "held_out" else ""
        prefix = "held_out_" if kind == "held_out" else ""
        numbers = {f"{prefix}{name}{suffix}": float(event[name]) for name in TRACKED.get(kind, ()) if name in event}
        if numbers:
            for name, tracker in list(self._trackers.items()):
                try:
                    tracker.log(numbers, self._step)
                except Exception as error:  # noqa: BLE001  hours of work must not end for a tracker's sake
                    sys.stderr.write(f"{name} gets no more numbers: {type(error).__name__}: {error}\n")
                    del self._trackers[name]


@contextmanager
def open_trackers(names: Sequence[str], project: str, run: str, config: Mapping[str, Any]) -> Iterator[Trackers]:
    """Trackers for the block. project: what the tracker calls so (mlflow: experiment). run, config: name and settings of the
    training. Raises ImportError for one that is not installed."""
    with ExitStack() as stack:
        trackers: dict[str, Tracker] = {}
        for name in names:
            kind = _Mlflow if name == "mlflow" else _LikeWandb
            trackers[name] = kind(importlib.import_module(name), project, run, config)
            stack.callback(trackers[name].close)
        yield Trackers(trackers)
