"""The training loop: resumed as if never stopped, back when the loss goes astray, ended when nothing gets better."""

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm import load

from tasks.finetuning import checkpoints, loop, steps
from tasks.finetuning.adapting import add_adapter, trainable_weights
from tasks.finetuning.batches import Layout
from tasks.finetuning.examples import Example
from tasks.finetuning.loop import DivergedError, Interrupted, Task, Training
from tasks.finetuning.losses import held_out
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.starter import StarterShape, build_starter

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)
EXAMPLES = [Example([(3 * index + 7 * place) % 40 + 5 for place in range(4 + index * 3 % 17)] + [0]) for index in range(24)]
SETTINGS = FinetuningSettings(rank=4, learning_rate=5e-3, dropout=0.1, steps_per_report=1, steps_per_evaluation=4, patience=0)


@pytest.fixture
def prepared(data_root: Path, tmp_path: Path) -> Any:
    """Makes a fresh model with an adapter, and a task for it."""
    folder = str(data_root / build_starter(NANO).folder)

    def prepare(**changes: Any) -> tuple[Any, Task]:
        settings = SETTINGS.model_copy(update=changes)
        model = load(folder)[0]
        add_adapter(model, settings)
        return model, Task(EXAMPLES[:20], EXAMPLES[20:], Layout(4, 64), 12, settings, tmp_path / "checkpoints")

    return prepare


