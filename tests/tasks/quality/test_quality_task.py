"""The doors, with the workers' functions called in place."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import tasks.quality.task as door
from tasks.quality.judging import Judging
from tasks.quality.memo import memo_path
from tasks.quality.order import SHIPPED as SHIPPED_ORDER
from tasks.quality.score import SHIPPED as SHIPPED_MODEL
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.verdicts import decide_rows, is_audited
from tasks.runtime.pool import Job, Outcome
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.root import remove_file
from tasks.storage.schemas import NORMALIZATION, SAMPLES
from tasks.storage.stage import digest_of, metrics_path

GOOD = (
    "The minutes of the last meeting were approved, and the budget for the next year was discussed at length. The board asked "
    "for three quotes before the end of June.\n\nThe lease ends in September. Two sites are left on the list, and both will be "
    "visited with the works council before a decision is made."
)
NO_AUDIT = AuditSettings(share=0)
JUDGING = Judging(order=SHIPPED_ORDER, model=SHIPPED_MODEL)


def normalized_row(document_id: str, text: str | None, reason: str | None = None, part: int = 0) -> dict[str, Any]:
    nothing = {"title": None, "characters_before": len(text or ""), "removed": {}, "detail": None, "encoding_damage": {}}
    return {"document_id": document_id, "part": part, "format": "text", "text": text, "reason": reason, **nothing}


@pytest.fixture
def measured_parts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that a worker measured, by the first digit of their document."""
    worked: list[str] = []

    def in_place(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
        worked.extend(job.document_id[0] for job in jobs)
        return [
            Outcome(job, "crashed", None, "signal 11", 0.2, None)
            if job.argument.text.read() == "crash"
            else Outcome(job, "ok", function(job.argument), None, 0.1, 9.0)
            for job in jobs
        ]

    monkeypatch.setattr(door, "map_documents", in_place)
    return worked


@pytest.fixture
def normalized(data_root: object, measured_parts: list[str]) -> ParquetRef:
    rows = [
        normalized_row("a" * 64, GOOD),
        normalized_row("b" * 64, "Too short."),
        normalized_row("c" * 64, None, reason="normalization.empty"),
        normalized_row("d" * 64, "crash"),
        normalized_row("e" * 64, "Same line here again and again for all.\n" * 20, part=0),
        normalized_row("e" * 64, GOOD, part=1),
    ]
    return write_table("normalized.parquet", rows, NORMALIZATION)


def work(normalized: ParquetRef, gates: GateSettings, audit: AuditSettings = NO_AUDIT) -> tuple[ParquetRef, ParquetRef]:
    signals = door.measure.fn(normalized, gates, audit, JUDGING.order)
    return signals, door.decide.fn(signals, gates, audit, JUDGING)


def by_part(output: ParquetRef) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["document_id"][0], row["part"]): row for row in read_rows(output)}


def test_every_part_with_a_text_gets_one_verdict(normalized: ParquetRef) -> None:
    signals, decided = work(normalized, GateSettings())
    rows = by_part(decided)
    assert list(rows) == [("a", 0), ("b", 0), ("d", 0), ("e", 0), ("e", 1)]
    assert [row["reason"] for row in rows.values()][:3] == [None, "quality.length.min_words", "quality.crashed"]
    assert rows["e", 0]["reason"].startswith("quality.")
    assert rows["e", 1]["reason"] is None
    assert rows["a", 0]["score"] == rows["e", 1]["score"] > 0.5
    assert rows["b", 0]["score"] is None
    assert [row["detail"] for row in rows.values()][:3] == [None, "length.words 2 (words)", "signal 11"]
    measured = by_part(signals)
    assert measured["b", 0]["groups"] == ["length"]  # nothing costly for what is lost
    assert measured["a", 0]["groups"] == list(SHIPPED_ORDER.groups)
    costs = read_rows(metrics_path(signals.path))
    assert [cost["seconds"] for cost in costs] == [0.1, 0.1, 0.2, 0.1, 0.1]
    assert set(costs[0]["steps"]) == set(SHIPPED_ORDER.groups)
    assert costs[2]["steps"] == {}


def test_a_moved_bound_that_changes_no_verdict_changes_no_later_input(normalized: ParquetRef) -> None:
    first = work(normalized, GateSettings())
    moved = work(normalized, GateSettings(min_words=25))
    assert moved[0].sha256 == first[0].sha256
    assert moved[1].sha256 == first[1].sha256


def test_another_threshold_measures_only_what_was_never_measured(normalized: ParquetRef, measured_parts: list[str]) -> None:
    work(normalized, GateSettings(min_words=1000))
    assert measured_parts == ["a", "b", "d", "e", "e"]
    measured_parts.clear()
    loose = work(normalized, GateSettings(min_words="off"))
    assert measured_parts == ["a", "b", "d", "e", "e"]  # all but their lengths was missing
    measured_parts.clear()
    strict = work(normalized, GateSettings(min_words=1000))
    assert measured_parts == ["d"]  # what crashed has no signals
    assert all(len(row["groups"]) <= 1 for row in read_rows(strict[0]))  # as if nothing more were known
    measured_parts.clear()
    assert work(normalized, GateSettings(min_words="off"))[0].sha256 == loose[0].sha256
    assert measured_parts == ["d"]


