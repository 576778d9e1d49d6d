"""What all benchmarks share: the machine, the versions, and the file a result is written to."""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def run_sections(
    sections: Mapping[str, Callable[[Path], dict[str, float]]], folder: Path, only: str | None = None
) -> dict[str, float]:
    """The figures of all sections of a benchmark, or of one, each printed as it comes."""
    figures: dict[str, float] = {}
    for name, section in sections.items():
        if only in (None, name):
            found = section(folder)
            print(json.dumps({"section": name, "figures": found}, indent=2), flush=True)
            figures |= found
    return figures


def write_result(
    name: str,
    figures: Mapping[str, float],
    counts: Mapping[str, int],
    packages: list[str],
    peers: Mapping[str, Mapping[str, float]] | None = None,
) -> Path:
    """Write benchmarks/results/<name>.json: figures (flat: stable key -> number) with all that is needed to read them."""
    result: dict[str, Any] = {
        "benchmark": name,
        "figures": dict(figures),
        "peers": {peer: dict(values) for peer, values in (peers or {}).items()},
        "counts": dict(counts),
        "machine": describe_machine(),
        "versions": {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in packages}},
        "commit": _git("rev-parse", "HEAD") + ("+changes" if _git("status", "--porcelain", "--", "flows", "tasks") else ""),
        "command": f"python benchmarks/{Path(sys.argv[0]).name} FOLDER",
    }
    path = RESULTS / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


def describe_machine() -> dict[str, Any]:
    """Processor, cores and memory of this machine, without its name."""
    import psutil

    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = models[0] if models else model
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
    }


def _git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True).stdout.strip()
