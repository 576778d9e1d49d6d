"""The cache key: what counts, what does not, and that it is the same everywhere."""

import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest
from pydantic import BaseModel

from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.schemas import DETECTION, METRICS
from tasks.storage.stage import LISTENERS, Metric, Stage, StageEvent, canonical, digest_of, metrics_path, write_output

ROW = {"document_id": "a", "format": "pdf", "mismatch": False, "encoding": None, "reason": None, "detail": None}


class Bounds(BaseModel):
    least: int = 1


STAGE = Stage("example", revision=1)


@STAGE.task(ignore=("place",))
def make(source: ParquetRef, bounds: Bounds, place: str = "here") -> ParquetRef:
    return write_output([ROW], DETECTION, [Metric("a", 0, 1.5, 20.0)])


def test_the_key_holds_content_settings_and_version_but_no_path_and_nothing_ignored() -> None:
    one = write_table("inventory/one.parquet", [ROW], DETECTION)
    same = write_table("inventory/two.parquet", [ROW], DETECTION)
    other = write_table("inventory/other.parquet", [{**ROW, "format": "docx"}], DETECTION)
    first = make.fn(one, Bounds())
    assert make.fn(same, Bounds(), place="there") == first
    assert make.fn(one, bounds=Bounds(), place="x") == first
    assert make.fn(other, Bounds()).path != first.path
    assert make.fn(one, Bounds(least=2)).path != first.path
    assert Stage("example", 2).key({}) != Stage("example", 1).key({})
    assert Stage("example", 1, packages=("pyarrow",)).version != Stage("example", 1).version
    caller = [Stage("caller", 1, parts=(Stage("example", revision),)).version for revision in (1, 2)]
    assert caller[0] != caller[1]


def test_measurements_stand_beside_the_output() -> None:
    source = write_table("inventory/one.parquet", [ROW], DETECTION)
    output = make.fn(source, Bounds())
    assert output.path.startswith("stages/example/1.")
    assert read_rows(metrics_path(output.path)) == [
        {"stage": "example", "document_id": "a", "part": 0, "seconds": 1.5, "peak_mib": 20.0, "steps": None}
    ]
    assert METRICS.names == ["stage", "document_id", "part", "seconds", "peak_mib", "steps"]


def test_keys_are_the_same_in_every_process() -> None:
    code = "from tasks.storage.stage import digest_of; print(digest_of({'b': [1, 2.5, None], 'a': {'x': 'ä'}}))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert outputs == {digest_of({"a": {"x": "ä"}, "b": [1, 2.5, None]})}


def test_a_door_can_be_sent_to_a_cluster() -> None:
    source = write_table("inventory/one.parquet", [ROW], DETECTION)
    assert cloudpickle.loads(cloudpickle.dumps(make)).fn(source, Bounds()) == make.fn(source, Bounds())


def test_what_has_no_stable_form_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        canonical({1, 2})


def test_listeners_hear_of_work_and_of_failures() -> None:
    events: list[StageEvent] = []

    @Stage("failing", 1).task()
    def fail() -> None:
        raise OSError("no")

    LISTENERS.append(events.append)
    try:
        with pytest.raises(OSError, match="no"):
            fail.fn()
    finally:
        LISTENERS.remove(events.append)
    assert [(event.stage, event.seconds is None, event.failed) for event in events] == [
        ("failing", True, False),
        ("failing", False, True),
    ]


class Inner(BaseModel):
    """A model that says itself what counts of it."""

    spelling: str

    def cache_identity(self) -> str:
        return self.spelling.lower()


class Outer(BaseModel):
    """A model that holds one."""

    inner: Inner


def test_a_model_within_another_says_what_counts_of_it() -> None:
    assert digest_of(Outer(inner=Inner(spelling="Office"))) == digest_of(Outer(inner=Inner(spelling="office")))
    assert digest_of(Outer(inner=Inner(spelling="office"))) != digest_of(Outer(inner=Inner(spelling="web")))
