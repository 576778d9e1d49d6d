"""Trainings in two processes, over the loopback, beside the same training in one."""

import contextlib
from pathlib import Path
from typing import Any

import psutil
import pytest

from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import ADAPTER_FILES, TrainingResult, TrainingSpec
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.train import run_training
from tests.tasks.finetuning.small_trainings import small_training, write_sentences

NANO = StarterShape(hidden=32, layers=4, heads=2, kv_heads=1, mlp=64)
STEPS = 16  # so many that a process can be killed before the end
SETTINGS = FinetuningSettings(
    epochs=50,
    max_steps=STEPS,
    batch_size=6,
    learning_rate=3e-3,
    micro_batch_tokens=64,
    steps_per_report=1,
    steps_per_evaluation=8,
    seconds_per_checkpoint=0.0,
    sample_tokens=2,
    extraction_tokens=4,
    max_seq_length=64,
    timeout_seconds=120,
)
SAME = 1e-5  # nats: what rounding makes of another order of adding up
SAME_WEIGHTS = 1e-3  # AdamW makes a full step of the learning rate, 3e-3, of a gradient that is rounding alone


class Enough(Exception):
    """The training is ended from outside."""


@pytest.fixture
def specify(data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MLX_DISABLE_COMPILE", "1")
    model, dataset = build_starter(NANO), write_sentences(tmp_path / "dataset")

    def make(name: str, **changes: Any) -> TrainingSpec:
        return small_training(data_root, model, dataset, tmp_path / name, SETTINGS.model_copy(update=changes))

    return make


def curves(result: TrainingResult) -> list[float]:
    """All losses of a training."""
    assert [step for step, _ in result.losses] == list(range(1, STEPS + 1))
    assert [step for step, _ in result.valid_losses] == [0, 8, 16]
    return [result.before.loss, result.after.loss, *(loss for _, loss in [*result.losses, *result.valid_losses])]


def weights(spec: TrainingSpec) -> dict[str, Any]:
    """The adapter of a training."""
    from safetensors.numpy import load_file

    return load_file(Path(spec.output) / ADAPTER_FILES[0])


def check_same(found: TrainingResult, wanted: TrainingResult) -> None:
    assert curves(found) == pytest.approx(curves(wanted), abs=SAME)
    assert (found.steps, found.trained_tokens, found.trainable) == (wanted.steps, wanted.trained_tokens, wanted.trainable)


def kill_member(rank: int) -> None:
    """Kill one process of the training that runs now."""
    for process in psutil.Process().children():
        if process.environ().get("MLX_RANK") == str(rank):
            process.kill()


def test_a_training_in_two_processes_is_the_one_in_one_through_all_that_befalls_it(specify: Any) -> None:
    """It begins with the whole model in each process and is ended, goes on with a block of layers in each, loses one of these
    processes, and goes on once more. One test, because each process takes seconds to start."""
    one = specify("one")
    alone = run_training(one)
    spec = specify("two", parallel="data")

    def stop(event: dict[str, Any]) -> None:
        if event["event"] == "step" and event["step"] >= 3:
            raise Enough

    with contextlib.suppress(Enough):
        run_training(spec, stop)
    told: list[dict[str, Any]] = []

    def kill(event: dict[str, Any]) -> None:
        if event["event"] == "step" and not any(before["event"] == "step" for before in told):
            kill_member(1)
        told.append(event)

    staged = spec.model_copy(update={"settings": spec.settings.model_copy(update={"parallel": "staged"})})
    result = run_training(staged, kill)
    resumed = [event["step"] for event in told if event["event"] == "resumed"]
    assert 3 <= resumed[0] <= resumed[1] <= STEPS
    assert [event["exit"] for event in told if event["event"] == "out_of_memory"] == [-9]
    assert [event["event"] for event in told if event["event"] in ("start", "done")] == ["start", "start", "done"]
    assert len(next(event for event in told if event["event"] == "memory")["of_each_process"]) == 2
    check_same(result, alone)
    assert (len(alone.samples), len(result.samples)) == (2, 0)
    wanted, found = weights(one), weights(spec)
    assert set(found) == set(wanted)
    assert max(abs(found[name] - wanted[name]).max() for name in wanted) < SAME_WEIGHTS
