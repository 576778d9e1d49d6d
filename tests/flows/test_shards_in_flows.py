"""Shards under a real Prefect server: early ends, caching, and one failure that loses nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prefect import flow

from flows.run import ShardsFailed, open_run
from flows.settings import CurationSettings, RuntimeSettings
from flows.shard import ShardOutputs
from tasks.finetuning.models import resolve_model
from tasks.inventory.listing import Inventory, list_documents
from tasks.inventory.settings import InventorySettings
from tasks.quality.judging import load_judging
from tasks.storage.parquet import write_table
from tasks.storage.schemas import METRICS
from tasks.storage.stage import LISTENERS, StageEvent

pytestmark = pytest.mark.usefixtures("prefect")

TEXT = (
    "The inspection of the bridge took two days. Nothing was found that would need a repair before the winter, and the team "
    "agreed to come back in April with the new gauge, which measures twice as fast and weighs half as much as the old one.\n"
)


def write(folder: Path, **texts: str | bytes) -> Path:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@flow
def work(inventory: Inventory, root: str) -> list[ShardOutputs]:
    with open_run("test", root, RuntimeSettings(workers=1, shards_in_flight=2)) as run:
        return run.process_shards(inventory, CurationSettings(), resolve_model("starter", False), load_judging(), None)


@contextmanager
def heard() -> Iterator[set[str]]:
    """The stages that worked in the block; what comes from the cache is not heard."""
    stages: set[str] = set()

    def hear(event: StageEvent) -> None:
        stages.add(event.stage)

    LISTENERS.append(hear)
    try:
        yield stages
    finally:
        LISTENERS.remove(hear)


def listed(folder: Path) -> Inventory:
    return list_documents([str(folder)], InventorySettings(), 1)


def test_a_shard_without_survivors_ends_where_the_last_document_fell(tmp_path: Path, data_root: Path) -> None:
    folder = write(tmp_path / "in", a_mp3=b"ID3\x03\0" + bytes(64), b_txt="")
    with heard() as stages:
        (outputs,) = work(listed(folder), str(data_root))
    assert list(outputs.outputs) == ["detection"]
    assert stages == {"detection"}
    assert outputs.survivors() == 0


def test_a_second_run_computes_nothing_and_another_root_all_of_it(tmp_path: Path, data_root: Path) -> None:
    inventory = listed(write(tmp_path / "in", a_md=TEXT, b_txt="too short"))
    with heard() as stages:
        (outputs,) = work(inventory, str(data_root))
    assert outputs.survivors() == 1
    assert stages >= {"detection", "extraction", "quality-gates", "dataset-chunks"}
    with heard() as again:
        assert work(inventory, str(data_root)) == [outputs]
    assert again == set()
    assert (data_root / ".prefect-results" / "shard").is_dir()


def test_a_failed_shard_costs_no_other_shard_its_work(tmp_path: Path, data_root: Path) -> None:
    inventory = listed(write(tmp_path / "in", a_md=TEXT))
    broken = write_table("inventory/shards/broken.parquet", [], METRICS)  # columns that no stage can read
    with heard() as stages, pytest.raises(ShardsFailed, match="1 of 2 shards failed"):
        work(inventory.model_copy(update={"shards": [broken, *inventory.shards]}), str(data_root))
    assert "dataset-chunks" in stages
    with heard() as again:
        (outputs,) = work(inventory, str(data_root))
    assert outputs.survivors() == 1
    assert again == set()
