"""PDF: text layers, scans, passwords, and which engine is taken when another fails."""

from pathlib import Path

import pytest

from tasks.extraction.readers import pdf
from tasks.extraction.reading import CorruptError
from tests.tasks.extraction import documents
from tests.tasks.extraction.test_readers import SENTENCE, read


def test_pages_title_and_language(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf([f"First. {SENTENCE}", f"Second. {SENTENCE}"], title="A title"))
    assert (row.title, row.pages, row.pages_lost, row.engine) == ("A title", 2, 0, "liteparse")
    first, second = (row.text or "").split("\f")
    assert "First." in first
    assert "Second." in second


def test_scanned_pages_need_ocr(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf([None, None, None]))
    assert (row.text, row.reason) == (None, "extraction.needs_ocr")


def test_a_page_number_on_a_scan_is_no_text_layer(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf(["scan:7", "scan:8"]))
    assert row.reason == "extraction.needs_ocr"


def test_a_scan_among_pages_of_text_is_counted_as_lost(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE, None, "", SENTENCE]))
    assert (row.reason, row.pages, row.pages_lost) == (None, 4, 1)


def test_few_words_are_words(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf(["Hello"]))
    assert (row.reason, (row.text or "").strip()) == (None, "Hello")


def test_passwords(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE], password="secret"))
    assert row.reason == "extraction.encrypted"


def test_the_page_limit(tmp_path: Path) -> None:
    content = documents.pdf([SENTENCE] * 3)
    assert read(tmp_path, "pdf", content, pdf_max_pages=2)[0].reason == "extraction.limit"
    assert read(tmp_path, "pdf", content, pdf_max_pages=3)[0].reason is None


def test_damage(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", b"%PDF-1.7\nnothing of use")
    assert row.reason == "extraction.corrupt"


@pytest.mark.parametrize(
    ("broken", "expected"), [(["liteparse"], "pypdfium2"), (["liteparse", "pdfium"], "pypdf")], ids=["one", "two"]
)
def test_the_next_engine_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: list[str], expected: str) -> None:
    def fail(*_: object) -> list[str]:
        raise CorruptError("broken")

    for name in broken:
        monkeypatch.setattr(pdf, f"_by_{name}", fail)
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE]))
    assert (row.engine, SENTENCE in (row.text or "")) == (expected, True)


def test_an_engine_that_loses_text_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_by_liteparse", lambda *_: ["The quick"])
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE]))
    assert (row.engine, SENTENCE in (row.text or "")) == ("pypdfium2", True)
