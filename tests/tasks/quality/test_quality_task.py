"""The doors, with the workers' functions called in place."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import tasks.quality.task as door
from tasks.quality.settings import AuditSettings, BasicGateSettings, GateSettings
from tasks.quality.verdicts import is_audited
from tasks.runtime.pool import Job, Outcome
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.schemas import NORMALIZATION
from tasks.storage.stage import digest_of, metrics_path

GOOD = (
    "The minutes of the last meeting were approved, and the budget for the next year was discussed at length. The board asked "
    "for three quotes before the end of June.\n\nThe lease ends in September. Two sites are left on the list, and both will be "
    "visited with the works council before a decision is made."
)
NO_AUDIT = AuditSettings(share=0)


def normalized_row(document_id: str, text: str | None, reason: str | None = None, part: int = 0) -> dict[str, Any]:
    nothing = {"title": None, "characters_before": len(text or ""), "removed": {}, "detail": None}
    return {"document_id": document_id, "part": part, "text": text, "reason": reason, **nothing}


@pytest.fixture
def normalized(data_root: object, monkeypatch: pytest.MonkeyPatch) -> ParquetRef:
    def in_place(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
        return [
            Outcome(job, "crashed", None, "signal 11", 0.2, None)
            if job.argument.read() == "crash"
            else Outcome(job, "ok", function(job.argument), None, 0.1, 9.0)
            for job in jobs
        ]

    monkeypatch.setattr(door, "map_documents", in_place)
    rows = [
        normalized_row("a" * 64, GOOD),
        normalized_row("b" * 64, "Too short."),
        normalized_row("c" * 64, None, reason="normalization.empty"),
        normalized_row("d" * 64, "crash"),
        normalized_row("e" * 64, "Same line here again and again for all.\n" * 20, part=0),
        normalized_row("e" * 64, GOOD, part=1),
    ]
    return write_table("normalized.parquet", rows, NORMALIZATION)


def work(normalized: ParquetRef, gates: GateSettings, audit: AuditSettings) -> tuple[ParquetRef, ...]:
    basic = door.measure_basic.fn(normalized)
    survivors = door.decide_basic.fn(basic, gates.basic, audit)
    deep = door.measure_deep.fn(normalized, survivors)
    return basic, survivors, deep, door.decide.fn(basic, survivors, deep, gates)


def test_every_part_with_a_text_gets_one_verdict(normalized: ParquetRef) -> None:
    basic, _, deep, decided = work(normalized, GateSettings(), NO_AUDIT)
    assert [(row["document_id"][0], row["part"], row["reason"]) for row in read_rows(decided)] == [
        ("a", 0, None),
        ("b", 0, "quality.length.min_words"),
        ("d", 0, "quality.crashed"),
        ("e", 0, "quality.gopher.dup_line"),
        ("e", 1, None),
    ]
    scores = [row["score"] for row in read_rows(decided)]
    assert scores[0] == scores[4] > 0.9
    assert scores[1] is scores[2] is None
    assert scores[3] < scores[0]
    assert [row["detail"] for row in read_rows(decided)][:3] == [None, "length.words 2 (words)", "signal 11"]
    assert [row["document_id"][0] for row in read_rows(deep)] == ["a", "e", "e"]  # nothing costly for what is lost
    assert [metric["seconds"] for metric in read_rows(metrics_path(basic.path))] == [0.1, 0.1, 0.2, 0.1, 0.1]


def test_a_moved_bound_that_changes_no_verdict_changes_no_later_input(normalized: ParquetRef) -> None:
    first = work(normalized, GateSettings(), NO_AUDIT)
    moved = work(normalized, GateSettings(basic=BasicGateSettings(min_words=25), max_dup_line=0.35), NO_AUDIT)
    assert moved[1].sha256 == first[1].sha256
    assert moved[3].sha256 == first[3].sha256
    strict = work(normalized, GateSettings(basic=BasicGateSettings(min_words=1000)), NO_AUDIT)
    assert strict[0].sha256 == first[0].sha256
    assert strict[1].sha256 != first[1].sha256


def test_nobody_survives(normalized: ParquetRef) -> None:
    _, _, deep, decided = work(normalized, GateSettings(basic=BasicGateSettings(min_words=1000)), NO_AUDIT)
    assert deep.rows == 0
    assert {row["reason"] for row in read_rows(decided)} == {"quality.length.min_words", "quality.crashed"}


def test_the_audit_sample_is_measured_to_the_end_and_stays_rejected(normalized: ParquetRef) -> None:
    gates = GateSettings(basic=BasicGateSettings(min_words=1000))
    _, _, deep, decided = work(normalized, gates, AuditSettings(share=1))
    rows = {(row["document_id"][0], row["part"]): row for row in read_rows(decided)}
    assert deep.rows == 4
    assert {row["reason"] for row in rows.values()} == {"quality.length.min_words", "quality.crashed"}
    assert rows["a", 0]["audit"]
    assert rows["a", 0]["score"] > 0.9
    assert rows["a", 0]["detail"] == "length.words 56 (words); audit: no later gate rejects it"
    assert rows["e", 0]["detail"].endswith("audit: later also quality.gopher.dup_line")
    assert not rows["d", 0]["audit"]


def test_the_audit_sample_is_seeded_and_of_the_size_asked_for() -> None:
    names = [digest_of(number) for number in range(20_000)]
    sample = {name for name in names if is_audited(name, AuditSettings(share=0.01))}
    assert 150 < len(sample) < 250
    assert sample == {name for name in names if is_audited(name, AuditSettings(share=0.01))}
    assert sample != {name for name in names if is_audited(name, AuditSettings(share=0.01, seed=1))}


def test_languages_are_chosen_before_anything_costly_is_judged(normalized: ParquetRef) -> None:
    _, _, _, decided = work(normalized, GateSettings(languages=["de"]), NO_AUDIT)
    assert {row["reason"] for row in read_rows(decided)} >= {"quality.language"}


def test_output_changes_only_with_the_revision(normalized: ParquetRef) -> None:
    """Fails when an output changes for the same input: then raise that stage's revision and pin the new digest."""
    digests = [digest_of(read_rows(output))[:12] for output in work(normalized, GateSettings(), NO_AUDIT)]
    assert [stage.revision for stage in door.STAGES] == [1, 1, 1, 1]
    assert digests == ["118a9329402c", "0f231f111319", "ab31db34fb31", "b3d65a7a0c37"]
