"""doctune label: each key does what it says, each verdict is kept at once, and nothing of a text steers the terminal."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from stored_runs import PROSE, SHORT, document_id, store_run

from flows import labelling
from flows.cli import main
from flows.labelling import open_review
from flows.results import newest_result
from tasks.quality.judging import load_judging
from tasks.quality.label_file import LABELS_FILE, read_labels
from tasks.quality.settings import GateSettings
from tasks.storage.root import read_bytes, write_bytes

MINUTES, OLD = document_id("/docs/minutes.txt"), document_id("/docs/old/minutes.txt")


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch, data_root: Path) -> Callable[[str], None]:
    """Go through the newest run's documents with these keys; the input ends after the last one."""

    def go(keys: str) -> None:
        pressed = iter(keys)

        def getchar() -> str:
            key = next(pressed, None)
            if key is None:
                raise EOFError
            return key

        monkeypatch.setattr(click, "getchar", getchar)
        result = newest_result()
        assert result is not None
        open_review(result, GateSettings()).go_through()

    return go


def verdicts() -> list[bool]:
    return [label.keep for label in read_labels().values()]


def test_each_key_does_what_it_says(press: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    store_run()
    press("xkKr")
    assert sorted(read_labels()) == [(MINUTES, 0), (OLD, 0)]
    assert verdicts() == [True, True]
    assert "2 verdicts (keep 2, reject 0)" in capsys.readouterr().out


def test_a_document_without_a_verdict_comes_again(press: Callable[[str], None]) -> None:
    store_run()
    press("sq")
    assert read_labels() == {}
    press("sr")
    assert verdicts() == [False]
    press("k")
    assert sorted(verdicts()) == [False, True]


def test_a_verdict_is_kept_before_the_next_document_is_shown(
    press: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    store_run()
    seen: list[int] = []

    def look(*_arguments: object) -> list[str]:
        seen.append(len(read_labels()))
        return []

    monkeypatch.setattr(labelling, "show_rows", look)
    press("kr")
    assert seen == [0, 1]


def test_undo_takes_the_last_verdict_back_and_shows_the_document_again(press: Callable[[str], None]) -> None:
    store_run()
    press("ukur")
    assert verdicts() == [False]
    assert len(newest_lines()) == 1


def newest_lines() -> list[dict[str, object]]:
    return [json.loads(line) for line in read_bytes(LABELS_FILE).splitlines()]


def test_a_label_holds_all_that_was_ever_measured(press: Callable[[str], None]) -> None:
    store_run(remembered=True)
    press("k")
    (label,) = newest_lines()
    signals = label["signals"]
    assert isinstance(signals, dict)
    assert {"length.words", "natural.sentences"} <= signals.keys()
    assert label["language"] == "en"


def test_where_the_text_is_long_more_of_it_is_shown(press: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"This is line {number} of the text, and it is like the others." for number in range(100)]
    store_run({"/docs/long.txt": "\n".join(lines)}, GateSettings(early_termination=False))
    press("q")
    first = capsys.readouterr().out
    assert "line 20 of" in first
    assert "line 60 of" not in first
    press("mmmmq")
    more = capsys.readouterr().out
    assert more.count("line 99 of") == 1
    assert "(the text ends here)" in more


def test_what_speaks_against_a_text_is_named(press: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    store_run()
    press("q")
    shown = capsys.readouterr().out
    assert "1/2" in shown
    assert "minutes.txt" in shown
    assert "score 0." in shown
    assert "  - " in shown


def test_nothing_of_a_document_steers_the_terminal(press: Callable[[str], None], capsys: pytest.CaptureFixture[str]) -> None:
    store_run({"/docs/\x1b]0;owned\x07.txt": PROSE + "\x1b[31m\u202eevil\x9b2J\r"})
    press("q")
    shown = capsys.readouterr().out
    assert "evil" in shown
    assert not {"\x1b", "\x07", "\u202e", "\x9b", "\r"} & set(shown)


def test_the_next_run_learns_from_the_labels(press: Callable[[str], None]) -> None:
    store_run()
    before = load_judging().model
    press("rr")
    assert load_judging().model.intercept < before.intercept


def label(root: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["label", "--data-root", str(root), *options])


def test_without_a_terminal_it_says_what_to_do(data_root: Path) -> None:
    store_run()
    said = label(data_root)
    assert said.exit_code == 2
    assert "needs a terminal" in said.stderr
    assert "--from FILE" in said.stderr


@pytest.mark.parametrize(
    "content",
    [
        "/docs/minutes.txt,keep\nold/minutes.txt,reject\n",
        "verdict,path\nkeep,/docs/minutes.txt\n\nr,./old/minutes.txt\n",
        f"\ufeffdocument_id,part,keep\r\n{MINUTES},0,true\r\n{OLD},,false\r\n",
        '{"path": "/docs/minutes.txt", "verdict": "keep"}\n{"path": "old/minutes.txt", "verdict": "Reject"}\n',
        f'{{"document_id": "{MINUTES}", "part": 0, "keep": true}}\n\n{{"document_id": "{OLD}", "keep": false}}',
    ],
)
def test_verdicts_from_a_file(data_root: Path, tmp_path: Path, content: str) -> None:
    store_run()
    file = tmp_path / "verdicts"
    file.write_text(content, encoding="utf-8")
    said = label(data_root, "--from", str(file))
    assert said.exit_code == 0, said.stderr
    assert {key: each.keep for key, each in read_labels().items()} == {(MINUTES, 0): True, (OLD, 0): False}
    assert all("natural.sentences" in each.signals for each in read_labels().values())


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("/docs/minutes.txt,maybe", "line 2"),
        (",keep", "line 2"),
        ('/docs/minutes.txt,"keep', "line 2"),
        ("/docs/minutes.txt", "line 2"),
    ],
)
def test_a_bad_line_of_a_csv_file_is_named_and_nothing_is_taken(data_root: Path, tmp_path: Path, bad: str, words: str) -> None:
    store_run()
    file = tmp_path / "verdicts.csv"
    file.write_text(f"/docs/minutes.txt,keep\n{bad}\n")
    said = label(data_root, "--from", str(file))
    assert said.exit_code == 2
    assert words in said.stderr
    assert read_labels() == {}


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        '{"path": 1, "keep": true}',
        '{"path": "a", "keep": true, "part": -1}',
        '{"path": "a"}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"part": ' + "9" * 5000 + "}",
    ],
)
def test_a_bad_line_of_a_jsonl_file_is_named(data_root: Path, tmp_path: Path, bad: str) -> None:
    store_run()
    file = tmp_path / "verdicts.jsonl"
    file.write_text(f'{{"path": "/docs/minutes.txt", "keep": true}}\n{bad}\n')
    said = label(data_root, "--from", str(file))
    assert said.exit_code == 2
    assert "line 2" in said.stderr
    assert read_labels() == {}


