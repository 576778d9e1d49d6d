"""doctune gates: what is asked for, what others would decide, what the order costs; all from what a run stored."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stored_runs import PROSE, SHORT, TEXTS, store_run

from flows.cli import main
from flows.judging import as_toml, read_gates
from flows.parameters import SettingsError
from tasks.quality.judging import load_judging
from tasks.quality.order import LAST, ORDER_FILE, SHIPPED, load_learned, load_order
from tasks.quality.settings import GateSettings
from tasks.storage.root import write_bytes


def gates(root: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["gates", "--data-root", str(root), *options])


def test_thresholds_stand_beside_what_they_rejected(data_root: Path) -> None:
    store_run()
    shown = gates(data_root, "--profile", "web", "--set", "max_words=9000")
    assert shown.exit_code == 0
    row = next(line for line in shown.output.splitlines() if line.startswith("min_words"))
    assert row.split()[-1] == "1"
    assert 'profile = "web"\nmax_words = 9000' in shown.output


def test_without_a_run_the_gates_are_shown_all_the_same(data_root: Path) -> None:
    shown = gates(data_root)
    assert shown.exit_code == 0
    assert "min_words" in shown.output
    assert "no run has finished" in shown.output


def test_settings_are_written_for_a_run_and_never_over_a_file(data_root: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert gates(data_root, "--profile", "strict", "--set", "min_score=off", "--write", str(file)).exit_code == 0
    assert tomllib.loads(file.read_text()) == {"curation": {"gates": {"profile": "strict", "min_score": "off"}}}
    assert read_gates(str(file), None, []) == GateSettings(profile="strict", min_score="off")
    again = gates(data_root, "--write", str(file))
    assert again.exit_code == 2
    assert "cannot be written" in again.stderr


def test_as_toml_reads_back_to_the_same_settings() -> None:
    settings = GateSettings(profile="web", languages=["de", "en"], min_words=7, max_dup_line=0.25, early_termination=False)
    assert GateSettings(**tomllib.loads(as_toml(settings))["curation"]["gates"]) == settings


@pytest.mark.parametrize("wrong", ["min_words=-1", "no_such=1", "min_words"])
def test_wrong_thresholds_are_refused_before_anything_is_read(data_root: Path, wrong: str) -> None:
    shown = gates(data_root, "--set", wrong, "--dry-run")
    assert shown.exit_code == 2
    assert wrong.partition("=")[0] in shown.stderr
    with pytest.raises(SettingsError):
        read_gates(None, None, [wrong])


def test_a_dry_run_names_the_documents_that_would_change_sides(data_root: Path) -> None:
    store_run()
    stricter = gates(data_root, "--set", "min_words=100000", "--set", "max_words=off", "--dry-run")
    assert stricter.exit_code == 0
    assert "2 documents would be rejected, 0 would be kept." in stricter.output
    assert "/docs/old/minutes.txt  quality.length.min_words" in stricter.output


def test_what_was_not_measured_is_said_to_be_measured_first_unless_it_is_remembered(data_root: Path) -> None:
    options = ["--set", "min_words=1", "--set", "min_score=off", "--dry-run"]
    store_run()
    assert "1 are to be measured first" in gates(data_root, *options).output
    store_run(remembered=True)
    shown = gates(data_root, *options).output
    assert "to be measured" not in shown
    assert "0 documents would be rejected, 1 would be kept." in shown
    assert "/docs/note.txt  quality.length.min_words" in shown


def test_another_lowest_score_is_foretold(data_root: Path) -> None:
    store_run()
    shown = gates(data_root, "--set", "min_score=0.3", "--dry-run").output
    assert "0.0: 2" in shown
    assert "in force: 0.3" in shown


def test_the_list_is_cut_unless_all_is_asked_for(data_root: Path) -> None:
    store_run({f"/docs/{number:02}.txt": PROSE + f" Number {number}." for number in range(25)})
    cut = gates(data_root, "--set", "min_words=100000", "--set", "max_words=off", "--dry-run").output
    assert "and 5 more" in cut
    assert "/docs/24.txt" not in cut
    assert "/docs/24.txt" in gates(data_root, "--set", "min_words=100000", "--set", "max_words=off", "--dry-run", "--all").output


def test_a_name_cannot_steer_the_terminal(data_root: Path) -> None:
    store_run({"/docs/\x1b[2Jgone\n.txt": PROSE})
    shown = gates(data_root, "--set", "min_words=100000", "--set", "max_words=off", "--dry-run").output
    assert "\x1b" not in shown
    assert "\ufffd[2Jgone .txt  quality.length.min_words" in shown


def test_without_a_run_there_is_nothing_to_compare_or_to_learn_from(data_root: Path) -> None:
    for option in ("--dry-run", "--learn"):
        shown = gates(data_root, option)
        assert shown.exit_code == 2
        assert "no run has finished" in shown.stderr


def test_a_learned_order_is_kept_and_used(data_root: Path) -> None:
    store_run()
    shown = gates(data_root, "--learn")
    assert shown.exit_code == 0, shown.stderr
    learned = load_learned()
    assert learned is not None
    assert learned.version == 1
    assert sorted(learned.order().groups) == sorted(SHIPPED.groups)
    assert learned.order().groups[-1] == LAST
    assert load_judging().order == load_order() == learned.order()
    assert "Version 1, from 3 documents" in shown.output


def test_nothing_is_learned_in_a_dry_run(data_root: Path) -> None:
    store_run()
    shown = gates(data_root, "--learn", "--dry-run")
    assert shown.exit_code == 2
    assert "give one of them" in shown.stderr
    assert load_learned() is None


def test_an_order_is_not_learned_from_a_run_that_measured_too_little(data_root: Path) -> None:
    store_run({"/docs/note.txt": SHORT})
    shown = gates(data_root, "--learn")
    assert shown.exit_code == 1
    assert "nothing to learn an order from" in shown.stderr
    assert load_learned() is None


def test_a_damaged_order_is_named(data_root: Path) -> None:
    store_run()
    write_bytes(ORDER_FILE, b"{}")
    for option in ("--dry-run", "--learn"):
        shown = gates(data_root, option)
        assert shown.exit_code != 0
        assert ORDER_FILE in shown.stderr


def test_re_tuning_loads_no_prefect(data_root: Path) -> None:
    store_run(TEXTS)
    code = (
        "import sys\nfrom flows.cli import main\n"
        "try:\n    main(['gates', '--dry-run', '--data-root', sys.argv[1]])\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "sys.exit('prefect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(data_root)], capture_output=True, check=False).returncode == 0
