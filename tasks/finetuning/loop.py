"""The training loop. Imported only in the training process and in tests.

mlx-lm's `train` averages micro-batches whatever their tokens, scores padding, validates on other examples each time, clips
nothing, goes on after a loss that is no number, and cannot go on where it was ended.
"""

import dataclasses
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlx.core as mx
from mlx import optimizers

from tasks.finetuning.batches import Layout, Update, assemble, plan_epoch
from tasks.finetuning.checkpoints import (
    DiskFull,
    Name,
    Progress,
    read_progress,
    restore_optimizer,
    restore_weights,
    write_checkpoint,
)
from tasks.finetuning.examples import Example, UnfitError
from tasks.finetuning.losses import Split, held_out, to_mlx
from tasks.finetuning.parallel.team import ALONE, Team
from tasks.finetuning.schedule import LossWatch, Schedule
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Event

if TYPE_CHECKING:
    from tasks.finetuning.steps import Steps

RATE_AFTER_ROLLBACK = 0.5
MOST_ROLLBACKS = 4


class DivergedError(RuntimeError):
    """The training loss is no number, or rises, whatever the learning rate."""


class Interrupted(Exception):
    """The training was asked to end; its checkpoint is written."""


@dataclass(frozen=True)
class Task:
    """What to train. examples, valid: of the dataset. layout: how to batch them. updates: how many at most.

    settings: with a rank. folder: for the checkpoints. split: for a loss that is computed piece by piece. team: the processes
    that train it together, each with this same task.
    """

    examples: Sequence[Example]
    valid: Sequence[Example]
    layout: Layout
    updates: int
    settings: FinetuningSettings
    folder: Path
    split: Split | None = None
    team: Team = ALONE


def make_optimizer(settings: FinetuningSettings) -> optimizers.Optimizer:
    """AdamW without weight decay: an adapter starts at nothing, there is nothing to decay to."""
    return optimizers.AdamW(learning_rate=settings.learning_rate, weight_decay=0.0)


