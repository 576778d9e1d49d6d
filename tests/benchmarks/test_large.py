"""Large documents and the measurement of memory over them."""

from pathlib import Path

from pypdf import PdfReader

from benchmarks.corpora.large import measure
from benchmarks.large import LINES, make_large_pdf, make_large_text


def test_every_page_is_full_and_its_own(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    make_large_pdf(path, 3)
    texts = [page.extract_text() for page in PdfReader(path, strict=True).pages]
    assert [text.count("the quick brown fox") for text in texts] == [LINES] * 3
    assert [f"Page {number} line 1:" in text for number, text in enumerate(texts, 1)] == [True] * 3


def test_the_peak_of_a_process_of_its_own_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    make_large_text(path, 1000)
    peak, seconds = measure("parts", path, "text")
    assert 10 < peak < 4096
    assert seconds > 0
