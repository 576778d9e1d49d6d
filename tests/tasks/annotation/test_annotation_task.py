"""The door, with the worker's function called in place: what is annotated, what a shard's copies mean, and what is shown."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import tasks.annotation.task as door
from tasks.annotation.annotating import Annotating, find_ranker, learned_ranker, load_annotating
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.questions.settings import QuestionSettings
from tasks.annotation.schema import AnnotationSchema
from tasks.annotation.settings import AnnotationSettings
from tasks.runtime.pool import Job, Outcome
from tasks.storage.artifacts import ModelRef
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.reasons import REASONS
from tasks.storage.root import local_path, write_bytes
from tasks.storage.schemas import ANNOTATED, DECISIONS, EXTRACTIONS, PRIVACY, SIGNALS
from tasks.storage.stage import digest_of

LEASE = AnnotationSchema.model_validate(
    {
        "name": "lease",
        "description": "A lease.",
        "fields": [{"name": "rent", "description": "The rent.", "type": "money", "labels": ["Rent"]}],
    }
)
ANNOTATING = Annotating(schemas=(LEASE,), rankers={})
TEXTS = {
    ("a" * 64, 0): "Lease of rooms\n\nRent: EUR 1,200.00\n",
    ("b" * 64, 0): "hang",
    ("c" * 64, 0): "A copy. Rent: EUR 900.00\n",
    ("d" * 64, 1): "Nothing <script>alert(1)</script> here.",
}
DEFAULTS = AnnotationSettings()


class Workers:
    """The pool, without processes; a text that says so times out."""

    def map(self, function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
        return [
            Outcome(job, "timeout", None, "300 s", timeout_seconds, None)
            if getattr(job.argument, "text", None) is not None and job.argument.text.read() == "hang"
            else Outcome(job, "ok", function(job.argument), None, 0.1, 9.0)
            for job in jobs
        ]


@pytest.fixture
def screened(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> ParquetRef:
    workers = Workers()
    monkeypatch.setattr(door, "current_pool", lambda: workers)
    monkeypatch.setattr(door, "map_documents", workers.map)
    rows = [
        {"document_id": document, "part": part, "text": text, "findings": {}, "masked": 0, "reason": None, "detail": None}
        for (document, part), text in TEXTS.items()
    ]
    return write_table("screened.parquet", rows, PRIVACY)


@pytest.fixture
def signals(screened: ParquetRef) -> ParquetRef:
    blank = dict.fromkeys(SIGNALS.names) | {"language": "en", "languages": {}, "groups": [], "signals": {}, "format": "text"}
    return write_table("signals.parquet", [blank | {"document_id": document, "part": part} for document, part in TEXTS], SIGNALS)


def no_model(name: str) -> ModelRef:
    raise AssertionError(f"nobody asked for {name}")


def annotated(screened: ParquetRef, signals: ParquetRef) -> ParquetRef:
    return door.annotate.fn(screened, signals, [["c" * 64, 0]], ANNOTATING, DEFAULTS)


def test_each_text_that_is_no_copy_leaves_one_row(screened: ParquetRef, signals: ParquetRef) -> None:
    rows = read_rows(annotated(screened, signals))
    assert [(row["document_id"][0], row["part"], row["schema"], row["reason"]) for row in rows] == [
        ("a", 0, "lease", None),
        ("b", 0, None, "annotation.timeout"),
        ("d", 1, "lease", None),
    ]
    (rent,) = rows[0]["annotations"]
    assert (rent["field"], rent["text"], rent["value"]) == ("rent", "EUR 1,200.00", "1200.00 EUR")
    assert TEXTS["a" * 64, 0][rent["start"] : rent["end"]] == rent["text"]
    assert rows[2]["annotations"] == []
    assert {row["reason"] for row in rows} - {None} <= REASONS.keys()


def test_values_below_the_least_confidence_are_left_out(screened: ParquetRef, signals: ParquetRef) -> None:
    sure = AnnotationSettings(least_confidence=1.0)
    rows = read_rows(door.annotate.fn(screened, signals, [], ANNOTATING, sure))
    assert not any(row["annotations"] for row in rows)


def test_pages_and_lines_are_written_and_no_text_becomes_markup(screened: ParquetRef, signals: ParquetRef) -> None:
    outputs = {"privacy": screened, "annotation": annotated(screened, signals)}
    blank = dict.fromkeys(DECISIONS.names) | {"aliases": [], "verdict": "kept", "stage": "dataset", "signals": {}}
    blank |= {"examples": 0, "seconds": 0.0, "bytes": 0}
    books = [blank | {"document_id": document, "path": f"/{document[0]}.txt"} for document, _ in TEXTS]
    decisions = write_table("decisions.parquet", books, DECISIONS)
    pages = door.show_annotations.fn("shown", [outputs], decisions, 10)
    assert pages == {f"{'a' * 64}.html": "a" * 64, f"{'d' * 64}.1.html": "d" * 64}
    folder = Path(local_path("shown") or "")
    assert "<script>alert(1)" not in (folder / f"{'d' * 64}.1.html").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in (folder / "extractions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["extractions"][0]["extraction_text"] for line in lines if line["extractions"]] == ["EUR 1,200.00"]
    table = read_rows("shown/extractions.parquet")
    assert list(table[0]) == EXTRACTIONS.names
    assert [(row["path"], row["field"], row["value"]) for row in table] == [("/a.txt", "rent", "1200.00 EUR")]


def test_a_learned_ranker_goes_before_the_shipped_one(data_root: Path) -> None:
    shipped = find_ranker("contract")
    write_bytes(learned_ranker("contract"), b"{}")
    learned = find_ranker("contract")
    assert learned is not None
    assert learned.learned
    assert shipped != learned
    assert learned.read() == b"{}"
    write_bytes(learned_ranker("contract"), b"[]")
    with pytest.raises(ValueError, match="changed while the run was going on"):
        learned.read()
    assert find_ranker("no_such_schema") is None


def test_annotation_may_be_off(data_root: Path) -> None:
    assert load_annotating(AnnotationSettings(enabled=False), no_model) is None


def test_settings_that_shape_nothing_are_in_no_key() -> None:
    same = AnnotationSettings(viewers=3, schemas=("generic",))
    assert digest_of(same) == digest_of(DEFAULTS)
    assert digest_of(AnnotationSettings(least_confidence=0.5)) != digest_of(DEFAULTS)
    model = ModelSettings(provider="openai", model="m", base_url="http://localhost:1/v1")
    assert digest_of(AnnotationSettings(model=model)) != digest_of(DEFAULTS)


def test_questions_need_a_model_and_are_in_the_key_only_when_asked_for() -> None:
    with pytest.raises(ValueError, match="needs a model that writes them"):
        AnnotationSettings(questions=QuestionSettings(per_document=3))
    assert "questions" not in DEFAULTS.cache_identity()
    model = ModelSettings(provider="openai", model="m", base_url="http://localhost:1/v1")
    off = AnnotationSettings(model=model)
    assert digest_of(off) == digest_of(off.model_copy(update={"questions": QuestionSettings(round_trip=False)}))
    keys = {
        digest_of(AnnotationSettings(model=model, questions=QuestionSettings(per_document=number, round_trip=again)))
        for number in (0, 2, 3)
        for again in (True, False)
    }
    assert len(keys) == 5


def test_an_unknown_schema_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no schema 'lese'"):
        AnnotationSettings(schemas=("lese",))


def test_what_is_annotated_has_the_columns_of_its_schema(screened: ParquetRef, signals: ParquetRef) -> None:
    assert list(read_rows(annotated(screened, signals))[0]) == ANNOTATED.names