class Training:
    """One training of a model that is ready for it (`add_adapter`); goes on from the checkpoint in the task's folder."""

    def __init__(
        self,
        model: Any,
        task: Task,
        tell: Callable[[Event], None],
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._model, self._task, self._tell, self._interrupted = model, task, tell, interrupted
        self._places = [example.places for example in task.examples]
        self._schedule = Schedule(task.settings.learning_rate, task.updates, task.settings.warmup_fraction)
        self._layout = hashlib.sha256(repr((self._places, task.layout.batch_size, task.settings.seed)).encode()).hexdigest()[:16]
        self._begin()
        self._saved = self._reported = time.monotonic()
        resumed = self._restore(*self._newest())
        if len(set(task.team.gather(self.progress.update))) > 1:
            raise UnfitError("the processes do not find the same checkpoint: the data root has to be one folder that all share")
        if resumed:
            self._tell({"event": "resumed", "step": self.progress.update, "of": task.updates})

    def run(self) -> Progress:
        """Train to the end and leave the best weights in the model. Raises DivergedError, Interrupted."""
        task = self._task
        self._model.train()
        if not self.progress.valid_losses:
            self._validate()
        if self.progress.best is None and self.progress.update == 0:
            self._save("last")  # something to go back to
        while self.progress.update < task.updates and self.progress.stopped is None:
            self._advance()
            progress = self.progress
            if progress.update % task.settings.steps_per_evaluation == 0 or progress.update == task.updates:
                self._validate()
            due = task.team.leader and time.monotonic() - self._saved >= task.settings.seconds_per_checkpoint
            ended, due = (value > 0 for value in task.team.sums([self._interrupted(), due]))
            if ended or due:
                self._save("last")
            if ended:
                raise Interrupted(f"ended on request after step {progress.update} of {task.updates}")
        self._save("last")
        kept = read_progress(task.folder, "best")  # of an earlier step where there was no room for the best one
        if kept and kept.update == self.progress.best != self.progress.update:
            restore_weights(task.folder, "best", self._model)
            self._tell({"event": "best", "step": self.progress.best, "valid_loss": self.progress.best_loss})
        self._model.eval()
        return self.progress

    def _begin(self) -> None:
        self.progress = Progress(layout=self._layout)
        self._watch = LossWatch()
        self._optimizer = make_optimizer(self._task.settings)
        self._optimizer.init(self._model.trainable_parameters())
        self._steps = self._make_steps()
        self._ahead = self._sampler()

    def _newest(self) -> list[Name]:
        """The names of the checkpoints, the one that is furthest first."""
        names: list[Name] = ["last", "best"]
        done = {name: found.update for name in names if (found := read_progress(self._task.folder, name))}
        return sorted(done, key=lambda name: -done[name])

    def _restore(self, *names: Name) -> bool:
        """Go back to the first of these checkpoints that is there; whether there was one."""
        folder = self._task.folder
        for name in names:
            progress = read_progress(folder, name)
            if progress is None:
                continue
            if progress.layout != self._layout:  # other pieces of the examples: go on in the same epoch, from its start
                progress.position, progress.layout = 0, self._layout
            self.progress = progress
            self._watch = LossWatch(progress.smoothed, progress.lowest)
            restore_weights(folder, name, self._model)
            self._optimizer = make_optimizer(self._task.settings)
            restore_optimizer(folder, name, self._model, self._optimizer)
            self._steps = self._make_steps()
            self._ahead = self._sampler()
            return True
        return False

    def _make_steps(self) -> "Steps":
        return self._task.team.steps(self._model, self._optimizer, self._task.settings, self._task.split)

    def _sampler(self) -> Iterator[tuple[int, int, Update]]:
        epoch, position = self.progress.epoch, self.progress.position
        while True:
            updates = plan_epoch(self._places, self._task.layout, self._task.settings.seed, epoch)
            for number in range(position, len(updates)):
                yield epoch, number, updates[number]
            epoch, position = epoch + 1, 0

    def _advance(self) -> None:
        """One update; or, when the loss has gone astray, back to where it was good."""
        progress, task = self.progress, self._task
        epoch, number, update = next(self._ahead)
        team = task.team
        indices = [index for micro in update for row in micro for index in row]
        tokens = sum(task.examples[index].trained for index in indices)
        rate = self._schedule.rate(progress.update) * progress.share
        own = team.part_of(update, self._places, task.layout)
        batches = (to_mlx(assemble(task.examples, micro, task.layout.packed)) for micro in own)
        # For dropout; the same after a checkpoint, another one in each process.
        mx.random.seed((task.settings.seed * 1_000_003 + progress.update) * team.size + team.rank)
        loss, finite = self._steps.update(batches, max(1, tokens), rate)
        self._watch = self._watch.after(loss, finite, progress.update)
        progress.smoothed, progress.lowest = self._watch.smoothed, self._watch.lowest
        progress.epoch, progress.position = epoch, number + 1
        progress.update += 1
        if finite:
            progress.tokens += tokens
            progress.report_loss += loss * tokens
            progress.report_tokens += tokens
        else:
            progress.skipped += 1
            self._tell({"event": "skipped", "step": progress.update, "loss": str(loss)})
        if self._watch.diverged:
            self._roll_back(loss)
        elif progress.update % task.settings.steps_per_report == 0 or progress.update == task.updates:
            self._report(rate)

    def _report(self, rate: float) -> None:
        progress = self.progress
        if not progress.report_tokens:
            return
        loss = progress.report_loss / progress.report_tokens
        progress.losses.append((progress.update, loss))
        now = time.monotonic()
        seconds = max(now - self._reported, 1e-9)
        steps = progress.update - (progress.losses[-2][0] if len(progress.losses) > 1 else 0)
        self._tell(
            {
                "event": "step",
                "step": progress.update,
                "train_loss": loss,
                "learning_rate": rate,
                "tokens": progress.report_tokens,
                "tokens_per_second": progress.report_tokens / seconds,
                "eta_seconds": seconds / max(1, steps) * (self._task.updates - progress.update),
                "peak_memory_mib": mx.get_peak_memory() / 2**20,
            }
        )
        progress.report_loss, progress.report_tokens = 0.0, 0
        self._reported = now

    def _validate(self) -> None:
        """Measure the valid split, the same examples each time; keep the best weights, and end when none come any more."""
        progress, task = self.progress, self._task
        if not task.valid:
            return
        began = time.monotonic()
        loss = held_out(self._model, task.valid, task.layout.micro_tokens, task.split, task.team).loss
        progress.valid_losses.append((progress.update, loss))
        self._tell({"event": "valid", "step": progress.update, "valid_loss": loss, "seconds": time.monotonic() - began})
        if progress.best_loss is None or loss < progress.best_loss:
            progress.best, progress.best_loss, progress.stale = progress.update, loss, 0
            self._save("best")
        else:
            progress.stale += 1
            if task.settings.patience and progress.stale >= task.settings.patience:
                progress.stopped = f"no better loss on the valid split in {progress.stale} measurements"
                self._tell({"event": "stopped", "step": progress.update, "why": progress.stopped})
        self._reported += time.monotonic() - began

    def _save(self, name: Name) -> None:
        """Write a checkpoint; without room for it the training goes on, and says so."""
        try:
            write_checkpoint(self._task.folder, name, self._model, self._optimizer, self.progress, self._task.team)
        except DiskFull as error:
            self._tell({"event": "disk_full", "step": self.progress.update, "checkpoint": name, "why": str(error.strerror)})
        if name == "last":
            self._saved = time.monotonic()

    def _roll_back(self, loss: float) -> None:
        left = self.progress
        if left.rollbacks >= MOST_ROLLBACKS:
            raise DivergedError(
                f"the training loss became {loss} at step {left.update}, after {left.rollbacks} returns to a lower learning "
                "rate: set a much lower learning_rate"
            )
        if not self._restore("best", "last"):
            raise DivergedError(f"the training loss became {loss} at step {left.update}: lower the learning rate")
        self.progress.rollbacks = left.rollbacks + 1
        self.progress.share = left.share * RATE_AFTER_ROLLBACK
        self.progress.skipped = left.skipped
        self._watch = dataclasses.replace(self._watch, broken=0)
        self._tell({"event": "rolled_back", "from": left.update, "step": self.progress.update, "share": self.progress.share})
        self._save("last")
