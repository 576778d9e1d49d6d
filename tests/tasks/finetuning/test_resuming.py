"""A training process that is killed on the way, and the training that goes on in its folder."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import EVENTS, TrainingSpec
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.train import CHECKOUT, run_training
from tasks.finetuning.work_folder import work_folder
from tests.tasks.finetuning.small_trainings import small_training, write_sentences

NANO = StarterShape(hidden=32, layers=1, heads=2, kv_heads=1, mlp=32)
SETTINGS = FinetuningSettings(
    epochs=50,
    max_steps=12,
    batch_size=4,
    learning_rate=3e-3,
    steps_per_report=1,
    steps_per_evaluation=5,
    seconds_per_checkpoint=0.0,
    sample_tokens=2,
    max_seq_length=64,
    timeout_seconds=120,
)


@pytest.fixture
def specify(data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MLX_DISABLE_COMPILE", "1")
    model, dataset = build_starter(NANO), write_sentences(tmp_path / "dataset")

    def make(name: str) -> TrainingSpec:
        return small_training(data_root, model, dataset, tmp_path / name, SETTINGS)

    return make


def kill_after(spec: TrainingSpec, step: int) -> None:
    """Run the training process alone and kill it once it has told of this step."""
    output = Path(spec.output)
    output.mkdir()
    (output / "spec.json").write_text(spec.model_dump_json())
    events = output / EVENTS
    process = subprocess.Popen(
        [sys.executable, "-m", "tasks.finetuning.train_worker", str(output / "spec.json")],
        stdin=subprocess.PIPE,
        cwd=CHECKOUT,
        env={**os.environ, "TMPDIR": str(output)},
    )
    deadline = time.monotonic() + 300
    while f'"event": "step", "step": {step},' not in (events.read_text() if events.is_file() else ""):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()


def test_a_killed_training_goes_on_as_if_it_had_not_been(specify: Any) -> None:
    whole = run_training(specify("whole"))
    spec = specify("killed")
    kill_after(spec, 6)
    told: list[dict[str, Any]] = []
    result = run_training(spec, told.append)
    resumed = next(event for event in told if event["event"] == "resumed")
    assert 5 <= resumed["step"] < 12
    assert [event["step"] for event in told if event["event"] == "step"] == list(range(resumed["step"] + 1, 13))
    assert result == whole
    adapters = [Path(each.output) / "adapters.safetensors" for each in (spec, specify("whole"))]
    assert adapters[0].read_bytes() == adapters[1].read_bytes()


def test_a_folder_is_kept_after_a_failure_and_goes_after_a_success(data_root: Path) -> None:
    def fail() -> None:
        with work_folder("one") as folder:
            (folder / "checkpoint").write_text("kept")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with work_folder("one") as folder:
        assert (folder / "checkpoint").read_text() == "kept"
        assert folder.is_relative_to(data_root)
    assert not folder.exists()
