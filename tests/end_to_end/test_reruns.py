"""What a second run costs: nothing is done twice, and a change costs what it changed."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.conftest import FAST, Line


@pytest.fixture
def again(finished: Line, tmp_path: Path) -> Line:
    """A copy of a finished line, to change as a test likes. Documents stay at their place: paths are in the fingerprint."""
    with finished.alone():
        shutil.copytree(finished.folder, tmp_path / "copy", copy_function=shutil.copy2)
    return Line(tmp_path / "copy")


def stages_worked(line: Line) -> set[str]:
    return set(line.result()["stage_seconds"])


def test_another_threshold_works_only_from_its_gate_on(again: Line) -> None:
    dataset = again.result()["dataset"]["digest"]
    done = again.doctune("run", str(again.documents), *FAST, "--set", 'curation.gates.languages=["en"]')
    assert done.returncode == 0, done.stderr
    worked = stages_worked(again)
    assert "quality-gates" in worked
    assert not worked & {"detection", "extraction", "normalization"}
    assert again.result()["dataset"]["digest"] != dataset


def test_evaluation_files_are_kept_out_of_the_dataset(again: Line) -> None:
    examples = [json.loads(line) for line in again.dataset_files()["train.jsonl"].decode().splitlines()]
    leaked = max(examples, key=lambda example: len(example["text"]))
    exam = again.folder / "exam.jsonl"
    exam.write_text(json.dumps({"question": leaked["text"].upper()}) + "\n", encoding="utf-8")
    done = again.doctune("run", str(again.documents), *FAST, "--set", f'curation.dataset.evaluation=["{exam}"]')
    assert done.returncode == 0, done.stderr
    assert not stages_worked(again) & {"detection", "extraction", "normalization", "quality-signals", "dataset-chunks"}
    kept = [json.loads(line)["example_id"] for line in again.dataset_files()["train.jsonl"].decode().splitlines()]
    assert leaked["example_id"] not in kept
    left_out = pq.read_table(again.root / again.result()["dataset"]["path"] / "left_out.parquet").to_pylist()
    assert {(row["document_id"], row["reason"]) for row in left_out} >= {(leaked["document_id"], "dataset.contaminated")}
    assert "exam.jsonl" in left_out[0]["detail"]


def test_the_users_labels_change_the_score_of_the_next_run(again: Line) -> None:
    before = pq.read_table(again.root / again.result()["decisions"]["path"], columns=["path", "score"]).to_pylist()
    verdicts = again.folder / "verdicts.csv"
    kept = [Path(row["path"]).name for row in before if row["score"] is not None][:12]
    verdicts.write_text("document,verdict\n" + "".join(f"{name},reject\n" for name in kept), encoding="utf-8")
    labelled = again.doctune("label", "--from", str(verdicts))
    assert labelled.returncode == 0, labelled.stdout + labelled.stderr
    dry = again.doctune("gates", "--profile", "strict", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert "would be rejected" in dry.stdout
    done = again.doctune("run", str(again.documents), *FAST)
    assert done.returncode == 0, done.stderr
    assert not stages_worked(again) & {"detection", "extraction", "normalization"}
    after = pq.read_table(again.root / again.result()["decisions"]["path"], columns=["path", "score"]).to_pylist()
    assert sum(row["score"] or 0 for row in after) < sum(row["score"] or 0 for row in before)


def test_a_moved_folder_is_not_read_again_and_what_is_gone_from_it_is_told(again: Line) -> None:
    dataset = again.result()["dataset"]["digest"]
    moved = again.documents.rename(again.folder / "elsewhere")
    done = again.doctune("run", str(moved), *FAST)
    assert done.returncode == 0, done.stderr
    assert stages_worked(again) == set()
    assert again.result()["dataset"]["digest"] == dataset
    assert {Path(source).name for source in again.result()["sources"]} == {"elsewhere"}

    (moved / "support" / "faq.md").unlink()
    done = again.doctune("run", str(moved), *FAST)
    assert done.returncode == 0, done.stderr
    assert again.result()["books"]["unchanged_source_missing"] == 1
    assert "inventory.source_missing" in again.doctune("why", "support/faq.md").stdout


def test_a_lost_file_heals(again: Line) -> None:
    digest = again.result()["dataset"]["digest"]
    lost = again.root / again.result()["outputs"][0]["normalization"]["path"]
    lost.unlink()
    done = again.doctune("run", str(again.documents), *FAST)
    assert done.returncode == 0, done.stderr
    assert stages_worked(again) == {"normalization"}
    assert again.result()["dataset"]["digest"] == digest


def test_clean_keeps_what_the_newest_dataset_needs(again: Line) -> None:
    assert again.doctune("run", str(again.documents), *FAST, "--set", 'curation.gates.languages=["en"]').returncode == 0
    result, files = again.result(), again.dataset_files()
    before = sum(1 for path in again.root.rglob("*") if path.is_file())
    assert "to remove" in again.doctune("clean", "--dry-run").stdout
    assert sum(1 for path in again.root.rglob("*") if path.is_file()) == before
    assert again.doctune("clean", "--yes").returncode == 0
    assert sum(1 for path in again.root.rglob("*") if path.is_file()) < before
    assert again.dataset_files() == files
    done = again.doctune("run", str(again.documents), *FAST, "--set", 'curation.gates.languages=["en"]')
    assert "nothing new" in done.stdout
    assert again.result() == result


def test_switching_training_on_is_something_new(again: Line) -> None:
    assert again.doctune("run", str(again.documents), *FAST).returncode == 0
    trained = again.doctune(
        "run", str(again.documents), "--set", "finetuning.max_steps=2", "--set", "finetuning.extraction_tokens=32"
    )
    assert trained.returncode == 0, trained.stderr
    assert "adapter " in trained.stdout
