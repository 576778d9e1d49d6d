"""Documents that would grow, or be walked, far beyond their size."""

from pathlib import Path

from tests.hostile_files.packages import docx, p
from tests.tasks.extraction.test_readers import read


def test_the_words_of_boxes_within_boxes_are_read_once(tmp_path: Path) -> None:
    depth = 60
    body = "<w:p><w:r><w:txbxContent>" * depth + p("innermost") + "</w:txbxContent></w:r></w:p>" * depth
    (row,) = read(tmp_path, "docx", docx("", body))
    assert row.text == "innermost"


def test_a_table_that_outgrows_its_source_is_refused(tmp_path: Path) -> None:
    content = ",".join("a" * 9_999) + "\n" + "x\n" * 2_000
    (row,) = read(tmp_path, "csv", content.encode())
    assert row.reason == "extraction.limit"
    assert "characters of text for each" in (row.detail or "")


def test_a_page_with_a_flood_of_attributes_is_read_as_plain_text(tmp_path: Path) -> None:
    attributes = "".join(f" a{number}=x" for number in range(20_000))
    (row,) = read(tmp_path, "html", f"<html><body><p{attributes}>The words of the page.</p></body></html>".encode())
    assert row.text == "The words of the page."


def test_lists_nested_beyond_reason_end_at_a_limit(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "tex", b"\\begin{itemize}\\item x" * 200)
    assert row.reason == "extraction.limit"