def test_the_memo_shapes_no_output(normalized: ParquetRef) -> None:
    work(normalized, GateSettings(min_words="off"))
    with_memo = work(normalized, GateSettings())
    remove_file(memo_path(normalized, door.SIGNALS_STAGE.version))
    assert [output.sha256 for output in work(normalized, GateSettings())] == [output.sha256 for output in with_memo]


def test_without_early_termination_the_same_is_kept(normalized: ParquetRef) -> None:
    early, late = (work(normalized, GateSettings(early_termination=stops)) for stops in (True, False))
    assert all(len(row["groups"]) in (0, len(SHIPPED_ORDER.groups)) for row in read_rows(late[0]))
    assert {key: row["reason"] for key, row in by_part(late[1]).items()} == {
        key: row["reason"] for key, row in by_part(early[1]).items()
    }


def test_nobody_survives(normalized: ParquetRef) -> None:
    _, decided = work(normalized, GateSettings(min_words=1000))
    assert {row["reason"] for row in read_rows(decided)} == {"quality.length.min_words", "quality.crashed"}


def test_the_audit_sample_is_measured_to_the_end_and_stays_rejected(normalized: ParquetRef) -> None:
    signals, decided = work(normalized, GateSettings(min_words=1000), AuditSettings(share=1))
    rows = by_part(decided)
    assert by_part(signals)["a", 0]["groups"] == list(SHIPPED_ORDER.groups)
    assert {row["reason"] for row in rows.values()} == {"quality.length.min_words", "quality.crashed"}
    assert rows["a", 0]["audit"]
    assert rows["a", 0]["score"] > 0.5
    assert rows["a", 0]["detail"] == "length.words 56 (words); audit: no later gate rejects it"
    assert "audit: later also quality." in rows["e", 0]["detail"]
    assert not rows["d", 0]["audit"]


def test_the_words_of_an_audit_are_those_that_the_report_looks_for(normalized: ParquetRef) -> None:
    from tasks.reporting.summary import judge_audit

    _, decided = work(normalized, GateSettings(min_words=1000), AuditSettings(share=1))
    audit = judge_audit([{"quality": decided}])
    assert audit is not None
    assert audit.audited == 3  # documents, not parts
    assert audit.would_pass >= 2


def test_the_audit_hears_every_gate_of_a_group() -> None:
    signals = {"gopher.top_2": 0.5, "gopher.dup_5": 0.9, "gopher.dup_10": 0.9}
    row = {"document_id": "a", "part": 0, "format": "text", "language": "en", "languages": None, "reason": None, "detail": None}
    row |= {"groups": list(SHIPPED_ORDER.groups), "signals": signals}
    [decided] = decide_rows([row], GateSettings(), AuditSettings(share=1), JUDGING)
    assert decided["reason"] == "quality.gopher.top_n"
    assert decided["detail"].endswith("audit: later also quality.gopher.dup_n")


def test_the_audit_sample_is_read_to_the_end_though_its_sample_would_end_it(
    data_root: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_place(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
        return [Outcome(job, "ok", [("fr", 1.0)] * 8, None, 0.1, 9.0) for job in jobs]

    monkeypatch.setattr(door, "map_documents", in_place)
    rows = [{"document_id": "a" * 64, "places": ["texte"] * 8, "letters": 40}]
    samples = write_table("samples.parquet", rows, SAMPLES)
    gates = GateSettings(languages=["de"])
    assert door.decide_early.fn(samples, gates, NO_AUDIT).rows == 1
    assert door.decide_early.fn(samples, gates, AuditSettings(share=1)).rows == 0


def test_the_audit_sample_is_seeded_and_of_the_size_asked_for() -> None:
    names = [digest_of(number) for number in range(20_000)]
    sample = {name for name in names if is_audited(name, AuditSettings(share=0.01))}
    assert 150 < len(sample) < 250
    assert sample == {name for name in names if is_audited(name, AuditSettings(share=0.01))}
    assert sample != {name for name in names if is_audited(name, AuditSettings(share=0.01, seed=1))}


def test_languages_that_were_not_chosen_are_rejected(normalized: ParquetRef) -> None:
    _, decided = work(normalized, GateSettings(languages=["de"]))
    assert {row["reason"] for row in read_rows(decided)} >= {"quality.language"}


def test_output_changes_only_with_the_revision(normalized: ParquetRef) -> None:
    """Fails when an output changes for the same input: then raise that stage's revision and pin the new digest."""
    digests = [digest_of(read_rows(output))[:12] for output in work(normalized, GateSettings())]
    assert [door.SIGNALS_STAGE.revision, door.GATES_STAGE.revision] == [2, 2]
    assert digests == ["b31eb48e8598", "4974782d3d28"]
