"""Text recognition, by a program that stands in for tesseract, and by the real one where it is installed."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tasks.extraction import ocr
from tasks.extraction.ocr import Ocr, find_ocr, grey_map, ocr_identity
from tasks.extraction.reading import CorruptError, LimitError, MissingExtraError
from tasks.extraction.settings import ExtractionSettings
from tests.tasks.extraction import documents
from tests.tasks.extraction.test_readers import SENTENCE, read

SETTINGS = ExtractionSettings()
PAGE = grey_map(2, 1, b"\x00\xff")
STAND_IN = """#!{python}
import os, sys, time
if sys.argv[1] == "--version":
    print("tesseract 9.8.7\\n leptonica-1")
elif sys.argv[1] == "--list-langs":
    print("List of available languages (3):\\nosd\\neng\\ndeu")
else:
    picture = sys.stdin.buffer.read()
    {action}
"""
ANSWER = 'print("Found", " ".join(sys.argv[1:]), picture[:3], os.environ["OMP_THREAD_LIMIT"])'


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return make_stand_in(tmp_path, monkeypatch, ANSWER)


def make_stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, action: str) -> Path:
    program = folder / "bin" / "tesseract"
    program.parent.mkdir(exist_ok=True)
    program.write_text(STAND_IN.format(python=sys.executable, action=action))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(ocr.platform, "system", lambda: "Linux")
    return program


def found() -> Ocr:
    engine = find_ocr(SETTINGS)
    assert engine is not None
    return engine


def test_what_is_there_is_found(stand_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found() == Ocr("tesseract", "9.8.7", ("deu", "eng", "osd"))
    assert ocr_identity().startswith("tesseract 9.8.7 deu eng osd pillow ")
    assert find_ocr(ExtractionSettings(ocr="off")) is None
    monkeypatch.setenv("PATH", str(stand_in.parent / "nowhere"))
    assert find_ocr(SETTINGS) is None
    assert ocr_identity() == ""


def test_a_program_that_does_not_run_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = make_stand_in(tmp_path, monkeypatch, ANSWER)
    program.write_text(f"#!{sys.executable}\nraise SystemExit(1)\n")
    assert find_ocr(SETTINGS) is None


def test_the_picture_goes_through_standard_input(stand_in: Path) -> None:
    text = found().recognize(PAGE, ExtractionSettings(ocr_languages=("deu", "eng")))
    assert text == "Found stdin stdout -l deu+eng --psm 1 --dpi 300 -c page_separator= b'P5\\n' 1"


def test_a_language_without_data_is_named(stand_in: Path) -> None:
    with pytest.raises(MissingExtraError, match="fra"):
        found().recognize(PAGE, ExtractionSettings(ocr_languages=("eng", "fra")))


@pytest.mark.parametrize(
    ("action", "error"), [("time.sleep(60)", LimitError), ("sys.exit(3)", CorruptError)], ids=["slow", "failing"]
)
def test_trouble_has_a_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str, error: type[Exception]) -> None:
    make_stand_in(tmp_path, monkeypatch, f'open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid())); {action}')
    with pytest.raises(error):
        found().recognize(PAGE, ExtractionSettings(ocr_page_seconds=1.0))
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize("language", ["../eng", "eng; ls", "", "-l"])
def test_names_of_languages_are_checked(language: str) -> None:
    with pytest.raises(ValueError, match="ocr_languages"):
        ExtractionSettings(ocr_languages=(language,))


def test_scans_of_a_pdf_are_recognised(tmp_path: Path, stand_in: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE, None, "scan:7"]))
    pages = (row.text or "").split("\f")
    assert [SENTENCE in pages[0], "Found stdin" in pages[1], "Found stdin" in pages[2]] == [True] * 3
    assert (row.engine, row.pages_lost) == ("liteparse+tesseract", 0)
    assert (row.engine_version or "").endswith("+9.8.7")


def test_a_page_that_takes_too_long_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_stand_in(tmp_path, monkeypatch, "time.sleep(60)")
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE, SENTENCE, None]), ocr_page_seconds=0.5)
    assert (row.reason, row.pages_lost, row.engine) == (None, 1, "liteparse")


def test_a_missing_language_costs_the_scans_only(tmp_path: Path, stand_in: Path) -> None:
    (row,) = read(tmp_path, "pdf", documents.pdf([SENTENCE, None]), ocr_languages=["fra"])
    assert (row.reason, row.pages_lost) == (None, 1)
    (row,) = read(tmp_path, "pdf", documents.pdf([None]), ocr_languages=["fra"])
    assert row.reason == "extraction.needs_ocr"
    assert "fra" in (row.detail or "")


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_the_real_program_reads(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "png", documents.picture("PNG"))
    assert (row.text, row.engine) == ("Hello World", "tesseract")
