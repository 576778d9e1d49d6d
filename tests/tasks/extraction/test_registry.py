"""The table of readers, the choice of engines, and what is imported when."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from tasks.detection.formats import FORMATS as DETECTED
from tasks.extraction import registry
from tasks.extraction.registry import FORMATS, Reader, engines_of, find_reader, load_reader, version_of
from tasks.extraction.settings import ExtractionSettings
from tests.tasks.extraction.test_readers import SAMPLES, SENTENCE, read


def test_what_detection_lets_through_has_a_reader() -> None:
    assert sorted(FORMATS) == sorted(name for name, found in DETECTED.items() if found.readable)


def test_the_first_engine_is_the_default() -> None:
    for name in FORMATS:
        assert find_reader(name, {}).engine == engines_of(name)[0]
    assert find_reader("docx", {"docx": "unstructured"}).engine == "unstructured"
    with pytest.raises(KeyError):
        find_reader("audio", {})


@pytest.mark.parametrize("engines", [{"docx": "trafilatura"}, {"audio": "kreuzberg"}])
def test_unknown_engines_are_refused_before_any_work(engines: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="engines"):
        ExtractionSettings(engines=engines)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        load_reader(Reader("docx", "x", "tasks.extraction.readers.docx", ("surely-not-installed",)))
    assert caught.value.name == "surely-not-installed"


def test_a_missing_package_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.extraction.registry.version_of", lambda _: None)
    (row,) = read(tmp_path, "odt", SAMPLES["odt"])
    assert (row.reason, row.detail) == ("extraction.missing_extra", "doctune needs lxml")


@pytest.mark.parametrize("format_name", [name for name in FORMATS if "unstructured" in engines_of(name)])
def test_unstructured_reads_without_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_name: str) -> None:
    reader = find_reader(format_name, {format_name: "unstructured"})
    for package in reader.packages:
        if version_of(package) is None:
            pytest.skip(f"{package} is not installed")
    if format_name in ("doc", "ppt") and shutil.which("soffice") is None:
        pytest.skip("soffice is not installed")

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (row,) = read(tmp_path, format_name, SAMPLES[format_name], "utf-8", engines={format_name: "unstructured"})
    assert row.reason is None, row.detail
    assert (row.engine, SENTENCE in (row.text or "")) == ("unstructured", True)
    assert os.environ["DO_NOT_TRACK"]


@pytest.mark.parametrize("format_name", ["doc", "ppt"])
def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_name: str) -> None:
    monkeypatch.setattr(registry, "version_of", lambda _: "1")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    (row,) = read(tmp_path, format_name, SAMPLES[format_name], engines={format_name: "unstructured"})
    assert (row.reason, row.detail) == ("extraction.missing_extra", "unstructured needs soffice")


TOO_BARE = {"doc", "xlsb"}  # it asks for more of these formats than the samples have


@pytest.mark.parametrize("format_name", [name for name in FORMATS if "kreuzberg" in engines_of(name) and name not in TOO_BARE])
def test_kreuzberg_reads_what_it_is_listed_for(tmp_path: Path, format_name: str) -> None:
    (row,) = read(tmp_path, format_name, SAMPLES[format_name], engines={format_name: "kreuzberg"})
    assert row.reason is None, row.detail
    assert (row.engine, SENTENCE in (row.text or "")) == ("kreuzberg", True)


def test_engines_leave_no_cache_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("docx", "odt", "epub", "pdf"):
        read(tmp_path, name, SAMPLES[name])
    assert list(work.iterdir()) == []


def test_the_worker_module_is_light() -> None:
    code = (
        "import sys, tasks.extraction.work, tasks.detection.work; "
        "heavy = {'prefect', 'kreuzberg', 'unstructured', 'trafilatura', 'liteparse', 'pypdf', 'pypdfium2', 'lxml'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False
    )
    assert done.returncode == 0, done.stderr
