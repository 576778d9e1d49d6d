"""Which adapter is in use after a run, and when a run has something to decide again."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flows import promotion
from flows.closing import Tuned, _outcome
from flows.promotion import settle
from flows.results import RunResult, finished_before, make_current, remember
from flows.settings import FinetuningSettings
from tasks.finetuning import history
from tasks.finetuning.promotion import Promotion
from tasks.finetuning.starter import build_starter
from tasks.finetuning.task import judge
from tasks.storage.artifacts import AdapterRef, publish_current
from tests.tasks.finetuning.stored_adapters import BASE_LOSSES, NANO, examination, store_adapter, store_dataset

RUN: Any = SimpleNamespace(name="night", limited=False)


@pytest.fixture(autouse=True)
def without_prefect(monkeypatch: pytest.MonkeyPatch) -> list[AdapterRef | None]:
    """The decision is called as it stands behind its door; yields the current adapters that it was asked about."""
    asked: list[AdapterRef | None] = []

    def call(task: Any) -> Any:
        def work(*arguments: Any) -> Any:
            asked.append(arguments[1])
            return task.fn(*arguments)

        return work

    monkeypatch.setattr(promotion, "below_root", call)
    return asked


def settled(adapter: AdapterRef, **settings: Any) -> Promotion:
    return settle(RUN, adapter, store_dataset(), build_starter(NANO), FinetuningSettings(**settings))


def current() -> str | None:
    found = history.current_adapter()
    return found and history.id_of(found)


def test_the_first_adapter_must_beat_the_base(tmp_path: Path) -> None:
    worse = store_adapter("worse", [loss + 0.1 for loss in BASE_LOSSES], scratch=tmp_path)
    assert not settled(worse).promoted
    assert current() is None
    better = settled(store_adapter("better", scratch=tmp_path))
    assert (better.promoted, better.rival) == (True, "base")
    assert current() == "better"
    assert [(entry.event, entry.adapter, entry.run) for entry in history.read_history()] == [
        ("not promoted", "worse", "night"),
        ("promoted", "better", "night"),
    ]
    assert history.read_history()[-1].model_source == "starter"


def test_the_next_one_must_beat_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tasks.finetuning import task

    first = store_adapter("first", scratch=tmp_path)
    settled(first)
    again = settled(first)
    assert (again.promoted, again.already) == (True, True)
    examined: list[str] = []

    def examine(adapter: AdapterRef, *_: Any) -> Any:
        examined.append(adapter.digest)
        return examination([5.0, 4.0, 6.0, 5.5])

    monkeypatch.setattr(task, "_examine", examine)
    equal = settled(store_adapter("equal", [5.0, 4.0, 6.0, 5.6], scratch=tmp_path))
    assert (equal.promoted, equal.rival) == (False, "first")
    assert settled(store_adapter("better", [4.9, 3.9, 5.9, 5.4], scratch=tmp_path)).promoted
    assert current() == "better"
    assert examined == [first.digest] * 2


def test_a_current_one_of_another_model_is_no_rival(tmp_path: Path) -> None:
    other = build_starter(NANO).model_copy(update={"digest": "other"})
    history.promote(store_adapter("other", scratch=tmp_path, model=other), run="night", why="it is better")
    found = settled(store_adapter("mine", scratch=tmp_path))
    assert (found.promoted, found.rival) == (True, "base")


def test_settings_decide_before_any_measurement(tmp_path: Path, without_prefect: list[AdapterRef | None]) -> None:
    worse = store_adapter("worse", [loss + 0.1 for loss in BASE_LOSSES], scratch=tmp_path)
    assert not settled(store_adapter("better", scratch=tmp_path), promote="never").promoted
    assert settled(worse, promote="always").promoted
    assert current() == "worse"
    assert without_prefect == []


def test_what_a_user_took_out_of_use_stays_out(tmp_path: Path, without_prefect: list[AdapterRef | None]) -> None:
    first, second = store_adapter("first", scratch=tmp_path), store_adapter("second", [4.0] * 4, scratch=tmp_path)
    for adapter in (first, second):
        history.promote(adapter, run="night", why="it is better")
    history.roll_back()
    found = settled(second)
    assert not found.promoted
    assert "taken out of use by hand" in found.why
    assert current() == "first"
    assert without_prefect == []


def test_the_same_candidate_and_rival_have_the_same_key_and_another_rival_another(tmp_path: Path) -> None:
    from tasks.finetuning.task import PROMOTION

    first, second = store_adapter("first", scratch=tmp_path), store_adapter("second", [4.0] * 4, scratch=tmp_path)
    assert judge.cache_key_fn is not None  # type: ignore[attr-defined]

    def key(current: AdapterRef | None, **settings: Any) -> str:
        arguments = {
            "candidate": first,
            "current": current,
            "dataset": store_dataset(),
            "model": build_starter(NANO),
            "margin": 0.2,
            "settings": FinetuningSettings(**settings),
        }
        found: str = judge.cache_key_fn(None, arguments)  # type: ignore[attr-defined]
        return found

    assert key(None).startswith(f"{PROMOTION.name}/")
    assert key(second) == key(second, timeout_seconds=5.0)
    assert len({key(None), key(first), key(second)}) == 3


def test_a_finished_run_is_looked_at_again_when_another_adapter_is_in_use(tmp_path: Path) -> None:
    first, second = store_adapter("first", scratch=tmp_path), store_adapter("second", [4.0] * 4, scratch=tmp_path)
    history.promote(first, run="night", why="it is better")
    result = RunResult(run="night", flow="finetune", outcome="Completed", message="", adapter=first, current_adapter=first.digest)
    remember(result, "key")
    assert finished_before("key") == result
    history.promote(second, run="by hand", why="by hand")
    assert finished_before("key") is None
    make_current(result)
    assert current() == "second"  # what a run made is not what is in use
    publish_current("adapters", first)
    assert finished_before("key") == result
    remember(result.model_copy(update={"adapter": None, "current_adapter": None}), "without training")
    assert finished_before("without training") is not None


def test_outcomes_say_what_became_of_the_adapter(tmp_path: Path) -> None:
    dataset, adapter = store_dataset(), store_adapter("one", scratch=tmp_path)
    yes, no = Promotion(promoted=True, why="it is better"), Promotion(promoted=False, why="it is worse")
    for tuned, name, words in (
        (Tuned(adapter, False, yes), "Completed", "adapter trained and promoted: it is better"),
        (Tuned(adapter, False, no), "NotPromoted", "adapter trained, not promoted: it is worse"),
        (Tuned(adapter, True, no), "NotPromoted", "adapter of an earlier run, not promoted: it is worse"),
        (Tuned(adapter, True, yes), "Completed", "adapter of an earlier run and promoted"),
        (Tuned(adapter, True, yes.model_copy(update={"already": True})), "NothingNew", "tuned before"),
        (Tuned(None), "TooFewExamples", "too few"),
    ):
        outcome, message = _outcome(dataset, tuned)
        assert outcome == name
        assert words in message
