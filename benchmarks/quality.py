"""Quality gates, score, duplicates, privacy and decontamination: how right, how fast, how much spared, beside other tools.

    python benchmarks/quality.py CORPORA_FOLDER

Peers are measured where they are installed (pip install -e '.[bench,oracle]'). Nothing of CORPORA_FOLDER is kept.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import (
    quality_contamination,
    quality_duplicates,
    quality_early,
    quality_language,
    quality_privacy,
    quality_retune,
    quality_score,
    quality_second_stage,
    quality_speed,
)
from benchmarks.common import ROOT, run_sections, write_result

PACKAGES = ["py3langid", "rensa", "phonenumbers", "pyarrow", "numpy", "mlx", "mlx-lm", "datatrove", "datasketch"]
Figures = dict[str, float]

SECTIONS: dict[str, Callable[[Path], Figures]] = {
    "score": lambda folder: quality_score.measure(folder / "quality_labels.jsonl"),
    "second_stage": lambda folder: quality_second_stage.measure(folder / "quality_labels.jsonl"),
    "language": lambda folder: quality_language.measure(folder / "quality_labels.jsonl"),
    "speed": lambda folder: quality_speed.measure(quality_speed.read_texts(folder)),
    "early": lambda folder: quality_early.measure(folder / "mixed" / "documents"),
    "retune": lambda _folder: quality_retune.measure(),
    "duplicates": lambda _folder: quality_duplicates.measure(),
    "privacy": lambda _folder: quality_privacy.measure(),
    "contamination": lambda _folder: quality_contamination.measure(),
}


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with mixed/, contracts/ and quality_labels.jsonl")
    parser.add_argument("--only", choices=sorted(SECTIONS), help="one section; nothing is written")
    arguments = parser.parse_args()
    figures = run_sections(SECTIONS, arguments.folder, arguments.only)
    if arguments.only is None:
        counts = {"labels": sum(1 for _ in (arguments.folder / "quality_labels.jsonl").open(encoding="utf-8"))}
        path = write_result("quality", figures, counts, PACKAGES)
        print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
