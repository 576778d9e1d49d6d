"""Archives made to do harm: each ends with a typed reason, in bounded room, and nothing is written anywhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.inventory.listing import list_files
from tasks.inventory.settings import InventorySettings
from tasks.runtime.pool import WorkerPool, use_pool
from tasks.storage.parquet import read_rows
from tasks.storage.reasons import REASONS
from tasks.storage.root import find_files, use_data_root
from tasks.unpacking.settings import UnpackingSettings
from tasks.unpacking.unpack import unpack_files
from tests.hostile import make_hostile_archives
from tests.hostile_files.archives import make_archives

MEGABYTE = 1 << 20
# As the defaults but smaller, so that what is refused is refused soon.
SETTINGS = UnpackingSettings(
    max_members=200, max_unpacked_bytes=4 * MEGABYTE, ratio_from_bytes=MEGABYTE, max_depth=3, timeout_seconds=60.0
)
UNFORESEEN = {"unpacking.error", "unpacking.crashed", "unpacking.timeout", "unpacking.out_of_memory", "unpacking.source_changed"}
NAMES = [file.name for file, _ in make_archives() if not file.heavy]


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(workers=1, memory_mib=1024) as pool, use_pool(pool):
        yield pool


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "in"
    make_hostile_archives(folder, heavy=False)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_archive_ends_typed_and_bounded(name: str, archives: Path, tmp_path: Path) -> None:
    root = tmp_path / "a" / "b" / "root"
    use_data_root(root)
    rows = read_rows(unpack_files(list_files([str(archives / name)], InventorySettings(), 1).files, SETTINGS))
    reasons = {row["reason"] for row in rows if row["reason"] is not None}
    assert reasons <= REASONS.keys() - UNFORESEEN
    assert sum(find_files("unpacked").values()) <= SETTINGS.max_unpacked_bytes + 2 * MEGABYTE  # and the memo
    assert len(rows) <= SETTINGS.max_members + 1
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(root)]
    assert outside == []
    assert not [path for path in root.rglob("*") if "evil" in path.name or path.is_symlink()]
    assert all(
        "\0" not in row["path"] and "\n" not in row["path"] and "/../" not in row["path"].partition("!/")[2] for row in rows
    )
