"""What may be pruned, and when nothing may."""

import json
import re
from pathlib import Path

import pytest

from tasks.storage.marks import find_open_runs, open_mark
from tasks.storage.parquet import write_table
from tasks.storage.pruning import plan_pruning
from tasks.storage.root import DataRootUnusable, check_data_root, use_data_root, write_bytes
from tasks.storage.schemas import METRICS


def test_a_run_is_open_while_its_process_lives(data_root: Path) -> None:
    with open_mark("night"):
        assert [run.split()[0] for run in find_open_runs()] == ["night"]
        mark = json.loads((data_root / "runs/open/night.json").read_text())
    assert find_open_runs() == []
    write_bytes("runs/open/killed.json", json.dumps({**mark, "run": "killed", "pid": 2**22 + 1}).encode())
    assert find_open_runs() == []
    write_bytes("runs/open/far.json", json.dumps({**mark, "run": "far", "host": "another-machine"}).encode())
    assert [run.split()[0] for run in find_open_runs()] == ["far"]


def test_only_what_nothing_needs_is_prunable() -> None:
    for path in ("stages/a/1-x.parquet", "stages/a/1-x.metrics.parquet", "stages/a/1-y.parquet", "stages/a/1-y.metrics.parquet"):
        write_table(path, [], METRICS)
    for path in (".prefect-results/a/1-x", ".prefect-results/a/1-y", "datasets/old/train.jsonl", "datasets/new/train.jsonl"):
        write_bytes(path, b"x")
    write_bytes("datasets/current.json", b"{}")
    write_bytes("models/starter/config.json", b"{}")
    write_bytes("tmp/left-by-a-kill", b"half")
    prunable = {file.path for file in plan_pruning(["stages/a/1-x.parquet"], ["datasets/new"])}
    assert prunable == {
        "stages/a/1-y.parquet",
        "stages/a/1-y.metrics.parquet",
        ".prefect-results/a/1-y",
        "datasets/old/train.jsonl",
        "tmp/left-by-a-kill",
    }


def test_a_root_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (str(tmp_path / "file"), "nosuchprotocol://x"):
        use_data_root(root)
        with pytest.raises(DataRootUnusable, match=re.escape(root)):
            check_data_root()
    use_data_root(f"file://{tmp_path}/here")
    check_data_root()
    assert (tmp_path / "here").is_dir()
