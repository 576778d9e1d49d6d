"""Annotation: how right, how exactly grounded, how fast, with and without a model.

    python benchmarks/annotation.py CORPORA_FOLDER

Nothing of CORPORA_FOLDER is kept.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import annotation_contracts, annotation_fields, annotation_model
from benchmarks.common import ROOT, run_sections, write_result

PACKAGES = ["langextract", "llguidance", "mlx", "mlx-lm", "scikit-learn", "numpy", "dateparser", "babel", "phonenumbers"]
Figures = dict[str, float]

SECTIONS: dict[str, Callable[[Path], Figures]] = {
    "contracts": lambda folder: annotation_contracts.measure(folder / "contracts"),
    "held_out": lambda folder: annotation_contracts.measure_held_out(folder / "contracts"),
    "fields": lambda _folder: annotation_fields.measure(),
    "model": annotation_model.measure,
}


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with contracts/")
    parser.add_argument("--only", choices=sorted(SECTIONS), help="one section; nothing is written")
    arguments = parser.parse_args()
    figures = run_sections(SECTIONS, arguments.folder, arguments.only)
    if arguments.only is None:
        counts = {"contracts": sum(1 for _ in (arguments.folder / "contracts" / "index.jsonl").open(encoding="utf-8"))}
        path = write_result("annotation", figures, counts, PACKAGES)
        print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
