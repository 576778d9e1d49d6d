"""What a second run costs, and what a killed one leaves: nothing is lost and nothing is done twice."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.conftest import Line, make_line

FAST = ("--set", "finetuning.enabled=false")


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> Line:
    line = make_line(tmp_path_factory.mktemp("curated"))
    done = line.doctune("run", str(line.documents), *FAST)
    assert done.returncode == 0, done.stdout + done.stderr
    return line


@pytest.fixture
def again(curated: Line, tmp_path: Path) -> Line:
    """A copy of a finished line, to change as a test likes. Documents stay at their place: paths are in the fingerprint."""
    shutil.copytree(curated.folder, tmp_path / "copy", copy_function=shutil.copy2)
    return Line(tmp_path / "copy")


def stages_worked(line: Line) -> set[str]:
    return set(line.result()["stage_seconds"])


def test_nothing_new_is_found_without_starting_a_flow(curated: Line) -> None:
    runs = sorted((curated.root / "runs").iterdir())
    done = curated.doctune("run", str(curated.documents), *FAST)
    assert done.returncode == 0
    assert "nothing new" in done.stdout
    assert sorted((curated.root / "runs").iterdir()) == runs


def test_another_threshold_works_only_from_its_gate_on(again: Line, curated: Line) -> None:
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


def test_a_moved_folder_is_not_read_again(again: Line) -> None:
    dataset = again.result()["dataset"]["digest"]
    moved = again.documents.rename(again.folder / "elsewhere")
    done = again.doctune("run", str(moved), *FAST)
    assert done.returncode == 0, done.stderr
    assert stages_worked(again) == set()
    assert again.result()["dataset"]["digest"] == dataset
    assert {Path(source).name for source in again.result()["sources"]} == {"elsewhere"}


def test_a_lost_file_heals(again: Line) -> None:
    digest = again.result()["dataset"]["digest"]
    lost = again.root / again.result()["outputs"][0]["normalization"]["path"]
    lost.unlink()
    done = again.doctune("run", str(again.documents), *FAST)
    assert done.returncode == 0, done.stderr
    assert stages_worked(again) == {"normalization"}
    assert again.result()["dataset"]["digest"] == digest


def test_a_document_that_is_gone_is_told(again: Line) -> None:
    assert again.doctune("run", str(again.documents), *FAST).returncode == 0  # the books now know this place
    (again.documents / "support" / "faq.md").unlink()
    done = again.doctune("run", str(again.documents), *FAST)
    assert done.returncode == 0, done.stderr
    books = again.result()["books"]
    assert books["unchanged_source_missing"] == 1
    told = again.doctune("why", "support/faq.md")
    assert "inventory.source_missing" in told.stdout


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


@pytest.mark.slow
def test_killed_three_times_the_dataset_is_the_same_to_the_byte(fresh: Line, curated: Line) -> None:
    for awaited in ("stages/detection", "stages/quality-signals", "datasets"):
        process = subprocess.Popen(
            fresh.command("run", str(fresh.documents), *FAST), env=fresh.environment(), cwd=fresh.folder, start_new_session=True
        )
        while process.poll() is None and not list((fresh.root / awaited).glob("*")):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, f"the run ended before {awaited} appeared"
    assert fresh.doctune("run", str(fresh.documents), *FAST).returncode == 0
    assert fresh.dataset_files() == curated.dataset_files()


def test_settings_and_sources_that_make_no_sense_are_refused_by_name(fresh: Line) -> None:
    for arguments, words in (
        (("--set", "curation.gates.min_words=-1"), "curation.gates.min_words"),
        (("--set", "curation.nonsense=1"), "curation.nonsense"),
        (("--set", "nonsense.a=1"), "no such section"),
    ):
        refused = fresh.doctune("run", str(fresh.documents), *arguments)
        assert refused.returncode == 2
        assert words in refused.stderr
    missing = fresh.doctune("run", str(fresh.folder / "nothere"))
    assert missing.returncode == 2
    assert "nothere" in missing.stderr
    assert not (fresh.root / "stages").exists()


def test_switching_training_on_is_something_new(again: Line) -> None:
    assert again.doctune("run", str(again.documents), *FAST).returncode == 0
    trained = again.doctune("run", str(again.documents), "--set", "finetuning.max_steps=2")
    assert trained.returncode == 0, trained.stderr
    assert "adapter " in trained.stdout


def test_going_back_to_other_documents_makes_their_dataset_the_current_one(fresh: Line) -> None:
    digests = []
    for folder in ("handbook", "mail", "handbook"):
        done = fresh.doctune("curate", str(fresh.documents / folder))
        assert done.returncode == 0, done.stderr
        digests.append(fresh.result()["dataset"]["digest"])
    assert "nothing new" in done.stdout
    assert digests[0] == digests[2] != digests[1]


def test_documents_that_make_no_example_still_get_their_books(fresh: Line) -> None:
    folder = fresh.folder / "short"
    folder.mkdir()
    (folder / "note.txt").write_text("Thirty one " + " ".join(chr(97 + number % 26) for number in range(40)) + ".")
    done = fresh.doctune(
        "curate",
        str(folder),
        "--set",
        "curation.chunks.min_tokens=120",
        "--set",
        "curation.gates.min_score=0",
        "--set",
        "curation.gates.min_mean_word_length=0",
    )
    assert done.returncode == 0, done.stderr
    assert "NothingKept" in done.stdout
    assert fresh.result()["books"]["rejected"] == 1


def test_ctrl_c_ends_the_run_and_all_that_belongs_to_it(fresh: Line) -> None:
    process = subprocess.Popen(
        fresh.command("run", str(fresh.documents)),
        env=fresh.environment(),
        cwd=fresh.folder,
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not list((fresh.root / "tmp").glob("training-*")):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Run the same command again" in said
    assert "run is under way" not in fresh.doctune("clean", "--dry-run").stderr
