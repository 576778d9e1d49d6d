"""doctune gates --learn-head, and runs that use what it learned; with a tiny model of random weights."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from prefect import flow
from stored_runs import PROSE, store_run

from flows.cli import main
from flows.run import open_run
from flows.settings import CurationSettings, RuntimeSettings
from flows.shard import ShardOutputs
from flows.yardsticks import read_yardsticks
from tasks.finetuning.models import resolve_model
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.inventory.listing import Inventory, list_documents
from tasks.inventory.settings import InventorySettings
from tasks.quality.second.head import HEAD_FILE, load_head
from tasks.quality.second.stage import LOG_ODDS
from tasks.quality.settings import GateSettings
from tasks.storage.parquet import read_rows
from tasks.storage.root import size_of

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)
EVERYTHING = ["--set", "second_stage_low=0", "--set", "second_stage_high=1"]


def gates(root: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["gates", "--data-root", str(root), *options])


@pytest.fixture
def model(data_root: Path) -> str:
    return str(data_root / build_starter(NANO).folder)


@pytest.fixture
def texts(tmp_path: Path) -> str:
    """Labelled texts: prose, and lists of offers."""
    lines = []
    for number in range(40):
        kept = number % 2 == 0
        text = (
            PROSE.replace("June", f"June {number}")
            if kept
            else f"Shoes {number} » Boots » Price $9.99 | Buy Online | Sale » " * 5
        )
        lines.append({"text": text, "verdict": "keep" if kept else "reject"})
    file = tmp_path / "labelled.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(file)


def test_a_head_is_learned_from_labelled_texts_and_the_gain_is_told(data_root: Path, model: str, texts: str) -> None:
    options = ["--learn-head", "--texts", texts, "--set", f"embedding_model={model}", *EVERYTHING]
    learned = gates(data_root, *options)
    assert learned.exit_code == 0, learned.stderr
    assert "Learned from 40 texts with a score from 0 to 1, 20 of them rejected" in learned.output
    assert "standard error" in learned.output
    head = load_head()
    assert head is not None
    assert len(head.weights) == NANO.hidden
    assert head.model == resolve_model(model, allow_hub=False).digest
    again = gates(data_root, *options)
    assert again.output == learned.output
    assert load_head() == head


def test_verdicts_on_the_newest_run_are_learned_from_and_kept_for_later(data_root: Path, model: str, texts: str) -> None:
    store_run({f"/docs/{number:02}.txt": PROSE.replace("June", f"June {number}") for number in range(6)})
    verdicts = data_root.parent / "verdicts.csv"
    verdicts.write_text("".join(f"/docs/{number:02}.txt,keep\n" for number in range(6)))
    CliRunner().invoke(main, ["label", "--data-root", str(data_root), "--from", str(verdicts)])
    options = ["--learn-head", "--texts", texts, "--set", f"embedding_model={model}", *EVERYTHING]
    assert "Learned from 46 texts" in gates(data_root, *options).output
    store_run({"/docs/other.txt": PROSE})
    assert "Learned from 46 texts" in gates(data_root, *options).output  # they are gone; what was made of them is not


def test_a_dry_run_says_what_would_have_to_be_embedded_first(data_root: Path, model: str, texts: str) -> None:
    store_run()
    chosen = ["--set", f"embedding_model={model}", *EVERYTHING]
    assert "--learn-head" in gates(data_root, "--dry-run", *chosen).stderr
    gates(data_root, "--learn-head", "--texts", texts, *chosen)
    shown = gates(data_root, "--dry-run", *chosen)
    assert shown.exit_code == 0
    assert "2 are to be measured first" in shown.output
    nothing = ["--set", f"embedding_model={model}", "--set", "second_stage_low=0", "--set", "second_stage_high=0"]
    assert "to be measured" not in gates(data_root, "--dry-run", *nothing).output


@pytest.mark.parametrize(
    ("options", "words", "code"),
    [
        ([], "--set embedding_model=FOLDER", 2),
        (["--set", "embedding_model=/no/such/folder"], "/no/such/folder", 2),
        (["--set", "embedding_model=MODEL"], "doctune label", 1),
        (["--set", "embedding_model=MODEL", "--texts", "BAD"], "line 2", 2),
        (["--dry-run"], "do different things", 2),
    ],
)
def test_what_cannot_be_learned_is_refused_in_words(
    data_root: Path, model: str, tmp_path: Path, options: list[str], words: str, code: int
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({"text": "Fine.", "keep": True}) + '\n{"text": "no verdict"}\n')
    refused = gates(data_root, "--learn-head", *[each.replace("MODEL", model).replace("BAD", str(bad)) for each in options])
    assert refused.exit_code == code
    assert words in refused.stderr
    assert size_of(HEAD_FILE) is None


def test_texts_without_learning_are_refused(data_root: Path, texts: str) -> None:
    assert gates(data_root, "--texts", texts).exit_code == 2


def test_a_run_without_a_learned_head_is_refused_before_any_work(data_root: Path, model: str, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text(PROSE)
    options = ["curate", str(folder), "--data-root", str(data_root), "--set", f"curation.gates.embedding_model={model}"]
    refused = CliRunner().invoke(main, options)
    assert refused.exit_code == 2
    assert "doctune gates --learn-head" in refused.stderr
    assert not (data_root / "stages").exists()


def test_learning_loads_neither_mlx_nor_prefect_in_its_own_process(data_root: Path, model: str, texts: str) -> None:
    code = (
        "import sys\nfrom flows.cli import main\n"
        "try:\n    main(['gates', '--learn-head', '--data-root', sys.argv[1], '--texts', sys.argv[2], *sys.argv[3:]])\n"
        "except SystemExit as end:\n    assert end.code == 0, end.code\n"
        "sys.exit(bool({'prefect', 'mlx.core', 'mlx_lm', 'torch'} & set(sys.modules)))"
    )
    options = [str(data_root), texts, "--set", f"embedding_model={model}", *EVERYTHING]
    done = subprocess.run([sys.executable, "-c", code, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@flow
def work(inventory: Inventory, root: str, settings: CurationSettings) -> list[ShardOutputs]:
    with open_run("test", root, RuntimeSettings(workers=1, shards_in_flight=1)) as run:
        judging = read_yardsticks(settings, allow_hub=False).judging
        return run.process_shards(inventory, settings, resolve_model("starter", False), judging, None)


@pytest.mark.usefixtures("prefect")
def test_a_run_looks_again_at_what_was_measured_once(data_root: Path, model: str, texts: str, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(PROSE.replace("June", f"June {number}"))
    gates(data_root, "--learn-head", "--texts", texts, "--set", f"embedding_model={model}", *EVERYTHING)
    inventory = list_documents([str(folder)], InventorySettings(), 1)
    chosen = GateSettings(embedding_model=model, second_stage_low=0.0, second_stage_high=1.0)
    [plain] = work(inventory, str(data_root), CurationSettings())
    [second] = work(inventory, str(data_root), CurationSettings(gates=chosen))
    assert "second" not in plain.outputs
    assert second.outputs["signals"].path == plain.outputs["signals"].path  # measured once
    rows = read_rows(second.outputs["second"])
    assert [row["reason"] for row in rows] == [None, None, None]
    assert all(LOG_ODDS in row["signals"] for row in rows)
    before, after = (read_rows(each.outputs["quality"]) for each in (plain, second))
    assert [row["score"] for row in before] == [row["signals"]["score.first"] for row in rows]
    assert before != after
