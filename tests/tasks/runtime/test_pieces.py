"""Datasets that workers write: order, failures, bounded row groups, and texts that a later stage reads where they stand."""

from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.runtime import pieces
from tasks.runtime.pieces import GROUP_ROWS, DocumentEnded, Piece, _better, map_to_dataset, write_piece
from tasks.runtime.pool import Job, Outcome, WorkerPool, use_pool
from tasks.storage import stage
from tasks.storage.parquet import ParquetRef, locate_alive, read_rows
from tasks.storage.root import find_files
from tasks.storage.schemas import NORMALIZATION

LARGE = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(workers=2, memory_mib=1024) as pool:
        yield pool


def row(document_id: str, part: int = 0, text: str | None = None, reason: str | None = None) -> dict[str, Any]:
    plain = {"format": "text", "title": None, "characters_before": 0, "removed": {}, "detail": None}
    return {"document_id": document_id, "part": part, "text": text, "reason": reason, **plain}


def write_many(argument: tuple[str, int]) -> Iterator[dict[str, Any]]:
    name, count = argument
    for part in range(count):
        yield row(name, part, f"text {part} of {name}")


def write_large(argument: str) -> Iterator[dict[str, Any]]:
    for part in range(4):
        yield row(argument, part, argument * LARGE)


def write_and_end(argument: str) -> Iterator[dict[str, Any]]:
    yield row(argument, 0, "this does not count")
    raise DocumentEnded(row(argument, 0, reason="extraction.corrupt"))


def write_and_break(argument: str) -> Iterator[dict[str, Any]]:
    yield row(argument, 0, "this does not count either")
    raise ValueError("unforeseen")


def ending(outcome: Outcome) -> dict[str, Any]:
    return row(outcome.job.document_id, reason=f"normalization.{outcome.status}")


def written(pool: WorkerPool, function: Any, arguments: list[Any]) -> ParquetRef:
    def work() -> ParquetRef:
        stage._KEY.set("test/1.000000-abc")
        jobs = [Job(argument if isinstance(argument, str) else argument[0], 0, argument) for argument in arguments]
        return map_to_dataset(function, jobs, NORMALIZATION, timeout_seconds=60, ending=ending)

    with use_pool(pool):
        return copy_context().run(work)


def test_rows_stand_in_the_order_of_the_jobs(pool: WorkerPool) -> None:
    output = written(pool, write_many, [("b", 3), ("a", 100), ("c", 1)])
    rows = read_rows(output)
    assert [(each["document_id"], each["part"]) for each in rows] == (
        [("b", part) for part in range(3)] + [("a", part) for part in range(100)] + [("c", 0)]
    )
    assert rows[50]["text"] == "text 47 of a"


def test_what_was_written_before_the_end_does_not_count(pool: WorkerPool) -> None:
    (ended,) = read_rows(written(pool, write_and_end, ["a"]))
    assert (ended["reason"], ended["text"]) == ("extraction.corrupt", None)
    (broken,) = read_rows(written(pool, write_and_break, ["a"]))
    assert (broken["reason"], broken["text"]) == ("normalization.error", None)


def test_the_same_rows_give_the_same_bytes_and_leave_nothing_behind(pool: WorkerPool) -> None:
    first = written(pool, write_many, [("a", 70), ("b", 2)])
    assert written(pool, write_many, [("a", 70), ("b", 2)]).sha256 == first.sha256
    assert set(find_files("")) == {first.path, stage.metrics_path(first.path)}


def test_a_later_stage_reads_each_text_where_it_stands(pool: WorkerPool) -> None:
    output = written(pool, write_many, [("a", GROUP_ROWS + 3), ("b", 2)])
    places = locate_alive(output, ["document_id", "part"])
    assert {place["text"].group for place in places} == {0, 1}
    assert [place["text"].read() for place in places] == [f"text {p['part']} of {p['document_id']}" for p in places]


def test_large_texts_stand_in_row_groups_of_their_own(pool: WorkerPool, data_root: Path) -> None:
    output = written(pool, write_large, ["x"])
    assert pq.ParquetFile(data_root / output.path).metadata.num_row_groups == 4
    assert [len(place["text"].read()) for place in locate_alive(output, ["part"])] == [LARGE] * 4


def test_a_dataset_that_cannot_be_put_together_fails_the_stage(pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "GATHER_SECONDS", 0.000001)
    with pytest.raises(RuntimeError, match="could not be written: timeout"):
        written(pool, write_large, ["x"])


def write_in_tries(argument: tuple[str, int]) -> Iterator[dict[str, Any]]:
    name, number = argument
    if number == 2:
        raise ValueError("the second try fails")
    yield row(name, number, f"try {number}", reason="normalization.empty" if name == "empty" else None)


def test_a_second_try_takes_the_place_of_the_first(pool: WorkerPool) -> None:
    second_of = {"better": 1, "worse": 2, "left": None, "empty": 2}

    def again(job: Job, last: dict[str, Any]) -> Job | None:
        assert last["text"] is None
        number = second_of[job.document_id]
        return None if number is None else replace(job, argument=(job.document_id, number))

    def work() -> ParquetRef:
        stage._KEY.set("test/1.000000-again")
        jobs = [Job(name, 0, (name, 0)) for name in second_of]
        return map_to_dataset(write_in_tries, jobs, NORMALIZATION, timeout_seconds=60, ending=ending, again=again)

    with use_pool(pool):
        rows = read_rows(copy_context().run(work))
    assert [(each["document_id"], each["text"], each["reason"]) for each in rows] == [
        ("better", "try 1", None),
        ("worse", "try 0", None),  # a text that is there is not given up
        ("left", "try 0", None),
        ("empty", None, "normalization.error"),
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_no_fault_of_the_document() -> None:
    told = write_piece(lambda _: [{"text": "words"}], pa.schema([pa.field("text", pa.string())]), Piece("/dev/full", None))
    assert type(told).__name__ == "_Unwritten"


def test_a_second_try_without_a_text_does_not_replace_one() -> None:
    job = Job("a", 0, None)
    text, none = Outcome(job, "ok", {"reason": None}, None, 1.0, None), Outcome(job, "ok", {"reason": "r"}, None, 2.0, None)
    assert _better(("first", text), ("second", none))[0] == "first"
    assert _better(("first", none), ("second", text))[0] == "second"
