"""Write docs/benchmarks.md from benchmarks/results/*.json.

python benchmarks/render.py
"""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import RESULTS, ROOT

HEAD = """# Benchmarks

Generated from `benchmarks/results/` by `python benchmarks/render.py`; do not edit. Each file names the machine, the versions and
the commit. Speeds are of that machine only; shares are ratios from one run.
"""

# What a figure's key means, with its unit; a key that is not here is shown as it is.
MEANING = {
    "documents": "documents, byte-identical copies folded",
    "kept": "kept",
    "rejected": "rejected, each with a reason",
    "failed": "failed, each with a reason",
    "duplicate": "duplicates",
    "documents_per_minute": "documents per minute, from the command to its end, training of the starter model included",
    "curation_documents_per_minute": "documents per minute without the training",
    "cold_seconds": "seconds of the whole command, nothing cached",
    "flow_peak_mib": "peak memory of the flow's process, MiB",
    "worker_peak_mib": "peak memory of a worker process, MiB",
    "orchestration_share": "share of the command's time in which no stage was at work: start-up, Prefect, its server",
    "nothing_new_share": "a second run with nothing new, as a share of the first",
    "one_percent_share": "a run with 1 % new documents, as a share of the first (its training included)",
    "kill_resume_equal": "1 if the dataset after three SIGKILLs is byte-identical to an undisturbed run's",
}


def render(result: dict[str, Any]) -> str:
    """One section for one result."""
    machine = result["machine"]
    lines = [
        f"## {result['benchmark']}",
        "",
        f"`{result['command']}`, commit {result['commit'][:12]}, on {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}.",
        "",
        "| figure | value | meaning |",
        "|---|---:|---|",
    ]
    for key, value in result["figures"].items():
        meaning = MEANING.get(key) or f"seconds in {key.removeprefix('seconds_')}, shards added up" * key.startswith("seconds_")
        lines.append(f"| `{key}` | {value:,} | {meaning} |")
    for peer, figures in result["peers"].items():
        lines += ["", f"Beside it, {peer}: " + ", ".join(f"`{key}` {value:,}" for key, value in figures.items()) + "."]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(result["versions"].items()))
    return "\n".join([*lines, "", f"Versions: {versions}.", ""])


def main() -> None:
    """Render all results."""
    results = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    page = "\n".join([HEAD, *map(render, results)])
    (ROOT / "docs" / "benchmarks.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
