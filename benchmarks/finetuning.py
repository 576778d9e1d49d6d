"""Fine-tuning: doctune's trainer beside `mlx_lm.lora` on the same data, model and updates; resuming; foreseen memory; 10,000
examples from a dataset to an adapter; an adapter on contracts by the commands that a user has.

    python benchmarks/finetuning.py FOLDER

FOLDER: any folder with .txt files, a megabyte or more, and contracts in `contracts/`; nothing of it is kept. The model is
small and has random weights, so speeds are those of a CPU and losses are high; ratios are of one run, in processor seconds of one
thread, because a busy machine changes the others. Both sides get the same BLAS and compile nothing. The last two run on all
cores, as a user's trainings do.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import ROOT, write_result
from benchmarks.finetuning_contracts import train_on_contracts
from benchmarks.finetuning_data import read_text, write_dataset
from benchmarks.finetuning_sides import Figures, python, side_by_side, specify, updates_of
from tasks.finetuning.spec import EVENTS
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.train import run_training
from tasks.storage.root import use_data_root

PACKAGES = ["mlx", "mlx-lm", "numpy"]
SECTIONS = ["peer", "resuming", "memory", "large", "contracts"]
CONTRACTS = Path("contracts")  # below the folder
NAMED = "mixed_b16"  # the side-by-side whose figures stand for all where there is room for one
SIZES = [
    StarterShape(),
    StarterShape(hidden=128, layers=2, heads=4, kv_heads=2, mlp=384),
    StarterShape(hidden=192, layers=6, heads=6, kv_heads=3, mlp=576),
]


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


def large(work: Path, texts: Path) -> Figures:
    """10,000 examples from a dataset to an adapter."""
    out = work / "large.json"
    python(["-m", "benchmarks.finetuning_large", str(texts), str(work), str(out)])
    found: Figures = json.loads(out.read_text())
    return found


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Within the block, processes compute in one thread and compile nothing."""
    before = dict(os.environ)
    os.environ |= {"MLX_DISABLE_COMPILE": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with .txt files")
    parser.add_argument("--batch", type=int, nargs="+", default=[4, 16, 64], help="batch sizes of the side-by-side")
    parser.add_argument("--only", choices=SECTIONS, help="one section; nothing is written")
    arguments = parser.parse_args()
    chosen = [arguments.only] if arguments.only else SECTIONS
    words = read_text(arguments.folder)
    figures: Figures = {}
    peer: Figures = {}
    counts = {"words": len(words), **{f"updates_b{size}": updates_of(size) for size in arguments.batch}}
    with tempfile.TemporaryDirectory(prefix="doctune-finetuning-") as folder:
        work = Path(folder)
        with one_thread():
            for batch_size in arguments.batch if "peer" in chosen else []:
                ours, theirs = side_by_side(work, words, batch_size)
                figures |= ours
                peer |= theirs
            if "resuming" in chosen:
                figures |= resuming(work, words)
            if "memory" in chosen:
                figures |= memory(work)
        if "large" in chosen:
            figures |= large(work, arguments.folder)
        if "contracts" in chosen:
            found, counted = train_on_contracts(arguments.folder / CONTRACTS, work)
            figures |= found
            counts |= counted
    named = {
        "val_loss_ours": (figures, "val_loss"),
        "val_loss_mlx_lm": (peer, "val_loss"),
        "padding_share": (figures, "padding_share"),
    }
    figures |= {key: found[f"{name}_{NAMED}"] for key, (found, name) in named.items() if f"{name}_{NAMED}" in found}
    print(json.dumps({"figures": figures, "counts": counts, "mlx_lm.lora": peer}, indent=2))
    if arguments.only is None:
        path = write_result("finetuning", figures, counts, PACKAGES, {"mlx_lm.lora": peer})
        print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
