"""How runs end that do not go their whole way: refused, stopped, killed, or with nothing to keep; nothing is lost."""

import os
import signal
import subprocess
import time

import pytest

from tests.end_to_end.conftest import FAST, Line


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
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert "Run the same command again" in said
    assert "run is under way" not in fresh.doctune("clean", "--dry-run").stderr


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


@pytest.mark.slow  # the last here: by now another process of the tests has made the finished one
def test_killed_three_times_the_dataset_is_the_same_to_the_byte(fresh: Line, finished: Line) -> None:
    for awaited in ("stages/detection", "stages/quality-signals", "datasets"):
        process = subprocess.Popen(
            fresh.command("run", str(fresh.documents), *FAST), env=fresh.environment(), cwd=fresh.folder, start_new_session=True
        )
        while process.poll() is None and not list((fresh.root / awaited).glob("*")):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, f"the run ended before {awaited} appeared"
    assert fresh.doctune("run", str(fresh.documents), *FAST).returncode == 0
    assert fresh.dataset_files() == finished.dataset_files()
