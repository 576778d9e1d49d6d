"""Every sample ends as the table says, and what a user is shown about it is true."""

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tasks.storage.reasons import REASONS
from tasks.storage.schemas import MEMBER_MARK
from tests.end_to_end.conftest import GUARD, SHORT_TRAINING, Line

EXPECTED = list(csv.DictReader((Path(__file__).parent / "samples_expected.csv").open(encoding="utf-8")))


def decisions_of(line: Line) -> dict[str, dict]:
    table = pq.read_table(line.root / line.result()["decisions"]["path"])
    return {str(Path(row["path"]).relative_to(line.documents)): row for row in table.to_pylist(maps_as_pydicts="strict")}


def test_the_table_names_every_sample(finished: Line) -> None:
    names = {path.relative_to(finished.documents).as_posix() for path in finished.documents.rglob("*") if path.is_file()}
    assert names == {row["path"] for row in EXPECTED if MEMBER_MARK not in row["path"]}


@pytest.mark.parametrize("expected", [row for row in EXPECTED if not row["group"]], ids=lambda row: row["path"])
def test_verdict_and_reason(finished: Line, expected: dict[str, str]) -> None:
    row = decisions_of(finished)[expected["path"]]
    assert (row["verdict"], row["reason"] or "", row["format"] or "") == (
        expected["verdict"],
        expected["reason"],
        expected["format"],
    )


def test_of_a_group_exactly_one_is_kept(finished: Line) -> None:
    decisions = decisions_of(finished)
    groups = defaultdict(list)
    for row in EXPECTED:
        if row["group"]:
            groups[row["group"]].append(row)
    assert groups
    for rows in groups.values():
        verdicts = [decisions[row["path"]]["verdict"] for row in rows if row["path"] in decisions]
        assert verdicts.count("kept") == 1
        for row in rows:
            found = decisions.get(row["path"])
            if found is None:  # a byte-identical copy has no row of its own: it is an alias of the other
                other = next(decisions[member["path"]] for member in rows if member["path"] in decisions)
                assert [Path(alias).name for alias in other["aliases"]] == [Path(row["path"]).name]
            elif found["verdict"] == "duplicate":
                assert found["reason"] == row["reason"]


def test_the_books_balance(finished: Line) -> None:
    books = finished.result()["books"]
    assert books["inputs"] == books["kept"] + books["rejected"] + books["failed"] + books["duplicate"]
    assert books["inputs"] + books["containers"] == len(decisions_of(finished))
    assert books["inputs"] + books["containers"] + books["aliases"] == len(EXPECTED)
    assert books["members"] == sum(MEMBER_MARK in row["path"] for row in EXPECTED)


def test_no_group_is_in_two_splits_and_every_example_knows_its_source(finished: Line) -> None:
    folder = finished.root / finished.result()["dataset"]["path"]
    examples = pq.read_table(folder / "examples.parquet").to_pylist()
    splits = defaultdict(set)
    for example in examples:
        splits[example["group"]].add(example["split"])
    assert all(len(names) == 1 for names in splits.values())
    kept = {row["document_id"] for row in decisions_of(finished).values() if row["verdict"] == "kept"}
    assert {example["document_id"] for example in examples} == kept
    for split in ("train", "valid", "test"):
        lines = [json.loads(line) for line in (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]
        assert sorted(line["text"] for line in lines) == sorted(row["text"] for row in examples if row["split"] == split)


def test_the_adapter_lowers_the_held_out_loss(finished: Line) -> None:
    metrics = finished.result()["adapter"]["metrics"]
    assert metrics["loss_after"] < metrics["loss_before"]


def test_the_report_is_one_page_that_asks_for_nothing_else(finished: Line) -> None:
    page = (finished.root / finished.result()["report"]).read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", page)
    assert "<svg" in page
    reasons = {row["reason"] for row in decisions_of(finished).values() if row["reason"]}
    assert all(reason in page for reason in reasons)
    assert all(REASONS[reason].meaning.split("'")[0] in page for reason in reasons)


def test_why_tells_the_stage_the_reason_and_the_signals(finished: Line) -> None:
    told = finished.doctune("why", "odd/symbols.txt")
    assert told.returncode == 0
    assert "quality.gopher.alpha_words" in told.stdout
    assert "extraction" in told.stdout
    assert finished.doctune("why", "no/such/file.txt").returncode == 3


def test_nothing_new_is_found_without_starting_a_flow(finished: Line) -> None:
    runs = sorted((finished.root / "runs").iterdir())
    with finished.alone():
        done = finished.doctune("run", str(finished.documents), *SHORT_TRAINING)
    assert done.returncode == 0
    assert "nothing new" in done.stdout
    assert sorted((finished.root / "runs").iterdir()) == runs


def test_nothing_outside_was_spoken_to(finished: Line) -> None:
    lines = finished.guard_log.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.startswith("guarded")]) >= 4  # the run, its workers, its server, the trainer
    assert [line for line in lines if not line.startswith("guarded")] == []


def test_the_guard_itself_blocks_and_tells(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 9))"
    environment = {"PYTHONPATH": str(GUARD), "DOCTUNE_GUARD_LOG": str(log)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "may not reach outside" in done.stderr
    assert "192.0.2.1" in log.read_text()
