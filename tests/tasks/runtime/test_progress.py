"""Progress: right counts from many threads, few lines without a terminal, a clean terminal afterwards."""

import io
import threading

import pytest

from tasks.runtime import progress as progress_module
from tasks.runtime.progress import Progress, format_duration, show_progress
from tasks.storage.stage import LISTENERS, StageEvent


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def begun(stage: str) -> StageEvent:
    return StageEvent(stage, "key", 0.0)


def ended(stage: str, seconds: float = 2.0, failed: bool = False) -> StageEvent:
    return StageEvent(stage, "key", 0.0, seconds, failed)


def lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (90, "2 min"), (3900, "1 h 05 min"), (7200, "2 h 00 min")]
)
def test_durations_for_people(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_a_line_per_shard_with_what_is_left() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock)
    progress.expect(documents=100, shards=4)
    progress.on_stage(begun("extraction"))
    progress.on_stage(begun("extraction"))
    progress.on_stage(begun("detection"))
    clock.now = 60.0
    progress.shard_done(25, 20)
    assert lines(stream) == [
        "100 documents in 4 shards",
        "shard 1 of 4, 25 of 100 documents, 20 survive; now detection, extraction x2; about 3 min left",
    ]


def test_not_more_than_a_line_per_second_but_always_the_last() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock)
    progress.expect(documents=50, shards=50)
    for _ in range(50):
        clock.now += 0.1
        progress.shard_done(1, 1)
    told = lines(stream)[1:]
    assert len(told) == 5
    assert told[-1] == "shard 50 of 50, 50 of 50 documents, 50 survive"


def test_stages_of_the_whole_run_have_a_line_and_those_of_shards_have_none() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock)
    progress.on_stage(begun("inventory"))
    progress.on_stage(ended("inventory", 3))
    progress.expect(documents=1, shards=1)
    progress.on_stage(begun("detection"))
    progress.on_stage(ended("detection"))
    progress.shard_done(1, 1)
    progress.on_stage(begun("dataset"))
    progress.on_stage(ended("dataset", 61))
    assert [line for line in lines(stream) if line.startswith(("inventory", "detection", "dataset"))] == [
        "inventory: 3 s",
        "dataset: 1 min",
    ]


def test_training_is_told_every_ten_seconds_and_at_its_end() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock)
    for step in range(5, 41, 5):
        clock.now += 4
        progress.training(step, 40, 8 - step / 40, 1234.5, 2048.25)
    assert lines(stream) == [
        "training step 5 of 40, loss 7.875, 1,234 tokens/s, 2,048 MiB",
        "training step 20 of 40, loss 7.500, 1,234 tokens/s, 2,048 MiB; about 16 s left",
        "training step 35 of 40, loss 7.125, 1,234 tokens/s, 2,048 MiB; about 4 s left",
        "training step 40 of 40, loss 7.000, 1,234 tokens/s, 2,048 MiB",
    ]


def test_a_failed_stage_is_told() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.expect(documents=1, shards=1)
    progress.on_stage(begun("extraction"))
    progress.on_stage(ended("extraction", 2, failed=True))
    assert lines(stream)[-1] == "extraction failed after 2 s"
    assert progress.tally.stages() == ""


def test_counts_hold_under_threads() -> None:
    progress = Progress(io.StringIO())
    progress.expect(documents=8000, shards=800)

    def shards() -> None:
        for _ in range(100):
            progress.on_stage(begun("extraction"))
            progress.on_stage(ended("extraction"))
            progress.shard_done(10, 7)

    threads = [threading.Thread(target=shards) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally = progress.tally
    assert (tally.shards_done, tally.documents_done, tally.survivors, tally.stages()) == (800, 8000, 5600, "")


def test_a_stream_that_has_gone_does_not_fail_the_run() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    stream.close()
    progress.note("nobody reads this")
    progress.expect(1, 1)
    progress.shard_done(1, 1)
    assert progress.tally.shards_done == 1


def test_it_listens_for_the_block_only(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(progress_module.sys, "stderr", stream)
    before = list(LISTENERS)
    seen: list[str] = []

    def fail_while_shown() -> None:
        with show_progress(10, 1) as progress:
            for listener in LISTENERS:
                listener(begun("detection"))
            seen.append(progress.tally.stages())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_while_shown()
    assert seen == ["detection"]
    assert before == LISTENERS
    assert lines(stream) == ["10 documents in 1 shards"]


def test_a_terminal_is_left_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(progress_module.sys, "stderr", stream)
    with show_progress() as progress:
        progress.expect(100, 2)
        progress.on_stage(begun("extraction"))
        progress.note("a note with [brackets]")
        progress.shard_done(60, 50)
        progress.shard_done(40, 30)
    text = stream.getvalue()
    assert "100/100" in text
    assert "a note with [brackets]" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # the cursor is shown again
    assert text.endswith("shard 2 of 2, 100 of 100 documents, 80 survive\n")
    progress.shard_done(1, 1)
    assert "\x1b" not in stream.getvalue()[len(text) :]
