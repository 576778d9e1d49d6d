"""Fine-tuning: doctune's trainer beside `mlx_lm.lora` on the same data, model and updates; resuming; foreseen memory;
trainings in two processes; 10,000 examples from a dataset to an adapter; an adapter on contracts by the commands of a user.

    python benchmarks/finetuning.py FOLDER

FOLDER: any folder with .txt files, a megabyte or more, and contracts in `contracts/`; nothing of it is kept. The model is
small and has random weights, so speeds are those of a CPU and losses are high; ratios are of one run, in processor seconds of one
thread, because a busy machine changes the others. Both sides get the same BLAS and compile nothing. The last two run on all
cores, as a user's trainings do.
"""

import argparse
import contextlib
import dataclasses
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import ROOT, write_result
from benchmarks.finetuning_contracts import train_on_contracts
from benchmarks.finetuning_data import read_text, write_dataset
from benchmarks.finetuning_parallel import parallel
from benchmarks.finetuning_sides import Figures, python, seeds_of, side_by_side, specify, updates_of
from tasks.finetuning.spec import EVENTS
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.train import run_training
from tasks.storage.root import use_data_root

PACKAGES = ["mlx", "mlx-lm", "numpy"]
SECTIONS = ["resuming", "memory", "parallel", "large", "contracts"]  # beside one for each batch size
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


@dataclass
class Found:
    """What sections found."""

    figures: Figures = field(default_factory=dict)
    peer: Figures = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Found") -> None:
        """Take over what another section found."""
        self.figures |= other.figures
        self.peer |= other.peer
        self.counts |= other.counts


def measure(section: str, folder: Path, work: Path) -> Found:
    """One section."""
    if section == "large":
        return Found(large(work, folder))
    if section == "contracts":
        figures, counts = train_on_contracts(folder / CONTRACTS, work)
        return Found(figures, counts=counts)
    with one_thread():
        if section == "memory":
            return Found(memory(work))
        words = read_text(folder)
        if section == "resuming":
            return Found(resuming(work, words))
        if section == "parallel":
            return Found(parallel(work, words))
        batch_size = int(section.removeprefix("b"))
        ours, peer = side_by_side(work, words, batch_size)
        counted = {f"updates_{section}": updates_of(batch_size), f"seeds_{section}": len(seeds_of(batch_size))}
        return Found(ours, peer, {"words": len(words), **counted})


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with .txt files, and contracts/ below it")
    parser.add_argument("--batch", type=int, nargs="+", default=[4, 16, 64], help="batch sizes of the side-by-side")
    parser.add_argument("--only", nargs="+", metavar="SECTION", help=f"{', '.join(SECTIONS)}, b4, b16, ...; nothing is written")
    parser.add_argument("--parts", type=Path, help="a folder to keep each section in: with it, another run goes on from there")
    arguments = parser.parse_args()
    sections = [*(f"b{size}" for size in arguments.batch), *SECTIONS]
    total = Found()
    for section in arguments.only or sections:
        kept = arguments.parts and arguments.parts / f"{section}-{product()}.json"
        if kept and kept.is_file():
            found = Found(**json.loads(kept.read_text()))
        else:
            with tempfile.TemporaryDirectory(prefix="doctune-finetuning-") as folder:
                found = measure(section, arguments.folder, Path(folder))
            if kept:
                arguments.parts.mkdir(exist_ok=True)
                kept.write_text(json.dumps(dataclasses.asdict(found)))
        print(json.dumps({section: dataclasses.asdict(found)}, indent=2), flush=True)
        total.add(found)
    if arguments.only is None:
        named = {
            "val_loss_ours": (total.figures, "val_loss"),
            "val_loss_mlx_lm": (total.peer, "val_loss"),
            "padding_share": (total.figures, "padding_share"),
        }
        total.figures |= {key: found[f"{name}_{NAMED}"] for key, (found, name) in named.items() if f"{name}_{NAMED}" in found}
        path = write_result("finetuning", total.figures, total.counts, PACKAGES, {"mlx_lm.lora": total.peer})
        print(f"written to {path.relative_to(ROOT)}")


def product() -> str:
    """A digest of the code that is measured: what was found of other code is not gone on from."""
    shown = subprocess.run(["git", "rev-parse", "HEAD:flows", "HEAD:tasks"], cwd=ROOT, capture_output=True, text=True, check=True)
    return hashlib.sha256(shown.stdout.encode()).hexdigest()[:12]


if __name__ == "__main__":
    main()
