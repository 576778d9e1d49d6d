"""Large documents, made on the spot: the peak of a process' own memory when a file is read in parts, beside reading it whole.

`python -m benchmarks.corpora.large parts|whole PATH FORMAT` is the process that is measured.
"""

import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.common import ROOT
from benchmarks.large import make_large_pdf, make_large_text
from tasks.runtime.slot import used_mib

TEXT_MIB = (256, 2048)
PDF_PAGES = (750, 3000)


def figures_of(workplace: Path) -> dict[str, float]:
    """Peaks in MiB, and the ratio of reading in parts to reading whole, for the largest text and the largest PDF."""
    figures: dict[str, float] = {}
    for size in TEXT_MIB:
        path = workplace / "large.txt"
        make_large_text(path, size * 2**20)
        figures[f"large_text_{size}_mib_peak_mib"], seconds = measure("parts", path, "text")
        if size == TEXT_MIB[-1]:
            figures["large_text_mib_per_second"] = round(size / seconds, 1)
            whole, _ = measure("whole", path, "text")
            figures["large_text_whole_peak_mib"] = whole
            figures["large_text_peak_ratio"] = round(figures[f"large_text_{size}_mib_peak_mib"] / whole, 4)
        path.unlink()
    for pages in PDF_PAGES:
        path = workplace / "large.pdf"
        make_large_pdf(path, pages)
        figures[f"large_pdf_{pages}_pages_peak_mib"], _ = measure("parts", path, "pdf")
        if pages == PDF_PAGES[-1]:
            whole, _ = measure("whole", path, "pdf")
            figures["large_pdf_whole_peak_mib"] = whole
            figures["large_pdf_peak_ratio"] = round(figures[f"large_pdf_{pages}_pages_peak_mib"] / whole, 4)
        path.unlink()
    return figures


def measure(how: str, path: Path, format_name: str) -> tuple[float, float]:
    """Peak of own memory in MiB and wall seconds of one process that reads a file."""
    command = [sys.executable, "-m", "benchmarks.corpora.large", how, str(path), format_name]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT)
    watched = psutil.Process(process.pid)
    peak = 0.0
    while process.poll() is None:
        try:
            peak = max(peak, used_mib(watched))
        except psutil.NoSuchProcess:
            break
        time.sleep(0.01)
    if process.wait() != 0:
        raise RuntimeError(f"reading {path.name} {how} failed")
    return round(peak, 1), time.monotonic() - started


def read_parts(path: Path, format_name: str) -> None:
    """As a worker of the product does it: part by part, into a file of its own."""
    from tasks.extraction.settings import ExtractionSettings
    from tasks.extraction.work import ExtractionRequest, read_rows
    from tasks.runtime.pieces import Piece, write_piece
    from tasks.storage.schemas import EXTRACTION

    with path.open("rb") as stream:
        document_id = hashlib.file_digest(stream, "sha256").hexdigest()
    request = ExtractionRequest(document_id, (str(path),), format_name, "utf-8", ExtractionSettings())
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        write_piece(read_rows, EXTRACTION, Piece(str(Path(folder) / "piece.arrow"), request))


def read_whole(path: Path, format_name: str) -> None:
    """All of a text in memory; of a PDF, all pages' Markdown of the same engine."""
    if format_name == "text":
        text = path.read_text(encoding="utf-8")
    else:
        from benchmarks.peers import read_liteparse

        text = read_liteparse(path)
    assert text


if __name__ == "__main__":
    {"parts": read_parts, "whole": read_whole}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
