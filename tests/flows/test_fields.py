"""doctune annotate: what the newest run found, exported, and a ranker learned from labelled documents."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from flows.results import RunResult, remember
from tasks.annotation.annotating import find_ranker, learned_ranker
from tasks.annotation.ranker import Ranker
from tasks.storage.parquet import write_table
from tasks.storage.root import read_bytes, size_of
from tasks.storage.schemas import ANNOTATED, DECISIONS, PRIVACY, schema_fingerprint

TEXT = "Rent: EUR 1,200.00\n"
ID = "a" * 64


def annotate(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["annotate", "--data-root", str(root), *arguments])


def found(failures: list[str], question_failures: Sequence[str] = ()) -> dict[str, Any]:
    value = {"field": "rent", "start": 6, "end": 18, "text": "EUR 1,200.00", "value": "1200.00 EUR"}
    row = {"document_id": ID, "part": 0, "schema": "lease", "annotations": [value | {"sources": ["rules"], "confidence": 0.9}]}
    return (
        row
        | {"ungrounded": [], "chunks": 0, "failures": failures, "coverage": None, "reason": None, "detail": None}
        | {
            "questions": [],
            "refused_questions": [],
            "question_failures": list(question_failures),
        }
    )


@pytest.fixture
def run(data_root: Path) -> RunResult:
    return store([])


def store(failures: list[str], question_failures: Sequence[str] = ()) -> RunResult:
    text = {"document_id": ID, "part": 0, "text": TEXT, "findings": {}, "masked": 0, "reason": None, "detail": None}
    blank = dict.fromkeys(DECISIONS.names) | {"aliases": [], "verdict": "kept", "stage": "dataset", "signals": {}}
    decision = blank | {"document_id": ID, "path": "/docs/lease.pdf", "examples": 1, "seconds": 0.1, "bytes": 9}
    outputs = {
        "privacy": write_table("stages/privacy/1.a-b.parquet", [text], PRIVACY),
        "annotation": write_table("stages/annotation/1.a-b.parquet", [found(failures, question_failures)], ANNOTATED),
    }
    result = RunResult(
        run="one",
        flow="curate",
        outcome="Completed",
        message="",
        decisions=write_table("runs/one/decisions.parquet", [decision], DECISIONS),
        outputs=[outputs],
    )
    remember(result, "key")
    return result


def test_fields_are_counted(run: RunResult, data_root: Path) -> None:
    shown = annotate(data_root)
    assert shown.exit_code == 0
    assert shown.output.split()[-4:] == ["lease", "rent", "1", "1"]


def test_one_document_is_told_as_json(run: RunResult, data_root: Path) -> None:
    (line,) = annotate(data_root, "lease.pdf").output.splitlines()
    told = json.loads(line)
    assert (told["path"], told["field"], told["value"]) == ("/docs/lease.pdf", "rent", "1200.00 EUR")
    assert annotate(data_root, "other.pdf").exit_code == 3


def test_an_export_is_whole_and_goes_to_a_new_folder_only(run: RunResult, data_root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert annotate(data_root, "--export", str(folder)).exit_code == 0
    assert {path.name for path in folder.iterdir()} == {"extractions.parquet", "extractions.jsonl", f"{ID}.html"}
    assert pq.read_table(folder / "extractions.parquet")["value"].to_pylist() == ["1200.00 EUR"]
    again = annotate(data_root, "--export", str(folder))
    assert again.exit_code == 2
    assert "not empty" in again.output


def test_what_a_model_did_not_answer_is_tried_again(data_root: Path) -> None:
    from flows.results import finished_before, forget_failures

    complete = store(["characters 0 to 19: the answer is no whole JSON"])  # and would be so again
    assert finished_before("key") is not None
    assert forget_failures(False) == 0
    part = store(["characters 0 to 19: not asked: the cap of 10 characters is reached"])
    assert schema_fingerprint(ANNOTATED) == part.outputs[0]["annotation"].schema_fingerprint
    assert forget_failures(False) == 1
    store([], ["questions on characters 0 to 19: TimeoutError: no answer"])
    assert forget_failures(False) == 1
    assert size_of(part.outputs[0]["annotation"].path) is None
    assert complete.outputs[0]["privacy"] == part.outputs[0]["privacy"]


def labelled(folder: Path, documents: int) -> Path:
    """Leases whose rent is the second amount that they name: something that rules do not know."""
    lines = []
    for number in range(documents):
        rent = f"{700 + number}.00 EUR"
        text = f"Deposit {2000 + number}.00 EUR.\n\nThe sum of {rent} falls due each month.\n\nFees: {9 + number}.00 EUR\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        lines.append(json.dumps({"document": f"{number}.txt", "fields": {"rent": [rent]}}))
    labels = folder / "labels.jsonl"
    labels.write_text("\n".join(lines), encoding="utf-8")
    (folder / "lease.yaml").write_text(
        "name: lease\ndescription: A lease.\nevidence: [rent]\nfields:\n"
        "  - {name: rent, description: The rent, type: money, finders: [money]}\n",
        encoding="utf-8",
    )
    return labels


def test_a_ranker_is_learned_and_used_by_the_next_run(data_root: Path, tmp_path: Path) -> None:
    labels = labelled(tmp_path, 40)
    told = annotate(data_root, "--train", str(labels), "--schema", str(tmp_path / "lease.yaml"))
    assert told.exit_code == 0, told.output
    assert "95 % interval" in told.output
    assert size_of(learned_ranker("lease"))
    reference = find_ranker("lease")
    assert reference is not None
    assert reference.learned


def test_fields_without_labels_keep_the_ranker_that_they_had(data_root: Path, tmp_path: Path) -> None:
    labels = labelled(tmp_path, 40)
    schema = tmp_path / "lease.yaml"
    party = "  - {name: party, description: Who signs, type: party, cardinality: many, finders: [parties]}\n"
    schema.write_text(schema.read_text(encoding="utf-8").replace("name: lease", "name: contract") + party, encoding="utf-8")
    assert annotate(data_root, "--train", str(labels), "--schema", str(schema)).exit_code == 0
    ranker = Ranker.from_json(read_bytes(learned_ranker("contract")))
    assert set(ranker.fields) == {"rent", "party"}


def test_too_few_labels_and_unknown_documents_are_refused(data_root: Path, tmp_path: Path) -> None:
    labels = labelled(tmp_path, 2)
    told = annotate(data_root, "--train", str(labels), "--schema", str(tmp_path / "lease.yaml"))
    assert (told.exit_code, size_of(learned_ranker("lease"))) == (2, None)
    labels.write_text('{"document": "scan.pdf", "fields": {"rent": []}}', encoding="utf-8")
    refused = annotate(data_root, "--train", str(labels), "--schema", str(tmp_path / "lease.yaml"))
    assert refused.exit_code == 2
    assert "doctune curate" in refused.output
