"""A training foreseen without loading the model's weights."""

import json
from pathlib import Path

import pytest

from tasks.finetuning import foreseeing
from tasks.finetuning.examples import UnfitError
from tasks.finetuning.fitting import describe_probe
from tasks.finetuning.foreseeing import foresee
from tasks.finetuning.jobs import ForeseeJob
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Probe
from tasks.finetuning.starter import build_starter
from tests.tasks.finetuning.stored_adapters import NANO

GIB = 2**30
PER_STEP = 6


@pytest.fixture
def base(data_root: Path) -> Path:
    """A model without its weights."""
    folder = data_root / build_starter(NANO).folder
    (folder / "model.safetensors").write_bytes(b"no weights")
    return folder


def job(base: Path, folder: Path, probes: dict[str, Probe] | None = None, memory: int = GIB, **changes: object) -> ForeseeJob:
    folder.mkdir(exist_ok=True)
    rows = [json.dumps({"text": "The report names a notice period of thirty days. " * (1 + at % 5)}) for at in range(20)]
    (folder / "train.jsonl").write_text("\n".join(rows) + "\n")
    settings = FinetuningSettings.model_validate({"batch_size": PER_STEP, "epochs": 2, "max_steps": 100, **changes})
    return ForeseeJob(
        model=str(base), dataset=str(folder), settings=settings, model_digest="m", probes=probes or {}, available_bytes=memory
    )


def test_a_training_is_foreseen_by_the_formula_without_weights(base: Path, tmp_path: Path) -> None:
    found = foresee(job(base, tmp_path / "data"))
    assert (found.examples, found.updates_per_epoch, found.updates, found.batch_size) == (20, 4, 8, PER_STEP)
    assert found.plan.peak_bytes is not None
    assert not found.plan.measured
    assert found.plan.eta_seconds is None
    assert found.micro_batches >= 1
    assert found.rank == 16


def test_several_processes_share_the_memory_and_with_staged_the_model(base: Path, tmp_path: Path) -> None:
    one, data, staged = (foresee(job(base, tmp_path / "data", parallel=parallel)).plan for parallel in ("off", "data", "staged"))
    assert data.budget_bytes == staged.budget_bytes == pytest.approx(one.budget_bytes / 2, abs=1)
    assert data.peak_bytes == one.peak_bytes
    assert (staged.peak_bytes or 0) < (one.peak_bytes or 0)
    assert len(data.why) == len(one.why) + 1


def test_the_time_is_told_where_such_steps_were_measured(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, bool]] = []
    planned = []

    def remember(planner, digest, width, checkpointing):  # type: ignore[no-untyped-def]
        asked.append((width, checkpointing))
        planned.append(planner)
        return describe_probe(planner, digest, width, checkpointing)

    monkeypatch.setattr(foreseeing, "describe_probe", remember)
    foresee(job(base, tmp_path / "data"))
    key, _ = describe_probe(planned[-1], "m", *asked[-1])
    kept = {key: Probe(fixed=1000.0, per_row=10.0, seconds=2.0)}
    for how in ("auto", "measured"):
        found = foresee(job(base, tmp_path / "data", kept, memory_plan=how))
        assert found.plan.measured == (how == "measured")
        assert found.plan.eta_seconds == pytest.approx(2.0 / asked[-1][0] * planned[-1].tokens)
    assert foresee(job(base, tmp_path / "data", memory_plan="measured")).plan.eta_seconds is None


def test_too_little_memory_is_said_with_what_one_example_needs(base: Path, tmp_path: Path) -> None:
    found = foresee(job(base, tmp_path / "data", memory=2**18))
    assert found.plan.peak_bytes is None
    assert found.short_of is not None
    assert found.short_of > found.plan.budget_bytes


def test_a_dataset_that_the_training_would_refuse_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(UnfitError, match="more than max_seq_length 64"):
        foresee(job(base, tmp_path / "data", max_seq_length=64))
    (tmp_path / "none").mkdir()
    asked = job(base, tmp_path / "data").model_copy(update={"dataset": str(tmp_path / "none")})
    with pytest.raises(UnfitError, match="no training examples"):
        foresee(asked)
