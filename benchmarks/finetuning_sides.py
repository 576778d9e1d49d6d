"""doctune's trainer and `mlx_lm.lora` on the same data, model and updates, for benchmarks/finetuning.py.

Both sides: AdamW without decay, the same cosine from the same rate without warm-up, rank, scale and layers, no dropout. The
validation loss of both is that of doctune's own measurement: each token once, no padding.

Of so few updates the order of examples decides: on uniform lengths, batch of 16, doctune's steps in mlx-lm's order came to
mlx-lm's loss, other orders to losses 0.03 above or below it. Clipping never acted there, and the target of padding that mlx-lm
trains on was worth 0.0003. So losses are means over several seeds of both sides, each of which draws its own orders.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT
from benchmarks.finetuning_data import DISTRIBUTIONS, write_dataset
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import TrainingSpec
from tasks.finetuning.starter import build_starter
from tasks.storage.root import use_data_root

Figures = dict[str, float]
RATE, RANK = 2e-3, 16
UPDATES, SEEDS = 10, (0, 1, 2)  # seeds of adapter and order on both sides: a loss varies with them by more than the sides differ
LARGE, UPDATES_OF_LARGE, SEEDS_OF_LARGE = 32, 3, (0,)  # of batches of more examples, which take long
HELD_OUT = 32
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


def updates_of(batch_size: int) -> int:
    """How many updates both sides make with batches of this size."""
    return UPDATES if batch_size <= LARGE else UPDATES_OF_LARGE


def seeds_of(batch_size: int) -> tuple[int, ...]:
    """With which seeds both sides train with batches of this size."""
    return SEEDS if batch_size <= LARGE else SEEDS_OF_LARGE


def specify(work: Path, name: str, model: str, dataset: Path, batch_size: int, **changes: Any) -> TrainingSpec:
    """A training of doctune."""
    settings = FinetuningSettings(
        rank=RANK,
        learning_rate=RATE,
        warmup_fraction=0,
        batch_size=batch_size,
        epochs=1,
        steps_per_report=updates_of(batch_size),
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


def train_peer(work: Path, name: str, model: str, dataset: Path, batch_size: int, seed: int) -> dict[str, float]:
    """What was counted of mlx_lm.lora with the same rank, schedule, batch and updates."""
    updates = updates_of(batch_size)
    config = {
        "model": model,
        "train": True,
        "seed": seed,
        "data": str(dataset),
        "num_layers": -1,
        "batch_size": batch_size,
        "iters": updates,
        "val_batches": 1,
        "learning_rate": RATE,
        "lr_schedule": {"name": "cosine_decay", "arguments": [RATE, updates, RATE / 10]},
        "optimizer": "adamw",
        "optimizer_config": {"adamw": {"weight_decay": 0.0}},
        "lora_parameters": {"rank": RANK, "dropout": 0.0, "scale": 2.0},
        "adapter_path": str(work / name),
        "steps_per_report": updates,
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
    model = str(ROOT / use_data_root(work / "root") / build_starter().folder)
    seeds = seeds_of(batch_size)
    ours: Figures = {}
    peer: Figures = {}
    for name in DISTRIBUTIONS:
        dataset = work / f"{name}-{batch_size}"
        examples = batch_size * updates_of(batch_size)
        write_dataset(dataset, words, name, {"train": examples, "valid": HELD_OUT, "test": HELD_OUT})
        runs = [train_both(work, f"{name}-{batch_size}", model, dataset, batch_size, seed) for seed in seeds]
        adapters = [str(work / f"{who}-{name}-{batch_size}-{seed}") for who in ("ours", "peer") for seed in seeds]
        losses = json.loads(python(["-c", SCORE, model, str(dataset), *adapters]))
        pairs = list(zip(losses[: len(seeds)], losses[len(seeds) :], strict=True))
        print(json.dumps({"name": name, "batch": batch_size, "first": runs[0], "losses": pairs}), flush=True)
        suffix = f"{name}_b{batch_size}"
        for side, figures in enumerate((ours, peer)):
            counted = runs[0][side]
            figures |= {
                f"tokens_per_cpu_second_{suffix}": round(counted["useful"] / counted["cpu_seconds"]),
                f"tokens_per_second_{suffix}": round(counted["useful"] / counted["seconds"]),
                f"padding_share_{suffix}": round(counted["padding_share"], 4),
                f"val_loss_{suffix}": round(statistics.mean(pair[side] for pair in pairs), 4),
                f"peak_mib_{suffix}": round(counted["peak_bytes"] / 2**20, 1),
            }
        speeds = [figures[f"tokens_per_cpu_second_{suffix}"] for figures in (ours, peer)]
        gaps = [mine - its for mine, its in pairs]
        ours |= {
            f"tokens_ratio_{suffix}": round(speeds[0] / speeds[1], 2),
            f"val_loss_gap_{suffix}": round(statistics.mean(gaps), 4),
        }
        if len(gaps) > 1:
            ours |= {f"val_loss_gap_{suffix}_{end}": round(of(gaps), 4) for end, of in (("least", min), ("most", max))}
    return ours, peer


def train_both(
    work: Path, name: str, model: str, dataset: Path, batch_size: int, seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """What was counted of one training of each side."""
    mine = train_ours(specify(work, f"ours-{name}-{seed}", model, dataset, batch_size, seed=seed))
    its = train_peer(work, f"peer-{name}-{seed}", model, dataset, batch_size, seed)
    updates = updates_of(batch_size)
    if its["examples"] != batch_size * updates or mine["updates"] != updates:
        raise RuntimeError(f"{name}: not the same updates: {its}, {mine}")
    its["padding_share"] = 1 - its["useful"] / its["places"]
    return mine, its
