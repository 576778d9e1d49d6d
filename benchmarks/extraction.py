"""Extraction on real documents with known truth: quality per format, speed, memory and robustness, beside other tools.

    python benchmarks/extraction.py CORPORA_FOLDER

Product and peers read the same files in the same kind of worker pool in one run; the product with its default settings. Peers
are measured where they are installed (pip install -e '.[bench]'). Nothing of CORPORA_FOLDER is kept.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import peers
from benchmarks.common import ROOT, write_result
from benchmarks.corpora import broken, detection, large, mixed, pages, web
from benchmarks.reading import Pass, read_by_peer, read_by_product

PACKAGES = ["liteparse", "pypdfium2", "pypdf", "kreuzberg", "trafilatura", "resiliparse", "lxml", "unstructured", "markitdown"]
WORKERS = 2
WEB_ROUNDS = 3
Figures = dict[str, float]
Peers = dict[str, Figures]


def main() -> None:
    """Run the benchmark and write its result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with mixed/, pdf_pages/, web_pages/ and broken_pdfs/")
    parser.add_argument("--only", choices=sorted(SECTIONS), help="one section; nothing is written")
    arguments = parser.parse_args()
    figures: Figures = {}
    beside: Peers = {}
    for name, section in SECTIONS.items():
        if arguments.only in (None, name):
            found, others = section(arguments.folder)
            print(json.dumps({"section": name, "figures": found, "peers": others}, indent=2), flush=True)
            figures |= found
            for peer, values in others.items():
                beside.setdefault(peer, {}).update(values)
    if arguments.only is None:
        figures["ocr_available"] = int(ocr_is_available())
        counts = {name: len(os.listdir(arguments.folder / name / "documents")) for name in ("mixed", "pdf_pages", "web_pages")}
        path = write_result("extraction", figures, counts, PACKAGES, beside)
        print(f"written to {path.relative_to(ROOT)}")


def measure_mixed(folder: Path) -> tuple[Figures, Peers]:
    """TF1 per format, documents per minute."""
    paths, types, truths = mixed.read_truth(folder / "mixed")
    ours = read_by_product(paths, WORKERS)
    assert len(ours.files) == len(paths), "a document was dropped"
    figures, others = mixed.figures_of(ours, types, truths, unpacks=True), {}
    for name, read in peers.installed("unstructured", "markitdown", "kreuzberg").items():
        theirs = read_by_peer(read, paths, WORKERS)
        others[name] = mixed.figures_of(theirs, types, truths)
        figures[f"speed_ratio_to_{name}"] = round(_speed_ratio(ours, theirs), 2)
    return figures, others


def measure_pages(folder: Path) -> tuple[Figures, Peers]:
    """Structure of PDF pages."""
    paths, truths = pages.read_truth(folder / "pdf_pages")
    figures = pages.figures_of(read_by_product(paths, WORKERS), truths)
    return figures, {
        name: pages.figures_of(read_by_peer(read, paths, WORKERS), truths)
        for name, read in peers.installed("liteparse", "pypdf", "markitdown").items()
    }


def measure_web(folder: Path) -> tuple[Figures, Peers]:
    """Main content of web pages; one worker, since the figure is pages per second of one process. Product and peers take turns,
    and the fastest pass of each counts."""
    paths, rows = web.read_truth(folder / "web_pages")
    figures: Figures = {}
    others: Peers = {}
    for _ in range(WEB_ROUNDS):
        figures = _faster(figures, web.figures_of(read_by_product(paths, 1), rows))
        for name, read in peers.installed("trafilatura", "resiliparse").items():
            others[name] = _faster(others.get(name, {}), web.figures_of(read_by_peer(read, paths, 1), rows))
    figures["web_segment_f1_fitted"] = figures.pop("web_segment_f1")  # of pages that the weights have seen
    figures["web_segment_f1"] = web.out_of_fold(folder)
    for name, values in others.items():
        figures[f"web_speed_ratio_to_{name}"] = round(figures["web_pages_per_second"] / values["web_pages_per_second"], 2)
    return figures, others


def _faster(one: Figures, other: Figures) -> Figures:
    return max(one, other, key=lambda figures: figures.get("web_pages_per_second", 0.0))


def measure_broken(folder: Path) -> tuple[Figures, Peers]:
    """Every broken PDF accounted for."""
    paths = broken.list_documents(folder / "broken_pdfs")
    figures = broken.figures_of(read_by_product(paths, WORKERS))
    assert figures["broken_pdf_files"] == len(paths), "a document was dropped"
    return figures, {
        name: broken.figures_of(read_by_peer(read, paths, WORKERS)) for name, read in peers.installed("pypdf").items()
    }


def measure_detection(folder: Path) -> tuple[Figures, Peers]:
    """Formats by content alone."""
    return detection.figures_of(folder / "mixed"), {}


def measure_large(folder: Path) -> tuple[Figures, Peers]:
    """Memory of large documents, made on the spot."""
    with tempfile.TemporaryDirectory(prefix="doctune-benchmark-") as temporary:
        return large.figures_of(Path(temporary)), {}


def ocr_is_available() -> bool:
    """Whether scans were read in this run, which the figures of PDF and images depend on."""
    from tasks.extraction.ocr import ocr_identity

    return bool(ocr_identity())


def _speed_ratio(ours: Pass, theirs: Pass) -> float:
    """Worker seconds of the peer over ours, on the files from which both got a text."""
    both = [
        (mine.seconds, other.seconds)
        for mine, other in zip(ours.files, theirs.files, strict=True)
        if mine.reason is None and other.reason is None and other.text.strip()
    ]
    return sum(other for _, other in both) / sum(mine for mine, _ in both)


SECTIONS = {
    "mixed": measure_mixed,
    "pages": measure_pages,
    "web": measure_web,
    "broken": measure_broken,
    "detection": measure_detection,
    "large": measure_large,
}


if __name__ == "__main__":
    main()
