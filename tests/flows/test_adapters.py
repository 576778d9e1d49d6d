"""`doctune adapters`: what it says and what it changes."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli import main
from tasks.finetuning import history
from tasks.finetuning.settings import FinetuningSettings
from tasks.storage.artifacts import AdapterRef
from tests.flows.stored_runs import store_run
from tests.tasks.finetuning.stored_adapters import RANK, store_adapter, store_dataset

Adapters = dict[str, AdapterRef]


@pytest.fixture
def adapters(tmp_path: Path, data_root: Path) -> Adapters:
    """Three on the same documents, each better than the one before; one on others, of which the history is silent."""
    found = {
        name: store_adapter(
            name,
            tuple(loss - gain for loss in (6.0, 5.0, 7.0, 6.5)),
            scratch=tmp_path,
            settings=FinetuningSettings(rank=RANK, epochs=epochs),
        )
        for name, gain, epochs in (("aaaa0000", 0.1, 1), ("bbbb0000", 0.5, 3), ("cccc0000", 0.6, 3))
    }
    found["other"] = store_adapter("dddd0000", scratch=tmp_path, dataset=store_dataset("two"))
    history.promote(found["aaaa0000"], run="night-1", why="it is better: +0.1", rival="base", model_source="starter")
    history.promote(found["bbbb0000"], run="night-2", why="it is better: +0.4", rival="aaaa0000", model_source="starter")
    history.pass_over(found["cccc0000"], run="night-3", why="its gain may be chance")
    return found


def doctune(data_root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["adapters", "--data-root", str(data_root), *arguments])


def test_the_list_says_what_became_of_each_and_why(adapters: Adapters, data_root: Path) -> None:
    (data_root / adapters["aaaa0000"].path / "adapters.safetensors").unlink()
    shown = doctune(data_root)
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    heads = [line for line in lines if not line.startswith("    ")]
    assert [line[2:20].split() for line in heads] == [
        ["dddd0000", "kept"],
        ["aaaa0000", "removed"],
        ["bbbb0000", "current"],
        ["cccc0000", "kept"],
    ]
    assert [line[0] for line in heads] == [" ", " ", "*", " "]
    assert "model starter" in heads[2]
    assert "loss 6.1250 -> 5.6250" in heads[2]
    assert "promoted (night-2): it is better: +0.4" in lines[lines.index(heads[2]) + 1]
    assert "not promoted (night-3): its gain may be chance" in lines[-1]


def test_without_adapters_the_list_says_how_to_get_one(data_root: Path) -> None:
    shown = doctune(data_root)
    assert shown.exit_code == 0
    assert "no adapter yet" in shown.output


def test_two_are_compared_on_the_same_documents(adapters: Adapters, data_root: Path) -> None:
    shown = doctune(data_root, "compare", "aaaa", "bbbb")
    assert shown.exit_code == 0
    rows = [line.rsplit(maxsplit=2) for line in shown.output.splitlines()]
    assert ["setting epochs", "1.0", "3.0"] in rows
    assert ["documents held out", "4", "4"] in rows
    assert "bbbb0000 is better by +0.4000 (+0.4000 to +0.4000) nats per token" in shown.output
    assert shown.output.strip().endswith("beyond chance.")
    assert "worse by -0.4000" in doctune(data_root, "compare", "bbbb", "aaaa").output
    assert "other datasets or models" in doctune(data_root, "compare", "aaaa", "dddd").output


def test_the_user_promotes_and_rolls_back(adapters: Adapters, data_root: Path) -> None:
    assert doctune(data_root, "promote", "cccc").output == "cccc0000 is the current adapter now\n"
    assert doctune(data_root, "promote", "cccc").output == "cccc0000 is the current adapter already\n"
    current = history.current_adapter()
    assert current is not None
    assert current.digest == adapters["cccc0000"].digest
    shown = CliRunner().invoke(main, ["adapters", "rollback", "--data-root", str(data_root)])
    assert shown.output == "bbbb0000 is the current adapter again, in place of cccc0000\n"
    assert "aaaa0000" in doctune(data_root, "rollback").output
    refused = doctune(data_root, "rollback")
    assert refused.exit_code == 2
    assert "no earlier adapter" in refused.output


def test_clean_keeps_what_is_in_use_and_what_a_roll_back_needs(adapters: Adapters, data_root: Path) -> None:
    store_run()
    history.promote(adapters["cccc0000"], run="night-4", why="it is better")
    cleaned = CliRunner().invoke(main, ["clean", "--yes", "--data-root", str(data_root)])
    assert cleaned.exit_code == 0, cleaned.output
    assert sorted(path.name for path in (data_root / "adapters").iterdir() if list(path.glob("*")) or path.is_file()) == [
        *("bbbb0000", "cccc0000", "current.json", "history.jsonl"),
    ]
    assert "aaaa0000  removed" in doctune(data_root).output
    assert doctune(data_root, "rollback").exit_code == 0


@pytest.mark.parametrize("arguments", [("promote", "ffff"), ("compare", "aaaa", "ffff")])
def test_an_unknown_id_is_refused(adapters: Adapters, data_root: Path, arguments: tuple[str, ...]) -> None:
    refused = doctune(data_root, *arguments)
    assert refused.exit_code == 2
    assert "no adapter ffff" in refused.output


@pytest.mark.parametrize("name", sorted(main.commands["adapters"].commands))  # type: ignore[attr-defined]
def test_every_subcommand_has_an_example(name: str) -> None:
    assert f"doctune adapters {name}" in doctune(Path("data"), name, "--help").output
