"""A folder that is hard to walk: links in circles and out of it, a pipe, a socket, names that no one types."""

from pathlib import Path

from tasks.inventory.listing import list_documents
from tasks.inventory.settings import InventorySettings
from tasks.storage.parquet import read_rows
from tests.hostile import make_hostile_tree


def test_a_hostile_tree_is_walked_once(tmp_path: Path) -> None:
    good = make_hostile_tree(tmp_path / "documents")
    rows = read_rows(list_documents([str(good.parent)], InventorySettings(), 2).documents)
    paths = [row["path"] for row in rows]
    assert paths.count(str(good)) == 1
    assert not [path for path in paths if "circle" in path or "parent" in path]
    special = [row["reason"] for row in rows if row["path"].endswith(("pipe.txt", "socket.txt", "self.txt", "nothing.txt"))]
    assert special == ["inventory.special_file"] * 4
    aliases = [alias for row in rows for alias in row["aliases"]]
    assert len(aliases) + len(rows) == len(set(aliases) | set(paths))
