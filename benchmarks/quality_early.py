"""What early termination saves: the same documents through the line twice, the second time with every document worked to the end.

    python benchmarks/quality_early.py FOLDER

The second run has all gates off, so that every text is measured, screened, fingerprinted and cut; the verdicts of the first run's
gates are then derived from its stored signals, and must keep the same documents. Nothing of FOLDER is kept.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.line import environment

Key = tuple[str, int]
REPEATS = 1  # of each run, in turns; the median counts
# Stages that see every document whatever the gates say are no part of the comparison.
SPARED = ("signals", "privacy", "fingerprints", "chunks")


def measure(folder: Path) -> dict[str, float]:
    """early_termination_saved_share: work of the spared stages that the gates saved; of_all: share of all stages' work;
    same_kept: 1 when both ways keep the same parts."""
    with tempfile.TemporaryDirectory(prefix="doctune-benchmark-") as temporary:
        work = Path(temporary)
        stops, goes_on = [], []
        for number in range(REPEATS):
            stops.append(_run(folder, work / f"stops-{number}", work, []))
            goes_on.append(_run(folder, work / f"goes-on-{number}", work, _everything_off()))
        seconds, total = (_median([_seconds(run, SPARED) for run in runs]) for runs in (stops, goes_on))
        everything = _median([_seconds(run, None) for run in goes_on])
        kept = _kept(stops[0], Path(stops[0]["root"]))
        derived = _derived(goes_on[0], Path(goes_on[0]["root"]))
    return {
        "early_termination_saved_share": round(1 - seconds / total, 4),
        "early_termination_saved_share_of_all_work": round((total - seconds) / everything, 4),
        "early_termination_seconds": round(seconds, 2),
        "no_early_termination_seconds": round(total, 2),
        "early_termination_same_kept": int(kept == derived),
        "early_termination_kept": len(kept),
    }


def _everything_off() -> list[str]:
    """Settings with which no gate rejects."""
    from tasks.quality.profiles import PROFILES

    off = [f"curation.gates.{name}=off" for name in PROFILES["office"]]
    return [option for setting in off for option in ("--set", setting)]


def _run(folder: Path, root: Path, work: Path, options: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "flows.cli", "curate", str(folder), "--data-root", str(root), *options]
    subprocess.run(command, env=environment(work), cwd=work, check=True, stdout=subprocess.DEVNULL)
    result: dict[str, Any] = json.loads((root / "runs" / "current.json").read_text())
    return result | {"root": str(root)}


def _seconds(result: dict[str, Any], names: tuple[str, ...] | None) -> float:
    """Seconds of work on documents, as the workers measured them."""
    import pyarrow.parquet as pq

    total = 0.0
    for outputs in result["outputs"]:
        for name, ref in outputs.items():
            path = Path(result["root"]) / ref["path"].replace(".parquet", ".metrics.parquet")
            if (names is None or name in names) and path.exists():
                total += sum(pq.read_table(path, columns=["seconds"])["seconds"].to_pylist())
    return total


def _kept(result: dict[str, Any], root: Path) -> set[Key]:
    """Parts that the gates kept."""
    return {
        (row["document_id"], row["part"])
        for outputs in result["outputs"]
        if "quality" in outputs
        for row in _rows(root / outputs["quality"]["path"])
        if row["reason"] is None
    }


def _derived(result: dict[str, Any], root: Path) -> set[Key]:
    """Parts that the default gates keep, decided from what the run without gates measured."""
    from tasks.quality.judging import Judging
    from tasks.quality.order import SHIPPED as ORDER
    from tasks.quality.score import SHIPPED as MODEL
    from tasks.quality.settings import AuditSettings, GateSettings
    from tasks.quality.verdicts import decide_rows

    judging = Judging(order=ORDER, model=MODEL)
    kept = set()
    for outputs in result["outputs"]:
        if "signals" in outputs:
            rows = _rows(root / outputs["signals"]["path"])
            decided = decide_rows(rows, GateSettings(), AuditSettings(share=0), judging)
            kept |= {(row["document_id"], row["part"]) for row in decided if row["reason"] is None}
    return kept


def _rows(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist(maps_as_pydicts="strict")
    return rows


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    print(json.dumps(measure(parser.parse_args().folder), indent=2))
