"""What the fine-tuning benchmark counts: seconds of updates alone, and contracts cut around a clause."""

import json
from pathlib import Path

import pytest
import yaml

from benchmarks import finetuning_large
from benchmarks.finetuning_contracts import AFTER, BEFORE, FIELD, cut_contracts, write_schema
from benchmarks.finetuning_large import Clock


def test_measurements_between_updates_are_no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 10.0, 20.0, 45.0, 50.0])
    monkeypatch.setattr(finetuning_large.time, "perf_counter", lambda: next(times))
    clock = Clock()
    for event in (
        {"event": "plan", "eta_seconds": 33.0},
        {"event": "valid", "seconds": 7.0},  # before the first update
        {"event": "step"},
        {"event": "valid", "seconds": 5.0},
        {"event": "memory", "peak_bytes": 1},
    ):
        clock(event)
    assert clock.eta_seconds == 33.0
    assert clock.training_seconds() == 50.0 - 10.0 - 5.0


def test_a_contract_is_cut_around_its_clause_or_left_out(tmp_path: Path) -> None:
    clause = "This Agreement is governed by the laws of Ohio."
    text = "x" * 5000 + clause + "y" * 5000
    fields = {FIELD: {"spans": ["not literally there", clause]}}
    rows = [{"document": "a.txt", "fields": fields}, {"document": "b.txt", "fields": {}}]
    (tmp_path / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(text)
    folder = cut_contracts(tmp_path, tmp_path / "out")
    assert [file.name for file in folder.iterdir()] == ["a.txt"]
    assert (folder / "a.txt").read_text() == text[5000 - BEFORE : 5000 + AFTER]


def test_the_schema_asks_for_one_field(tmp_path: Path) -> None:
    schema = yaml.safe_load(write_schema(tmp_path / "schema.yaml").read_text())
    assert [field["name"] for field in schema["fields"]] == [FIELD]
    assert schema["name"] == "contract"
