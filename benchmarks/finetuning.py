"""Fine-tuning: doctune's trainer beside `mlx_lm.lora` on the same data, model and updates; resuming; foreseen memory;
trainings in two processes.

    python benchmarks/finetuning.py TEXTS_FOLDER

TEXTS_FOLDER: any folder with .txt files, a megabyte or more; nothing of it is kept. The model is small and has random weights, so
speeds are those of a CPU and losses are high; ratios are of one run, in processor seconds of one thread, because a busy machine
changes the others. Both sides get the same BLAS and compile nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import ROOT, write_result
from benchmarks.finetuning_data import DISTRIBUTIONS, read_text, write_dataset
from benchmarks.finetuning_parallel import parallel
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import EVENTS, TrainingSpec
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.train import run_training
from tasks.storage.root import use_data_root

PACKAGES = ["mlx", "mlx-lm", "numpy"]
Figures = dict[str, float]
SHAPE = StarterShape()
SIZES = [
    SHAPE,
    StarterShape(hidden=128, layers=2, heads=4, kv_heads=2, mlp=384),
    StarterShape(hidden=192, layers=6, heads=6, kv_heads=3, mlp=576),
]
RATE, RANK = 2e-3, 16  # the rate falls along the same cosine on both sides
UPDATES = 10
SCORE = """
import json, sys
from pathlib import Path
from tasks.runtime.blas import enable_fast_blas
enable_fast_blas()
from mlx_lm import load
from tasks.finetuning.examples import encode, read_texts
from tasks.finetuning.losses import held_out
model, dataset, *adapters = sys.argv[1:]
found = []
for adapter in adapters:
    tuned, tokenizer = load(model, adapter_path=adapter)[:2]
    found.append(held_out(tuned, [encode(tokenizer, text, 1024) for text in read_texts(Path(dataset), "valid")], 2048).loss)
print(json.dumps(found))
"""


def specify(work: Path, name: str, model: str, dataset: Path, batch_size: int, **changes: Any) -> TrainingSpec:
    """A training of doctune."""
    settings = FinetuningSettings(
        rank=RANK,
        learning_rate=RATE,
        warmup_fraction=0,
        batch_size=batch_size,
        epochs=1,
        steps_per_report=UPDATES,
        steps_per_evaluation=1000,
        sample_tokens=0,
        evaluation_examples=16,
    ).model_copy(update=changes)
    return TrainingSpec(
        dataset=str(dataset),
        model=model,
        model_name="starter",
        model_digest="",
        dataset_digest="",
        output=str(work / name),
        settings=settings,
    )


def train_ours(spec: TrainingSpec) -> dict[str, float]:
    """What was counted of a training of doctune's."""
    output = Path(spec.output)
    output.mkdir()
    (output / "spec.json").write_text(spec.model_dump_json())
    python(["-m", "benchmarks.finetuning_ours", str(output / "spec.json")])
    counted: dict[str, float] = json.loads((output / "counted.json").read_text())
    return counted


def train_peer(work: Path, name: str, model: str, dataset: Path, batch_size: int) -> dict[str, float]:
    """What was counted of mlx_lm.lora with the same rank, schedule, batch and updates."""
    config = {
        "model": model,
        "train": True,
        "data": str(dataset),
        "num_layers": -1,
        "batch_size": batch_size,
        "iters": UPDATES,
        "val_batches": 1,
        "learning_rate": RATE,
        "lr_schedule": {"name": "cosine_decay", "arguments": [RATE, UPDATES, RATE / 10]},
        "optimizer": "adamw",
        "optimizer_config": {"adamw": {"weight_decay": 0.0}},
        "lora_parameters": {"rank": RANK, "dropout": 0.0, "scale": 2.0},
        "adapter_path": str(work / name),
        "steps_per_report": UPDATES,
        "steps_per_eval": 1000,
        "save_every": 1000,
        "counted": str(work / f"{name}.counted"),
    }
    file = work / f"{name}.json"
    file.write_text(json.dumps(config))
    python(["-m", "benchmarks.finetuning_peer", str(file)])
    counted: dict[str, float] = json.loads((work / f"{name}.counted").read_text())
    return counted


