"""References to Parquet files: whole or not at all, and healed by a cache miss."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError

from tasks.storage.parquet import ParquetRef, iterate_batches, read_alive, read_memo, read_rows, write_batches, write_table
from tasks.storage.schemas import DETECTION, METRICS

ROWS = [
    {"document_id": "b", "format": "pdf", "mismatch": False, "encoding": None, "reason": None, "detail": None},
    {"document_id": "c", "format": None, "mismatch": True, "encoding": None, "reason": "detection.empty", "detail": None},
]


def test_what_is_written_is_read_back_and_the_digest_is_of_the_content(data_root: Path) -> None:
    ref = write_table("stages/a.parquet", ROWS, DETECTION)
    assert read_rows(ref) == ROWS
    assert [row["document_id"] for row in read_alive(ref, ["document_id"])] == ["b"]
    assert (ref.rows, ref.bytes) == (2, (data_root / "stages/a.parquet").stat().st_size)
    again = write_table("stages/b.parquet", ROWS, DETECTION)
    assert again.sha256 == ref.sha256
    assert write_table("stages/c.parquet", ROWS[:1], DETECTION).sha256 != ref.sha256


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-1])])
def test_a_reference_to_a_missing_or_cut_file_does_not_load(data_root: Path, damage) -> None:
    ref = write_table("stages/a.parquet", ROWS, DETECTION)
    stored = ref.model_dump_json()
    assert ParquetRef.model_validate_json(stored) == ref
    damage(data_root / "stages/a.parquet")
    with pytest.raises(ValidationError, match=r"stages/a\.parquet"):
        ParquetRef.model_validate_json(stored)


def test_a_writer_that_fails_leaves_nothing_behind(data_root: Path) -> None:
    def batches():
        yield pa.RecordBatch.from_pylist(ROWS, schema=DETECTION)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_batches("stages/a.parquet", batches(), DETECTION)
    assert [path for path in data_root.rglob("*") if path.is_file()] == []


def test_a_failed_write_keeps_the_file_that_was_there(data_root: Path) -> None:
    ref = write_table("stages/a.parquet", ROWS, DETECTION)
    with pytest.raises(ValueError, match="document_id"):
        write_table("stages/a.parquet", [{**ROWS[0], "document_id": None}], DETECTION)
    assert read_rows(ref) == ROWS


def test_batches_come_back_in_bounded_pieces() -> None:
    rows = [{**ROWS[0], "document_id": f"{number:05}"} for number in range(2500)]
    ref = write_table("stages/many.parquet", rows, DETECTION)
    sizes = [batch.num_rows for batch in iterate_batches(ref, ["document_id"])]
    assert sum(sizes) == 2500
    assert max(sizes) <= 1024


def test_a_root_behind_a_url_works_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCTUNE_DATA_ROOT", "memory://doctune-test")
    ref = write_table("stages/a.parquet", ROWS, DETECTION)
    assert read_rows(ref) == ROWS
    assert json.loads(ref.model_dump_json())["path"] == "stages/a.parquet"
    assert ParquetRef.model_validate_json(ref.model_dump_json()) == ref


def test_a_damaged_memo_counts_as_none(data_root: Path) -> None:
    path = "memo/some.parquet"
    write_table(path, [{"stage": "s", "document_id": "a", "part": 0, "seconds": 1.0}], METRICS)
    whole = (data_root / path).read_bytes()
    for at in range(4, len(whole) - 8, 7):
        (data_root / path).write_bytes(whole[:at] + b"\xff" * 6 + whole[at + 6 :])
        assert len(read_memo(path, ["document_id"])) <= 1  # whatever the reader makes of it, it does not stop a run
