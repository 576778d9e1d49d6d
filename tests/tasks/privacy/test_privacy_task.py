"""The door, with the worker's function called in place."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import tasks.privacy.task as door
from tasks.privacy.settings import PrivacySettings
from tasks.runtime import pieces
from tasks.runtime.pool import Job, Outcome
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.reasons import REASONS
from tasks.storage.schemas import NORMALIZATION, PRIVACY, QUALITY
from tasks.storage.stage import digest_of

SECRET = "Tr0ub4dor&3"
TEXTS = {
    ("a" * 64, 0): "Nothing to see.",
    ("b" * 64, 0): f"Mail anna@example.com, password: {SECRET}",
    ("c" * 64, 0): "hang",
    ("d" * 64, 0): "Rejected: bob@example.com",
    ("e" * 64, 0): "First part, 203.0.113.45.",
    ("e" * 64, 1): "Second part, 203.0.113.46 and 203.0.113.47.",
}


def in_place(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
    """The pool, without processes; a text that says so times out."""
    return [
        Outcome(job, "timeout", None, "120 s", timeout_seconds, None)
        if hasattr(job.argument, "argument") and job.argument.argument.text.read() == "hang"
        else Outcome(job, "ok", function(job.argument), None, 0.1, 9.0)
        for job in jobs
    ]


@pytest.fixture
def normalized(data_root: object, monkeypatch: pytest.MonkeyPatch) -> ParquetRef:
    monkeypatch.setattr(pieces, "map_documents", in_place)
    blank = dict.fromkeys(NORMALIZATION.names) | {"format": "text", "characters_before": 1, "removed": {}}
    rows = [blank | {"document_id": document, "part": part, "text": text} for (document, part), text in TEXTS.items()]
    return write_table("normalized.parquet", rows, NORMALIZATION)


def decided(rejected: str) -> ParquetRef:
    rows = [
        {"document_id": document, "part": part, "score": 0.9, "audit": False, "detail": None}
        | {"reason": "quality.score" if document[0] in rejected else None}
        for document, part in TEXTS
    ]
    return write_table("decided.parquet", rows, QUALITY)


def test_every_kept_part_leaves_one_row(normalized: ParquetRef) -> None:
    rows = read_rows(door.screen.fn(normalized, decided("d"), PrivacySettings(ip="drop", drop_from=2)))
    assert [
        (row["document_id"][0], row["part"], row["findings"], row["masked"], row["reason"], row["detail"]) for row in rows
    ] == [
        ("a", 0, {}, 0, None, None),
        ("b", 0, {"email": 1, "secret": 1}, 1, None, None),
        ("c", 0, {}, 0, "privacy.timeout", "120 s"),
        ("e", 0, {"ip": 1}, 0, None, None),
        ("e", 1, {"ip": 2}, 0, "privacy.personal_data", "2 ip"),
    ]
    assert [row["text"] is None for row in rows] == [False, False, True, False, True]
    assert {row["reason"] for row in rows} - {None} <= REASONS.keys()


def test_no_value_stands_outside_the_text(normalized: ParquetRef, caplog: pytest.LogCaptureFixture) -> None:
    rows = read_rows(door.screen.fn(normalized, decided(""), PrivacySettings(ip="drop")))
    told = repr([row | {"text": None} for row in rows]) + caplog.text
    assert not any(value in told for value in (SECRET, "example.com", "203.0.113"))
    assert not any(SECRET in (row["text"] or "") for row in rows)


def test_everything_off_passes_the_texts_on(normalized: ParquetRef) -> None:
    kinds = ("email", "phone", "iban", "card", "national_id", "ip", "secret")
    rows = read_rows(door.screen.fn(normalized, decided("c"), PrivacySettings(**dict.fromkeys(kinds, "off"))))
    assert {(row["document_id"], row["part"]): row["text"] for row in rows} == {
        key: text for key, text in TEXTS.items() if key[0][0] != "c"
    }


def test_nothing_kept_gives_an_empty_dataset(normalized: ParquetRef) -> None:
    screened = door.screen.fn(normalized, decided("abcde"), PrivacySettings())
    assert screened.rows == 0
    assert set(PRIVACY.names) >= {"document_id", "part", "text", "reason"}


def test_output_changes_only_with_the_revision(normalized: ParquetRef) -> None:
    """Fails when the output changes for the same input: then raise STAGE.revision and pin the new digest."""
    rows = read_rows(door.screen.fn(normalized, decided("d"), PrivacySettings()))
    assert (door.STAGE.revision, digest_of(rows)[:16]) == (2, "186797d246856c66")