def test_what_cannot_be_labelled_is_named_and_the_rest_is_taken(data_root: Path, tmp_path: Path) -> None:
    store_run()
    file = tmp_path / "verdicts.csv"
    file.write_text("gone.txt,keep\nminutes.txt,keep\nnote.txt,reject\n/docs/minutes.txt,keep\n")
    said = label(data_root, "--from", str(file))
    assert said.exit_code == 3
    assert "line 1: the newest run read no document called gone.txt" in said.stderr
    assert "line 2: several documents are called minutes.txt" in said.stderr
    assert "line 3: note.txt was rejected before all of it was measured" in said.stderr
    assert list(read_labels()) == [(MINUTES, 0)]


def test_nothing_is_added_to_a_damaged_labels_file(data_root: Path, tmp_path: Path) -> None:
    store_run()
    write_bytes(LABELS_FILE, b"{}\n")
    file = tmp_path / "verdicts.csv"
    file.write_text("/docs/minutes.txt,keep\n")
    said = label(data_root, "--from", str(file))
    assert said.exit_code == 2
    assert f"{LABELS_FILE}, line 1" in said.stderr


def test_without_a_run_there_is_nothing_to_label(data_root: Path, tmp_path: Path) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_text("a,keep\n")
    said = label(data_root, "--from", str(file))
    assert said.exit_code == 2
    assert "no run has finished" in said.stderr


def test_a_text_that_was_rejected_early_is_not_asked_about(
    press: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    store_run({"/docs/note.txt": SHORT})
    press("k")
    assert read_labels() == {}
    assert "No verdict" in capsys.readouterr().out
