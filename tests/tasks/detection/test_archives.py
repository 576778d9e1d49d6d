"""Looking into archives costs no more than the look is worth, whatever they say of themselves."""

import io
import tracemalloc
from pathlib import Path

import pytest

from tasks.detection.archives import decide_archive, measure_archive
from tasks.detection.settings import MIB, DetectionSettings
from tests.hostile import make_hostile_archives
from tests.hostile_files import zips

SETTINGS = DetectionSettings()


def decide(content: bytes) -> str | None:
    refused = decide_archive(measure_archive(io.BytesIO(content), SETTINGS), len(content), SETTINGS)
    return refused[0] if refused else None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archives") / "hostile"
    make_hostile_archives(folder)
    return folder


@pytest.mark.parametrize("kind", ["ratio", "count", "count-wide", "nested", "deep", "overlap", "same-member"])
def test_bombs_are_refused(folder: Path, kind: str) -> None:
    assert decide((folder / f"bomb-{kind}.zip").read_bytes()) == "detection.archive_bomb"


@pytest.mark.parametrize("name", ["lie-inner.zip", "lie-mimetype.epub", "lie-lzma.zip", "lie-small.zip", "bomb-count-wide.zip"])
def test_a_look_stays_small_where_sizes_are_lies(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    tracemalloc.start()
    try:
        measure_archive(io.BytesIO(content), SETTINGS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * MIB


def test_a_directory_is_judged_by_what_its_end_record_states() -> None:
    members = [zips.stored(f"{number}.txt") for number in range(3)]
    assert measure_archive(io.BytesIO(zips.write_zip(members)), DetectionSettings(max_members=3)).overfull is False
    assert measure_archive(io.BytesIO(zips.write_zip(members)), DetectionSettings(max_members=2)).overfull is True


@pytest.mark.parametrize("method", [12, 14, 93, 97])
def test_office_documents_are_only_stored_or_deflated(method: int) -> None:
    odd = zips.Member("word/document.xml", b"x" * 50, 100, 0, method=method)
    types = zips.stored("[Content_Types].xml", b"<Types/>")
    assert decide(zips.write_zip([types, odd])) == "detection.corrupt"
    assert decide(zips.write_zip([zips.stored("a.txt"), odd])) is None
