"""The parent's side: how a training process may end."""

import json
import sys
from pathlib import Path

import pytest

from tasks.finetuning.errors import TrainingFailed, TrainingOutOfMemory, TrainingTimedOut
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import TrainingSpec
from tasks.finetuning.train import run_training


def specify(tmp_path: Path, timeout: float = 30.0) -> TrainingSpec:
    return TrainingSpec(
        dataset=str(tmp_path),
        model=str(tmp_path),
        model_name="none",
        model_digest="",
        dataset_digest="",
        output=str(tmp_path / "output"),
        settings=FinetuningSettings(timeout_seconds=timeout),
    )


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    "code", ["raise SystemExit(137)", "import os; os.kill(os.getpid(), 9)", "raise SystemExit(139)", "import os; os.abort()"]
)
def test_a_killed_process_is_taken_for_out_of_memory(tmp_path: Path, code: str) -> None:
    with pytest.raises(TrainingOutOfMemory, match="name a smaller model"):
        run_training(specify(tmp_path), command=python(code))


LADDER = """
import json, pathlib, sys
spec = json.loads(pathlib.Path(sys.argv[1]).read_text())
attempt, output = spec["attempt"], pathlib.Path(spec["output"])
longest = attempt["longest"] or 300
planned = {"event": "planned", "micro_tokens": attempt["micro_tokens"] or 1024, "longest": longest, "row": longest + 4}
with open(output / "events.jsonl", "a") as stream:
    stream.write(json.dumps(planned | {"checkpointing": attempt["checkpointing"]}) + "\\n")
sys.exit({FAILS} if planned["micro_tokens"] > {ENOUGH} else 1)
"""


def run_ladder(tmp_path: Path, fails: int, enough: int) -> list[dict[str, object]]:
    events: list[dict[str, object]] = []
    code = LADDER.replace("{FAILS}", str(fails)).replace("{ENOUGH}", str(enough))
    with pytest.raises(TrainingFailed):
        run_training(specify(tmp_path), events.append, python(code))
    return events


@pytest.mark.parametrize("code", [137, 139, 134])
def test_after_a_death_for_want_of_memory_less_is_computed_at_once(tmp_path: Path, code: int) -> None:
    events = run_ladder(tmp_path, code, enough=150)
    tried = [(event["micro_tokens"], event["longest"], event["checkpointing"]) for event in events if event["event"] == "planned"]
    assert tried == [(1024, 300, False), (512, 300, False), (304, 300, False), (304, 300, True), (150, 150, True)]
    died = [event for event in events if event["event"] == "out_of_memory"]
    assert [event["exit"] for event in died] == [code] * 4
    logged = [json.loads(line) for line in (tmp_path / "output" / "events.jsonl").read_text().splitlines()]
    assert logged == events
    assert len(run_ladder(tmp_path, code, enough=150)) == 1  # the next try begins where the last one came to


def test_a_ladder_has_an_end(tmp_path: Path) -> None:
    events = run_ladder(tmp_path, 137, enough=0)
    assert [event["longest"] for event in events if event["event"] == "planned"][-1] == 75


def test_an_error_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match=r"exit 1:(.|\n)*ValueError: the reason"):
        run_training(specify(tmp_path), command=python("raise ValueError('the reason')"))


def test_a_diverged_training_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match=r"^lower the learning rate$"):
        run_training(
            specify(tmp_path), command=python("import sys; print('lower the learning rate', file=sys.stderr); sys.exit(4)")
        )


def test_a_training_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TrainingTimedOut, match="longer than 1 seconds"):
        run_training(specify(tmp_path, timeout=0.6), command=python("import time; time.sleep(60)"))


def test_events_are_passed_on_in_order(tmp_path: Path) -> None:
    write = f"""
import json, time
for number in range(3):
    with open({str(tmp_path / "output" / "events.jsonl")!r}, "a") as stream:
        stream.write(json.dumps({{"event": "step", "step": number}})[:9]); stream.flush(); time.sleep(0.1)
        stream.write(json.dumps({{"event": "step", "step": number}})[9:] + "\\n")
raise SystemExit(1)
"""
    events: list[dict[str, object]] = []
    with pytest.raises(TrainingFailed):
        run_training(specify(tmp_path), events.append, python(write))
    assert events == [{"event": "step", "step": number} for number in range(3)]
