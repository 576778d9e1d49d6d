"""The door, with the worker's function called in place."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import tasks.normalization.task as door
from tasks.normalization.settings import NormalizationSettings
from tasks.runtime import pieces
from tasks.runtime.pool import Job, Outcome
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.schemas import EXTRACTION, METRICS
from tasks.storage.stage import digest_of, metrics_path


def extraction_row(document_id: str, text: str | None, reason: str | None = None, part: int = 0) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "part": part,
        "format": "pdf",
        "text": text,
        "title": " A\u00a0title ",
        "language_hint": None,
        "pages": 1,
        "pages_lost": 0,
        "engine": "reader",
        "engine_version": "1",
        "reason": reason,
        "detail": None,
    }


def in_place(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
    """The pool, without processes; a text that says so times out."""
    return [
        Outcome(job, "timeout", None, "60 s", timeout_seconds, None)
        if hasattr(job.argument, "argument") and job.argument.argument.text.read() == "hang"
        else Outcome(job, "ok", function(job.argument), None, 0.1, 9.0)
        for job in jobs
    ]


@pytest.fixture
def extracted(data_root: object, monkeypatch: pytest.MonkeyPatch) -> ParquetRef:
    monkeypatch.setattr(pieces, "map_documents", in_place)
    rows = [
        extraction_row("a" * 64, "An exam-\nple."),
        extraction_row("b" * 64, " \u200b\n\f\n"),
        extraction_row("c" * 64, "hang"),
        extraction_row("d" * 64, None, reason="extraction.corrupt"),
        extraction_row("e" * 64, "First  part.", part=0),
        extraction_row("e" * 64, "Second part.", part=1),
    ]
    return write_table("extracted.parquet", rows, EXTRACTION)


def test_every_part_that_was_read_leaves_one_row(extracted: ParquetRef) -> None:
    rows = read_rows(door.normalize.fn(extracted, NormalizationSettings()))
    assert [(row["document_id"][0], row["part"], row["text"], row["reason"]) for row in rows] == [
        ("a", 0, "An example.", None),
        ("b", 0, None, "normalization.empty"),
        ("c", 0, None, "normalization.timeout"),
        ("e", 0, "First part.", None),
        ("e", 1, "Second part.", None),
    ]
    assert rows[0]["title"] == "A title"
    assert rows[0]["characters_before"] == 13
    assert sum(rows[0]["removed"].values()) == 2


def test_measurements_stand_beside_the_output(extracted: ParquetRef) -> None:
    output = door.normalize.fn(extracted, NormalizationSettings())
    metrics = read_rows(metrics_path(output.path))
    assert [metric["seconds"] for metric in metrics] == [0.1, 0.1, 60.0, 0.1, 0.1]
    assert set(metrics[0]) == set(METRICS.names)


def test_output_changes_only_with_the_revision(extracted: ParquetRef) -> None:
    """Fails when the output changes for the same input: then raise STAGE.revision and pin the new digest."""
    rows = read_rows(door.normalize.fn(extracted, NormalizationSettings()))
    assert (door.STAGE.revision, digest_of(rows)[:16]) == (3, "d57f6c74de56936e")
