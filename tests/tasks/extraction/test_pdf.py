"""PDF: text layers, scans, passwords, forms, parts, and which engine is taken when another fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.large import make_large_pdf
from tasks.extraction.pdf.probe import Look
from tasks.extraction.readers import pdf
from tasks.extraction.reading import CorruptError, Source
from tasks.extraction.settings import ExtractionSettings
from tests.tasks.extraction import documents
from tests.tasks.extraction.test_readers import SENTENCE, read

SPREAD = "C HA PT E R 7."


def read_alone(tmp_path: Path, content: bytes, **options: object) -> tuple[str | None, str | None]:
    (row,) = read(tmp_path, "pdf", content, ocr="off", **options)
    return row.reason, row.text and row.text.strip()


def test_pages_title_and_language(tmp_path: Path) -> None:
    content = documents.pdf([f"First. {SENTENCE}", f"Second. {SENTENCE}"], title="A title", language="de-AT")
    (row,) = read(tmp_path, "pdf", content)
    assert (row.title, row.language_hint, row.pages, row.pages_lost, row.engine) == ("A title", "de-AT", 2, 0, "liteparse")
    first, second = (row.text or "").split("\f")
    assert "First." in first
    assert "Second." in second


@pytest.mark.parametrize("pages", [[None, None, None], ["scan:7", "scan:8"], [None] * 30, [SENTENCE, None, None]])
def test_mostly_scanned_pages_need_ocr(tmp_path: Path, pages: list[str | None]) -> None:
    assert read_alone(tmp_path, documents.pdf(pages)) == ("extraction.needs_ocr", None)


def test_a_scan_among_pages_of_text_is_counted_as_lost(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE, None, "", SENTENCE]), ocr="off")
    assert (row.reason, row.pages, row.pages_lost) == (None, 4, 1)


def test_a_stamp_on_a_scan_is_no_text_layer(tmp_path: Path) -> None:
    stamps = [f"scan:Received by the registry on {day} May" for day in range(30)]
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE, SENTENCE, *stamps[:3]]), ocr="off")
    assert row.pages_lost == 2
    assert read_alone(tmp_path, documents.pdf(stamps[:5])) == ("extraction.needs_ocr", None)
    assert read_alone(tmp_path, documents.pdf(stamps)) == ("extraction.needs_ocr", None)


def test_slides_with_few_words_on_a_picture_are_text(tmp_path: Path) -> None:
    slides = ["scan:Results of the quarter", "scan:What comes next year", "scan:Thank you for your time"]
    (row,) = read(tmp_path, "pdf", documents.pdf(slides), ocr="off")
    assert (row.reason, row.pages_lost) == (None, 0)


def test_blank_pages_are_no_text(tmp_path: Path) -> None:
    assert read_alone(tmp_path, documents.pdf(["", ""])) == ("extraction.empty", None)


def test_few_words_are_words(tmp_path: Path) -> None:
    assert read_alone(tmp_path, documents.pdf(["Hello"])) == (None, "Hello")


def test_passwords(tmp_path: Path) -> None:
    content = documents.pdf([SENTENCE], password="secret")
    for passwords in ([], ["wrong"]):
        (row,) = read(tmp_path, "pdf", content, passwords=passwords)
        assert row.reason == "extraction.encrypted"
        assert "wrong" not in (row.detail or "")
    (row,) = read(tmp_path, "pdf", content, passwords=["wrong", "secret"])
    assert (row.reason, SENTENCE in (row.text or ""), row.engine) == (None, True, "liteparse")
    assert "secret" not in repr(ExtractionSettings(passwords=("secret",)))


def test_what_was_typed_into_a_form_is_text(tmp_path: Path) -> None:
    content = documents.pdf_form({"Name of the applicant": "Ada Lovelace", "": "Analytical engine"}, secrets={"PIN": "4711"})
    reason, text = read_alone(tmp_path, content)
    assert reason is None
    assert "Name of the applicant: Ada Lovelace" in (text or "")
    assert "Analytical engine" in (text or "")
    assert "4711" not in (text or "")


def test_the_page_limit(tmp_path: Path) -> None:
    content = documents.pdf([SENTENCE] * 3)
    assert read(tmp_path, "pdf", content, pdf_max_pages=2)[0].reason == "extraction.limit"
    assert read(tmp_path, "pdf", content, pdf_max_pages=3)[0].reason is None


def test_damage(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pdf", b"%PDF-1.7\nnothing of use")
    assert row.reason == "extraction.corrupt"


def test_parts_end_with_pages_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    make_large_pdf(path, 120)
    source = Source(path, path.stat().st_size, None, "pdf")
    parts = list(pdf.read(source, ExtractionSettings(part_characters=100_000)))
    assert len(parts) > 3
    assert all(len(part.text) <= 100_000 and part.pages == 120 for part in parts)
    pages = [page for part in parts for page in part.text.split("\f")]
    assert [f"Page {number} line 1:" in page and f"Page {number} line 45:" in page for number, page in enumerate(pages, 1)] == (
        [True] * 120
    )


def fail(*_: object) -> Iterator[dict[int, str]]:
    raise CorruptError("broken")


@pytest.mark.parametrize(
    ("broken", "expected"),
    [(["by_liteparse"], "pdf-inspector"), (["by_liteparse", "by_inspector"], "pypdfium2"), (["open_pdf"], "pypdf")],
)
def test_the_next_engine_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: list[str], expected: str) -> None:
    for name in broken:
        monkeypatch.setattr(pdf, name, fail)
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE, SENTENCE]))
    assert (row.engine, (row.text or "").count(SENTENCE), row.pages, row.pages_lost) == (expected, 2, 2, 0)


def test_an_engine_that_fails_on_the_way_keeps_what_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_late(*_: object) -> Iterator[dict[int, str]]:
        yield {0: SENTENCE, 1: SENTENCE}
        raise CorruptError("broken")

    monkeypatch.setattr(pdf, "by_liteparse", fail_late)
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE] * 40))
    assert (row.engine, (row.text or "").count(SENTENCE)) == ("liteparse+pdf-inspector", 40)


def test_an_engine_that_loses_text_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "by_liteparse", lambda *_: iter([{0: "The quick"}]))
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE]))
    assert (row.engine, SENTENCE in (row.text or "")) == ("pdf-inspector", True)
    monkeypatch.setattr(pdf, "by_inspector", lambda *_: "The")
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE]))
    assert (row.engine, SENTENCE in (row.text or "")) == ("pypdfium2", True)


@pytest.mark.parametrize(("other", "expected"), [(f"CHAPTER 7.\n{SENTENCE}", "pdf-inspector"), ("CHAPTER", "liteparse")])
def test_a_page_in_doubt_goes_to_an_engine_that_has_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str, expected: str
) -> None:
    monkeypatch.setattr(pdf, "by_liteparse", lambda *_: iter([{0: f"{SPREAD}\n\n{SENTENCE}"}]))
    monkeypatch.setattr(pdf, "by_inspector", lambda *_: other)
    (row,) = read(tmp_path, "pdf", documents.pdf([f"CHAPTER 7.\n{SENTENCE}"]))
    assert row.engine == expected


@pytest.mark.parametrize(("markdown", "lost"), [("\x01\x02\x03 a text without sense", 1), (SENTENCE, 0)], ids=["lost", "kept"])
def test_a_garbled_text_layer_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, markdown: str, lost: int) -> None:
    looks = {0: Look("text", SENTENCE), 1: Look("garbled", "\x01\x03" * 20), 2: Look("text", SENTENCE)}
    monkeypatch.setattr(pdf, "look_at_page", lambda _, at: looks[at])
    monkeypatch.setattr(pdf, "by_liteparse", lambda *_: iter([{0: SENTENCE, 1: markdown, 2: SENTENCE}]))
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE] * 3), ocr="off")
    assert (row.pages_lost, (row.text or "").count(SENTENCE)) == (lost, 3 - lost)
