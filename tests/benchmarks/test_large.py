"""The large PDF and the measurement of memory over it."""

from pathlib import Path

from pypdf import PdfReader

from benchmarks.large import LINES, make_large_pdf, measure_pdf_peaks


def test_every_page_is_full_and_its_own(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    make_large_pdf(path, 3)
    texts = [page.extract_text() for page in PdfReader(path, strict=True).pages]
    assert [text.count("the quick brown fox") for text in texts] == [LINES] * 3
    assert [f"Page {number} line 1:" in text for number, text in enumerate(texts, 1)] == [True] * 3


def test_peaks_are_measured_in_processes_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    make_large_pdf(path, 3)
    peaks = measure_pdf_peaks(path)
    assert set(peaks) == {"parts", "whole"}
    assert all(10 < peak < 4096 for peak in peaks.values())
