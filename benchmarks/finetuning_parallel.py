"""Trainings in two processes beside the same training in one: a section of benchmarks/finetuning.py.

Two processes on this machine, connected over its loopback by mlx's ring backend: with `data`, each takes a share of each step;
with `staged`, each has a block of layers. Same data, steps and global batch. The model's embedding is its head too, so that
with `staged` both processes have it: their share of the weights is above a half by that.
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT
from benchmarks.finetuning_data import write_dataset
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import EVENTS, TrainingResult, TrainingSpec
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.train import run_training
from tasks.storage.root import use_data_root

SHAPE = StarterShape(hidden=128, layers=16, heads=4, kv_heads=2, mlp=384)
UPDATES, BATCH = 6, 8


def parallel(work: Path, words: list[str]) -> dict[str, float]:
    """The largest differences of a loss, the largest share of the weights, and tokens per second of each."""
    model = str(ROOT / use_data_root(work / "root") / build_starter(SHAPE).folder)
    dataset = work / "parallel"
    write_dataset(dataset, words, "qa", {"train": UPDATES * BATCH, "valid": 8, "test": 8})
    results, events = zip(*(_train(work, model, dataset, kind) for kind in ("off", "data", "staged")), strict=True)
    curves = [_curve(result) for result in results]
    *held, whole = next(event for event in events[2] if event["event"] == "plan")["weight_bytes"]
    peaks = [next(event for event in each if event["event"] == "memory")["peak_bytes"] for each in events]
    return {
        "two_process_max_difference": _difference(curves[0], curves[1]),
        "staged_max_difference": _difference(curves[0], curves[2]),
        "staged_weight_share": round(max(held) / whole, 4),
        "staged_peak_share": round(peaks[2] / peaks[0], 4),
        **{
            f"tokens_per_second_{name}": round(_speed(each), 1)
            for name, each in zip(("one_process", "two_process", "staged"), events, strict=True)
        },
    }


def _train(work: Path, model: str, dataset: Path, kind: Any) -> tuple[TrainingResult, list[dict[str, Any]]]:
    settings = FinetuningSettings(
        parallel=kind,
        rank=16,
        learning_rate=2e-3,
        batch_size=BATCH,
        epochs=1,
        steps_per_report=1,
        steps_per_evaluation=4,
        sample_tokens=0,
        extraction_examples=0,
    )
    spec = TrainingSpec(
        dataset=str(dataset),
        model=model,
        model_name="starter",
        model_digest="",
        dataset_digest="",
        output=str(work / kind),
        settings=settings,
    )
    result = run_training(spec)
    lines = (work / kind / EVENTS).read_text(encoding="utf-8").splitlines()
    return result, [json.loads(line) for line in lines]


def _curve(result: TrainingResult) -> list[tuple[int, float]]:
    """Every loss that was told, with its step."""
    ends = [(0, result.before.loss), (result.steps, result.after.loss)]
    if result.steps != UPDATES or len(result.losses) != UPDATES:
        raise RuntimeError(f"{result.steps} steps and {len(result.losses)} losses instead of {UPDATES}")
    return [*ends, *result.losses, *result.valid_losses]


def _difference(one: list[tuple[int, float]], other: list[tuple[int, float]]) -> float:
    if [step for step, _ in one] != [step for step, _ in other]:
        raise RuntimeError("the trainings have losses of other steps")
    return max(abs(first - second) for (_, first), (_, second) in zip(one, other, strict=True))


def _speed(events: list[dict[str, Any]]) -> float:
    """Trained tokens per second over all steps but the first, which warms up."""
    steps = [event for event in events if event["event"] == "step"][1:]
    return float(sum(step["tokens"] for step in steps) / sum(step["tokens"] / step["tokens_per_second"] for step in steps))