def train(model: Any, task: Task, interrupted: Any = lambda: False) -> tuple[Any, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    return Training(model, task, events.append, interrupted).run(), events


@pytest.mark.parametrize("seconds", [0.0, 1000.0])
def test_a_resumed_training_is_the_undisturbed_one_step_by_step(prepared: Any, tmp_path: Path, seconds: float) -> None:
    model, task = prepared()
    whole, _ = train(model, dataclasses.replace(task, folder=tmp_path / "elsewhere"))
    wanted = trainable_weights(model)
    asked = iter([False] * 4 + [True] + [False] * 2 + [True] + [False] * 99)
    for _ in range(3):
        model, task = prepared(seconds_per_checkpoint=seconds)
        with contextlib.suppress(Interrupted):
            progress, events = train(model, task, lambda: next(asked))
    assert events[0] == {"event": "resumed", "step": 8, "of": 12}
    assert progress.losses == whole.losses
    assert progress.valid_losses == whole.valid_losses
    assert [step for step, _ in progress.losses] == list(range(1, 13))
    assert all(mx.array_equal(weight, wanted[name]).item() for name, weight in trainable_weights(model).items())


def test_every_update_trains_on_what_was_asked_whatever_fits_at_once(prepared: Any, tmp_path: Path) -> None:
    curves = []
    for number, (micro_tokens, packed) in enumerate([(8, False), (64, False), (4096, False), (64, True)]):
        model, task = prepared(dropout=0.0)
        task = dataclasses.replace(task, layout=Layout(4, micro_tokens, packed), folder=tmp_path / str(number))
        curves.append([loss for _, loss in train(model, task)[0].losses])
    for curve in curves[1:]:
        assert curve == pytest.approx(curves[0], rel=1e-3)


def test_the_best_weights_are_kept(prepared: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model, task = prepared(patience=2, steps_per_evaluation=1)
    measured = iter([5.0, 4.0, 3.0, 3.5, 3.5])
    seen = []

    def measure(model: Any, *_: Any) -> Any:
        seen.append(trainable_weights(model))
        return held_out(model, EXAMPLES[:1], 64).model_copy(update={"loss": next(measured)})

    monkeypatch.setattr(loop, "held_out", measure)
    progress, events = train(model, task)
    assert (progress.update, progress.best, progress.best_loss) == (4, 2, 3.0)
    assert progress.stopped == "no better loss on the valid split in 2 measurements"
    assert events[-1] == {"event": "best", "step": 2, "valid_loss": 3.0}
    assert all(mx.array_equal(weight, seen[2][name]).item() for name, weight in trainable_weights(model).items())


@pytest.mark.parametrize("with_valid", [True, False])
def test_a_loss_that_goes_astray_is_taken_back_and_goes_on_slower(
    prepared: Any, monkeypatch: pytest.MonkeyPatch, with_valid: bool
) -> None:
    model, task = prepared()
    task = task if with_valid else dataclasses.replace(task, valid=[])
    update = steps.Steps.update
    calls = []

    def poisoned(self: Any, batches: Any, tokens: int, rate: float) -> tuple[float, bool]:
        calls.append(rate)
        loss, finite = update(self, batches, tokens, rate)
        return (float("nan"), False) if 6 <= len(calls) <= 8 else (loss, finite)

    monkeypatch.setattr(steps.Steps, "update", poisoned)
    progress, events = train(model, task)
    back = next(event for event in events if event["event"] == "rolled_back")
    good = 4 if with_valid else 0
    assert back == {"event": "rolled_back", "from": 8, "step": good, "share": 0.5}
    assert calls[8] == pytest.approx(calls[good] / 2)
    assert (progress.update, progress.rollbacks, progress.skipped) == (12, 1, 3)
    assert [step for step, _ in progress.losses] == list(range(1, 13))


def test_a_loss_that_stays_astray_ends_the_training(prepared: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model, task = prepared()
    monkeypatch.setattr(steps.Steps, "update", lambda *_: (float("nan"), False))
    with pytest.raises(DivergedError, match=r"after 4 returns .* much lower learning_rate"):
        train(model, task)


def test_an_update_that_is_no_number_leaves_the_weights(prepared: Any) -> None:
    model, task = prepared()
    training = Training(model, task, lambda event: None)
    before = trainable_weights(model)
    bad = [(mx.array([[1, 2]]), mx.array([[2, 3]]), mx.array([[float("nan"), 1.0]]), None)]
    assert not training._steps.update(bad, 2, 1e-3)[1]
    assert all(mx.array_equal(weight, before[name]).item() for name, weight in trainable_weights(model).items())


def test_long_gradients_are_clipped(prepared: Any) -> None:
    moved = []
    for clip in (1e-6, 0.0):
        model, task = prepared(clip_norm=clip, dropout=0.0)
        training = Training(model, task, lambda event: None)
        optimizer = training._optimizer
        batch = (mx.array([[1, 2]]), mx.array([[2, 3]]), mx.array([[1.0, 1.0]]), None)
        training._steps.update([batch], 2, 1e-3)
        # Adam divides by the gradient's size, so look at its first moment: a tenth of what came in
        squares = [mx.square(value).sum().item() for name, value in tree_flatten(optimizer.state) if name.endswith(".m")]
        moved.append(10 * sum(squares) ** 0.5)
    assert moved[0] == pytest.approx(1e-6, rel=1e-3)
    assert moved[1] > 1e-3


def test_without_room_for_a_checkpoint_the_training_goes_on_and_says_so(prepared: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model, task = prepared(seconds_per_checkpoint=0.0)
    monkeypatch.setattr(checkpoints.shutil, "disk_usage", lambda _: checkpoints.shutil._ntuple_diskusage(9, 9, 0))
    progress, events = train(model, task)
    assert progress.update == 12
    told = [event for event in events if event["event"] == "disk_full"]
    assert told[0]["why"].startswith("a checkpoint needs 0 MiB and 0 MiB are free")


def test_a_checkpoint_that_could_not_be_written_leaves_the_one_before(prepared: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model, task = prepared()
    train(model, task)
    before = checkpoints.read_progress(task.folder, "last")

    def refuse(*_: Any) -> None:
        raise RuntimeError("[save_safetensors] could not write")

    monkeypatch.setattr(checkpoints.mx, "save_safetensors", refuse)
    optimizer = loop.make_optimizer(task.settings)
    with pytest.raises(checkpoints.DiskFull, match="could not write"):
        checkpoints.write_checkpoint(task.folder, "last", model, optimizer, checkpoints.Progress(update=99))
    assert checkpoints.read_progress(task.folder, "last") == before
    assert sorted(path.name for path in task.folder.iterdir()) == ["best", "last"]
