"""Places of long documents, and which documents have none."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tasks.extraction.sample import LEAST_BYTES, PLACE_CHARACTERS, is_costly, sample_rows
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.task import extract, sample
from tasks.extraction.work import ExtractionRequest
from tasks.runtime.pool import WorkerPool, use_pool
from tasks.storage.parquet import read_rows, write_table
from tasks.storage.schemas import DETECTION, EARLY, INVENTORY, SAMPLES
from tests.tasks.extraction import documents

LINE = "The minutes of the last meeting were approved without any changes by the board.\n"
LONG = LINE * (LEAST_BYTES // len(LINE) + 1)
PAGE = "The minutes of the last meeting were approved.\n" * 8


def sampled(path: Path, content: bytes, format_name: str, encoding: str | None = "utf-8", **options: Any) -> list[dict[str, Any]]:
    path.write_bytes(content)
    identifier = hashlib.sha256(content).hexdigest()
    return sample_rows(ExtractionRequest(identifier, (str(path),), format_name, encoding, ExtractionSettings(**options)))


def test_what_is_costly() -> None:
    assert is_costly("pdf", 1)
    assert is_costly("text", LEAST_BYTES)
    assert not is_costly("text", LEAST_BYTES - 1)
    assert not is_costly("html", LEAST_BYTES * 10)


def test_places_of_a_text_are_spread_over_it(tmp_path: Path) -> None:
    third = len(LONG) // 3
    text = LONG.replace("board", "first")[:third] + LONG[:third] + LONG.replace("board", "last")[:third]
    (row,) = sampled(tmp_path / "a.txt", text.encode(), "text")
    assert len(row["places"]) == 8
    assert all(len(place) == PLACE_CHARACTERS for place in row["places"])
    assert "first" in row["places"][0]
    assert "board" in row["places"][4]
    assert "last" in row["places"][-1]
    assert row["letters"] == sum(character.isalpha() for place in row["places"] for character in place)
    assert row["pages_seen"] is None


def test_a_very_long_text_has_places_in_every_part(tmp_path: Path) -> None:
    (row,) = sampled(tmp_path / "a.txt", LONG.encode(), "text", part_characters=len(LONG) * 2 // 5)
    assert len(row["places"]) == 24  # of three parts
    assert sampled(tmp_path / "a.txt", LONG.encode(), "text", part_characters=1000) == []


def test_a_place_may_begin_within_a_character(tmp_path: Path) -> None:
    (row,) = sampled(tmp_path / "a.txt", ("ж" * 300_000).encode(), "text")
    assert set("".join(row["places"])) == {"ж"}


@pytest.mark.parametrize("content", [LONG + "```\nx = 1\n```\n", "1234567 " * 50_000])
def test_texts_without_a_sample(tmp_path: Path, content: str) -> None:
    assert sampled(tmp_path / "a.md", content.encode(), "markdown") == []


def test_a_wide_encoding_has_no_sample(tmp_path: Path) -> None:
    assert sampled(tmp_path / "a.txt", LONG.encode("utf-16"), "text", "utf-16") == []


def test_pages_of_a_pdf(tmp_path: Path) -> None:
    (row,) = sampled(tmp_path / "a.pdf", documents.pdf([PAGE] * 20), "pdf", None)
    assert row["pages_seen"] == 8
    assert len(row["places"]) == 8
    assert "minutes of the last meeting" in row["places"][0]


def test_pdfs_without_a_sample(tmp_path: Path) -> None:
    assert sampled(tmp_path / "short.pdf", documents.pdf([PAGE] * 11), "pdf", None) == []
    assert sampled(tmp_path / "scan.pdf", documents.pdf([None] * 20), "pdf", None) == []
    assert sampled(tmp_path / "refused.pdf", documents.pdf([PAGE] * 20), "pdf", None, pdf_max_pages=19) == []
    assert sampled(tmp_path / "broken.pdf", b"%PDF-1.4\nnothing", "pdf", None) == []


def test_what_changed_has_no_sample(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(LONG)
    assert sample_rows(ExtractionRequest("0" * 64, (str(tmp_path / "a.txt"),), "text", "utf-8", ExtractionSettings())) == []


def test_what_ended_early_is_not_read(tmp_path: Path) -> None:
    contents = {"long.txt": LONG.encode(), "short.txt": LINE.encode()}
    ids = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    inventory, detected = [], []
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        fields = {"document_id": ids[name], "reason": None, "detail": None}
        place = {"path": name, "aliases": [], "locations": [str(tmp_path / name)], "extension": "txt", "modified_ns": 0}
        inventory.append(fields | place | {"bytes": len(content)})
        detected.append(fields | {"format": "text", "mismatch": False, "encoding": "utf-8"})
    source = write_table("inventory.parquet", inventory, INVENTORY)
    found = write_table("detected.parquet", detected, DETECTION)
    ended = [{"document_id": ids["long.txt"], "reason": "quality.language", "detail": "language en"}]
    early = write_table("early.parquet", ended, EARLY)
    options = ExtractionSettings(ocr="off")
    with use_pool(WorkerPool(workers=1, memory_mib=2048)) as pool:
        samples = read_rows(sample.fn(found, options, source))  # type: ignore[attr-defined]
        rows = read_rows(extract.fn(found, options, source, early))  # type: ignore[attr-defined]
        pool.close()
    assert list(samples[0]) == SAMPLES.names
    assert [row["document_id"] for row in samples] == [ids["long.txt"]]
    assert [row["document_id"] for row in rows] == [ids["short.txt"]]
