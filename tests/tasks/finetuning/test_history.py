"""The history of adapters: which one follows which, back and forth."""

from pathlib import Path

import pytest

from tasks.finetuning import history
from tasks.finetuning.errors import AdapterUnavailable
from tasks.finetuning.history import (
    HAND,
    HISTORY,
    current_adapter,
    find_adapter_by_id,
    model_source_of,
    pass_over,
    previous_adapter,
    promote,
    read_history,
    roll_back,
    set_aside,
    succession,
)
from tasks.storage.artifacts import AdapterRef, publish_current
from tasks.storage.root import append_bytes
from tests.tasks.finetuning.stored_adapters import store_adapter


@pytest.fixture
def adapters(tmp_path: Path, data_root: Path) -> dict[str, AdapterRef]:
    names = ("aa1", "aa2", "b")
    return {name: store_adapter(name, (5.0 - at, 4.0, 6.0, 5.0), scratch=tmp_path) for at, name in enumerate(names)}


def names_of(adapter: AdapterRef | None) -> str | None:
    return adapter and history.id_of(adapter)


def test_promotion_and_roll_back_keep_the_line(adapters: dict[str, AdapterRef]) -> None:
    assert (read_history(), current_adapter(), previous_adapter()) == ([], None, None)
    with pytest.raises(AdapterUnavailable, match="no earlier adapter"):
        roll_back()
    for name in ("aa1", "aa2", "b"):
        promote(adapters[name], run=f"run-{name}", why="it is better", rival="base", model_source="starter")
    promote(adapters["b"], run="again", why="nothing happens")
    assert succession(read_history()) == ["aa1", "aa2", "b"]
    assert (names_of(current_adapter()), names_of(previous_adapter())) == ("b", "aa2")

    now, before = roll_back()
    assert (names_of(now), names_of(before), names_of(current_adapter())) == ("aa2", "b", "aa2")
    assert names_of(roll_back()[0]) == "aa1"
    assert set_aside(read_history()) == {"aa2", "b"}
    with pytest.raises(AdapterUnavailable):
        roll_back()

    promote(adapters["b"], run=HAND, why="after all")
    assert succession(read_history()) == ["aa1", "b"]
    assert set_aside(read_history()) == {"aa2", "aa1"}
    entry = read_history()[0]
    assert (entry.event, entry.adapter, entry.run, entry.rival) == ("promoted", "aa1", "run-aa1", "base")
    assert entry.dataset == adapters["aa1"].dataset_digest
    assert entry.metrics["loss_after"] == pytest.approx(5.0)
    assert entry.settings["rank"] == 4


def test_an_adapter_whose_files_are_gone_is_skipped(adapters: dict[str, AdapterRef], data_root: Path) -> None:
    for name in ("aa1", "aa2", "b"):
        promote(adapters[name], run="run", why="it is better")
    (data_root / adapters["aa2"].path / "adapters.safetensors").unlink()
    assert names_of(previous_adapter()) == "aa1"
    assert names_of(roll_back()[0]) == "aa1"


def test_one_that_was_current_before_the_history_began_can_be_gone_back_to(adapters: dict[str, AdapterRef]) -> None:
    publish_current("adapters", adapters["aa1"])
    promote(adapters["b"], run="run", why="it is better")
    assert names_of(roll_back()[0]) == "aa1"


def test_passing_over_is_told_once_for_each_reason(adapters: dict[str, AdapterRef]) -> None:
    for why in ("worse", "worse", "never", "worse"):
        pass_over(adapters["b"], run="run", why=why)
    assert [entry.why for entry in read_history()] == ["worse", "never", "worse"]
    assert current_adapter() is None
    assert succession(read_history()) == []


def test_a_line_cut_off_by_a_power_cut_loses_itself_only(adapters: dict[str, AdapterRef]) -> None:
    promote(adapters["aa1"], run="run", why="it is better")
    append_bytes(HISTORY, b'{"event": "promo')
    promote(adapters["b"], run="run", why="it is better")
    assert succession(read_history()) == ["aa1", "b"]


def test_ids_are_found_by_their_beginning(adapters: dict[str, AdapterRef]) -> None:
    assert find_adapter_by_id("b") == adapters["b"]
    assert find_adapter_by_id("aa1") == adapters["aa1"]
    with pytest.raises(AdapterUnavailable, match="several adapters begin with aa"):
        find_adapter_by_id("aa")
    for name in ("c", "", "../aa1"):
        with pytest.raises(AdapterUnavailable, match="no adapter"):
            find_adapter_by_id(name)


def test_the_base_model_is_named_as_the_user_did(adapters: dict[str, AdapterRef]) -> None:
    assert model_source_of(adapters["b"]) == "starter"  # from the adapter's own configuration
    promote(adapters["b"], run="run", why="it is better", model_source="/models/mine")
    promote(adapters["aa1"], run=HAND, why="by hand")
    promote(adapters["b"], run=HAND, why="by hand")
    assert model_source_of(adapters["b"]) == "/models/mine"
