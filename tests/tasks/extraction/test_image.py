"""Pictures: decoded, bounded, handed to text recognition page by page."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.extraction.ocr import Ocr
from tasks.extraction.readers import image
from tests.tasks.extraction import documents
from tests.tasks.extraction.test_readers import read

FORMATS = documents.PICTURES


class Recogniser(Ocr):
    """Says what it is given: its size and its darkest and lightest pixel."""

    def recognize(self, picture: bytes, _: object) -> str:
        kind, width, height, _most, levels = picture.split(maxsplit=4)
        return f"{kind.decode()} {int(width)} {int(height)} {min(levels)} {max(levels)}"


@pytest.fixture(autouse=True)
def recogniser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "find_ocr", lambda _: Recogniser("reader", "1"))


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_is_decoded(tmp_path: Path, format_name: str) -> None:
    (row,) = read(tmp_path, format_name, documents.picture(FORMATS[format_name]))
    kind, width, height, darkest, lightest = (row.text or "").split()
    assert (row.engine, row.engine_version, row.pages, row.pages_lost) == ("reader", "1", 1, 0)
    assert (kind, width, height) == ("P5", "1500", "500")  # small print is enlarged
    assert int(darkest) < 60
    assert int(lightest) > 240


@pytest.mark.parametrize("format_name", FORMATS)
def test_without_recognition_the_reason_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_name: str) -> None:
    monkeypatch.setattr(image, "find_ocr", lambda _: None)
    (row,) = read(tmp_path, format_name, documents.picture(FORMATS[format_name]))
    assert (row.reason, row.text) == ("extraction.needs_ocr", None)


def test_pages_of_a_tiff_and_one_frame_of_an_animation(tmp_path: Path) -> None:
    (pages,) = read(tmp_path, "tiff", documents.picture("TIFF", frames=3))
    assert (pages.pages, (pages.text or "").count("\f")) == (3, 2)
    (animation,) = read(tmp_path, "gif", documents.picture("GIF", frames=3))
    assert animation.pages == 1
    assert read(tmp_path, "tiff", documents.picture("TIFF", frames=3), pdf_max_pages=2)[0].reason == "extraction.limit"


def test_bombs_are_not_decoded(tmp_path: Path) -> None:
    header = b"P5\n60000 60000\n255\n"
    assert read(tmp_path, "pnm", header + b"\x00" * 100)[0].reason == "extraction.limit"
    assert read(tmp_path, "pnm", b"P5\n12000 9000\n255\n" + b"\x00" * 100)[0].reason == "extraction.limit"


def test_large_pictures_are_made_smaller(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "png", documents.picture("PNG", size=(9000, 5000)))
    _, width, height, *_ = (row.text or "").split()
    assert 24_000_000 < int(width) * int(height) <= 25_000_000


def test_transparent_is_white(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    output = BytesIO()
    Image.new("RGBA", (600, 200), (0, 0, 0, 0)).save(output, "PNG")
    (row,) = read(tmp_path, "png", output.getvalue())
    assert (row.text or "").split()[3:] == ["255", "255"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(FORMATS)), st.integers(0, 3000), st.binary(max_size=20))
def test_a_damaged_picture_gives_text_or_a_reason(tmp_path: Path, format_name: str, at: int, noise: bytes) -> None:
    content = documents.picture(FORMATS[format_name])
    (row,) = read(tmp_path, format_name, content[:at] + noise + content[at + len(noise) :])
    assert (row.text is None) != (row.reason is None)
