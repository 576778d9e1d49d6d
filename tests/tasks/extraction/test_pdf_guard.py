"""What liteparse is not shown, and what becomes of the other pages."""

from pathlib import Path

import pypdfium2
import pytest

from tasks.extraction.pdf import guard
from tests.hostile_files.pdfs import FONT, RESOURCES, SENTENCE, SHOW, flated, one_page, stream, write_pdf
from tests.tasks.extraction.test_readers import read

LINES = b"0 0 m 9 9 l S\n"


def of_pages(boxes: list[bytes], contents: list[bytes], catalog: bytes = b"", others: dict[int, bytes] | None = None) -> bytes:
    objects = {1: b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>", 5: FONT}
    kids = b" ".join(b"%d 0 R" % (10 + 2 * at) for at in range(len(boxes)))
    objects[2] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(boxes))
    for at, (box, content) in enumerate(zip(boxes, contents, strict=True)):
        objects[10 + 2 * at] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s]/Contents %d 0 R%s>>" % (box, 11 + 2 * at, RESOURCES)
        objects[11 + 2 * at] = flated(content)
    return write_pdf(objects | (others or {}))


def test_a_page_in_danger_is_read_by_others_and_the_rest_by_liteparse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_PATHS", 50)
    content = of_pages([b"595 842", b"595 842", b"1000000000 842", b"595 842"], [SHOW, LINES * 100 + SHOW, SHOW, LINES + SHOW])
    (row,) = read(tmp_path, "pdf", content)
    assert [SENTENCE in page for page in (row.text or "").split("\f")] == [True] * 4
    assert (row.engine or "").startswith("liteparse+")
    assert row.pages_lost == 0


def test_lines_in_forms_count(monkeypatch: pytest.MonkeyPatch) -> None:
    form = stream(LINES * 20, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    page = b"/Resources<</XObject<</X 6 0 R>>/Font<</F 5 0 R>>>>"
    with pypdfium2.PdfDocument(one_page(stream(b"/X Do\n" * 3 + SHOW), {6: form}, page)) as document:
        assert not guard.is_dangerous(document, 0)
        monkeypatch.setattr(guard, "MOST_PATHS", 50)
        assert guard.is_dangerous(document, 0)


@pytest.mark.parametrize(
    ("bookmarks", "endless"),
    [
        ({50: b"<</First 51 0 R>>", 51: b"<</Title(x)/Next 52 0 R>>", 52: b"<</Title(y)>>"}, False),
        ({50: b"<</First 51 0 R>>", 51: b"<</Title(x)/First 52 0 R>>", 52: b"<</Title(y)/Next 51 0 R>>"}, True),
        ({50: b"<</First 51 0 R>>"} | {at: b"<</Title(x)/First %d 0 R>>" % (at + 1) for at in range(51, 300)}, True),
    ],
    ids=["few", "circle", "deep"],
)
def test_bookmarks_without_end_are_left_out(tmp_path: Path, bookmarks: dict[int, bytes], endless: bool) -> None:
    content = of_pages([b"595 842"] * 2, [SHOW] * 2, b"/Outlines 50 0 R", bookmarks)
    with pypdfium2.PdfDocument(content) as document:
        assert guard.has_endless_outline(document) == endless
    (row,) = read(tmp_path, "pdf", content)
    assert (row.engine, (row.text or "").count(SENTENCE)) == ("liteparse", 2)
