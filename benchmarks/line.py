"""The whole line on a folder of real documents: speed, memory, overhead, and what a second run costs.

    python benchmarks/line.py FOLDER

Every figure comes from `doctune run` as a user starts it, start-up included. Nothing of FOLDER is kept.
"""

import argparse
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import ROOT, write_result

PACKAGES = ["prefect", "pyarrow", "liteparse", "pypdfium2", "kreuzberg", "trafilatura", "mlx", "mlx-lm"]
KILLS = 3


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="documents to process, for example a corpus' folder")
    parser.add_argument("--seed", type=int, default=7, help="for the moments of the kills and the documents that are added")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="doctune-benchmark-") as temporary:
        work = Path(temporary)
        documents = work / "documents"
        shutil.copytree(arguments.folder, documents)  # copy2 keeps modification times, and so the order of arrival
        files = sum(1 for path in documents.rglob("*") if path.is_file())
        cold, result = timed_run(documents, work / "data", work)
        again, same = timed_run(documents, work / "data", work)
        assert same["dataset"] == result["dataset"], "running again changed the dataset"
        kills, equal = kill_and_resume(documents, work / "killed", work, cold, chance, result["dataset"]["digest"])
        added = add_documents(documents, math.ceil(result["books"]["inputs"] / 100), chance)
        one_percent, after = timed_run(documents, work / "data", work)
        assert after["books"]["inputs"] == result["books"]["inputs"] + added, "a document was lost"

    books, measures = result["books"], result["measures"]
    assert kills == KILLS, f"only {kills} runs were killed: the others had ended"
    counted = books["inputs"] + books["containers"] + books["aliases"] + books["ignored"]
    assert counted == files + books["members"], "a file is in no book"
    figures = {
        "documents": books["inputs"],
        "kept": books["kept"],
        "rejected": books["rejected"],
        "failed": books["failed"],
        "duplicate": books["duplicate"],
        "documents_per_minute": round(books["inputs"] / cold * 60, 1),
        "curation_documents_per_minute": round(books["inputs"] / (cold - result["stage_seconds"].get("finetuning", 0.0)) * 60, 1),
        "cold_seconds": round(cold, 1),
        "flow_peak_mib": round(measures["flow_peak_mib"], 1),
        "worker_peak_mib": round(measures["worker_peak_mib"], 1),
        "orchestration_share": round(1 - measures["work_seconds"] / cold, 4),
        "nothing_new_share": round(again / cold, 4),
        "one_percent_share": round(one_percent / cold, 4),
        "kill_resume_equal": int(equal),
        **{f"seconds_{stage}": round(seconds, 2) for stage, seconds in sorted(result["stage_seconds"].items())},
    }
    counts = {name: books[name] for name in ("inputs", "aliases", "kept", "rejected", "failed", "duplicate")}
    path = write_result("line", figures, {**counts, "kills": kills, "added": added}, PACKAGES)
    print(json.dumps(figures, indent=2))
    print(f"written to {path.relative_to(ROOT)}")


def command(documents: Path, root: Path) -> list[str]:
    """`doctune run`, with this interpreter."""
    return [sys.executable, "-m", "flows.cli", "run", str(documents), "--data-root", str(root)]


def environment(work: Path) -> dict[str, str]:
    """The user's environment, with a Prefect home of its own: no server but the run's, and no history."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DOCTUNE_"))}
    return {**kept, "PREFECT_HOME": str(work / "prefect"), "PYTHONPATH": str(ROOT)}


def timed_run(documents: Path, root: Path, work: Path) -> tuple[float, dict[str, Any]]:
    """Wall seconds of one run, and its result."""
    started = time.monotonic()
    subprocess.run(command(documents, root), env=environment(work), cwd=work, check=True)
    seconds = time.monotonic() - started
    return seconds, json.loads((root / "runs" / "current.json").read_text())


def kill_and_resume(
    documents: Path, root: Path, work: Path, cold: float, chance: random.Random, expected: str
) -> tuple[int, bool]:
    """Kill a run at three random moments, let the fourth try finish, and compare its dataset's digest.

    Returns how many were really killed, and whether the digest is the expected one.
    """
    kills = 0
    # Sorted and early: what the tries before left in the cache must not let a try end before its moment.
    for moment in sorted(chance.uniform(0.05, 0.6) * cold for _ in range(KILLS)):
        process = subprocess.Popen(command(documents, root), env=environment(work), cwd=work)
        try:
            process.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)  # the process alone: its workers must notice by themselves
            process.wait()
            kills += 1
            print(f"killed after {moment:.1f} s")
    _, result = timed_run(documents, root, work)
    return kills, bool(result["dataset"]["digest"] == expected)


def add_documents(documents: Path, count: int, chance: random.Random) -> int:
    """Write new text documents: real prose of the folder with its lines in another order."""
    texts = sorted(path for path in documents.rglob("*") if path.suffix in (".md", ".txt") and path.stat().st_size > 2000)
    for number in range(count):
        lines = texts[number % len(texts)].read_text(encoding="utf-8", errors="replace").splitlines()
        chance.shuffle(lines)
        (documents / f"added-{number}.md").write_text("\n".join(lines), encoding="utf-8")
    return count


if __name__ == "__main__":
    main()