def python(arguments: list[str]) -> str:
    """Run Python in the checkout; what it said."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def side_by_side(work: Path, words: list[str], batch_size: int) -> tuple[Figures, Figures]:
    """Figures of doctune and of mlx-lm for each distribution of lengths."""
    model = str(ROOT / use_data_root(work / "root") / build_starter(SHAPE).folder)
    ours: Figures = {}
    peer: Figures = {}
    for name in DISTRIBUTIONS:
        dataset = work / f"{name}-{batch_size}"
        write_dataset(dataset, words, name, {"train": batch_size * UPDATES, "valid": 16, "test": 16})
        mine = train_ours(specify(work, f"ours-{name}-{batch_size}", model, dataset, batch_size))
        its = train_peer(work, f"peer-{name}-{batch_size}", model, dataset, batch_size)
        if its["examples"] != batch_size * UPDATES or mine["updates"] != UPDATES:
            raise RuntimeError(f"{name}: not the same updates: {its}, {mine}")
        its["padding_share"] = 1 - its["useful"] / its["places"]
        adapters = [str(work / f"{who}-{name}-{batch_size}") for who in ("ours", "peer")]
        losses = json.loads(python(["-c", SCORE, model, str(dataset), *adapters]))
        suffix = f"{name}_b{batch_size}"
        for figures, counted, loss in ((ours, mine, losses[0]), (peer, its, losses[1])):
            figures |= {
                f"tokens_per_cpu_second_{suffix}": round(counted["useful"] / counted["cpu_seconds"]),
                f"tokens_per_second_{suffix}": round(counted["useful"] / counted["seconds"]),
                f"padding_share_{suffix}": round(counted["padding_share"], 4),
                f"val_loss_{suffix}": round(loss, 4),
                f"peak_mib_{suffix}": round(counted["peak_bytes"] / 2**20, 1),
            }
        speeds = [figures[f"tokens_per_cpu_second_{suffix}"] for figures in (ours, peer)]
        ours[f"tokens_ratio_{suffix}"] = round(speeds[0] / speeds[1], 2)
        print(json.dumps({"ours": mine, "peer": its, "losses": losses}), flush=True)
    return ours, peer


def resuming(work: Path, words: list[str]) -> Figures:
    """The largest difference of a loss between a training that was killed and one that was not."""
    model = str(ROOT / use_data_root(work / "root") / build_starter().folder)
    dataset = work / "resumed"
    write_dataset(dataset, words, "qa", {"train": 64, "valid": 8, "test": 8})
    changes = {"steps_per_report": 1, "steps_per_evaluation": 4, "seconds_per_checkpoint": 0.0, "epochs": 2, "dropout": 0.05}
    whole = run_training(specify(work, "whole", model, dataset, 8, **changes))
    spec = specify(work, "killed", model, dataset, 8, **changes)
    output = Path(spec.output)
    output.mkdir()
    (output / "spec.json").write_text(spec.model_dump_json())
    command = [sys.executable, "-m", "tasks.finetuning.train_worker", str(output / "spec.json")]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    events = output / EVENTS
    while '"step": 9,' not in (events.read_text() if events.is_file() else "") and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    resumed = run_training(spec)
    curves = [[*result.losses, *result.valid_losses] for result in (whole, resumed)]
    if [step for step, _ in curves[0]] != [step for step, _ in curves[1]]:
        raise RuntimeError("the resumed training has other steps")
    return {"resume_max_difference": max(abs(first[1] - second[1]) for first, second in zip(*curves, strict=True))}


def memory(work: Path) -> Figures:
    """How far foreseen peaks are from measured ones, as a share of these."""
    root = ROOT / use_data_root(work / "root")
    models, out = work / "models.json", work / "memory.json"
    models.write_text(json.dumps([str(root / build_starter(shape).folder) for shape in SIZES]))
    python(["-m", "benchmarks.finetuning_memory", str(models), str(out)])
    rows = json.loads(out.read_text())
    errors = [abs(row["foreseen"] / row["measured"] - 1) for row in rows]
    formula = [abs(row["formula"] / row["measured"] - 1) for row in rows]
    return {
        "peak_prediction_combinations": len(rows),
        "peak_prediction_error_median": round(statistics.median(errors), 4),
        "peak_prediction_error_max": round(max(errors), 4),
        "peak_formula_error_median": round(statistics.median(formula), 4),
        "peak_formula_error_max": round(max(formula), 4),
    }


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with .txt files")
    parser.add_argument("--batch", type=int, nargs="+", default=[16], help="batch sizes of the side-by-side")
    parser.add_argument("--only", choices=["peer", "resuming", "memory", "parallel"], help="one section; nothing is written")
    arguments = parser.parse_args()
    words = read_text(arguments.folder)
    os.environ |= {"MLX_DISABLE_COMPILE": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    figures: Figures = {}
    peer: Figures = {}
    with tempfile.TemporaryDirectory(prefix="doctune-finetuning-") as folder:
        work = Path(folder)
        for batch_size in arguments.batch if arguments.only in (None, "peer") else []:
            ours, theirs = side_by_side(work, words, batch_size)
            figures |= ours
            peer |= theirs
        if arguments.only in (None, "resuming"):
            figures |= resuming(work, words)
        if arguments.only in (None, "memory"):
            figures |= memory(work)
        if arguments.only in (None, "parallel"):
            figures |= parallel(work, words)
    mixed = f"mixed_b{arguments.batch[0]}"
    named = {
        "val_loss_ours": (figures, "val_loss"),
        "val_loss_mlx_lm": (peer, "val_loss"),
        "padding_share": (figures, "padding_share"),
    }
    figures |= {key: found[f"{name}_{mixed}"] for key, (found, name) in named.items() if peer}
    print(json.dumps({"figures": figures, "mlx_lm.lora": peer}, indent=2))
    if arguments.only is None:
        path = write_result("finetuning", figures, {"updates": UPDATES, "words": len(words)}, PACKAGES, {"mlx_lm.lora": peer})
        print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
