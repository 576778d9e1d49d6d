"""The inventory: what counts as a document, what is hashed again, what becomes an alias."""

import os
from pathlib import Path

import pytest

from tasks.inventory.listing import list_documents
from tasks.inventory.settings import InventorySettings
from tasks.inventory.sources import SourceNotFound
from tasks.storage.parquet import read_rows

SETTINGS = InventorySettings()
LONG_AGO = 1_700_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    (folder / "deep" / "er").mkdir(parents=True)
    for number, name in enumerate(["b.txt", "a.md", "deep/c.pdf", "deep/er/d"]):
        path = folder / name
        path.write_text(f"content of {name}")
        os.utime(path, (LONG_AGO + number, LONG_AGO + number))
    return folder


def listed(folder: Path | str, **settings: object) -> list[dict]:
    return read_rows(list_documents([str(folder)], InventorySettings(**settings), 2).documents)


def test_files_come_in_arrival_order(folder: Path) -> None:
    rows = listed(folder)
    assert [Path(row["path"]).name for row in rows] == ["b.txt", "a.md", "c.pdf", "d"]
    assert [row["extension"] for row in rows] == ["txt", "md", "pdf", ""]


def test_a_copy_becomes_an_alias_of_the_older_file(folder: Path) -> None:
    copy = folder / "copy.txt"
    copy.write_bytes((folder / "b.txt").read_bytes())
    inventory = list_documents([str(folder)], SETTINGS, 2)
    rows = read_rows(inventory.documents)
    assert inventory.aliases == 1
    assert len(rows) == 4
    assert rows[0]["path"] == str(folder / "b.txt")
    assert rows[0]["aliases"] == [str(copy)]


def test_only_what_changed_is_hashed_again(folder: Path) -> None:
    assert list_documents([str(folder)], SETTINGS, 2).hashed == 4
    assert list_documents([str(folder)], SETTINGS, 2).hashed == 0
    (folder / "a.md").write_text("other content")
    os.utime(folder / "a.md", (LONG_AGO + 9, LONG_AGO + 9))
    assert list_documents([str(folder)], SETTINGS, 2).hashed == 1


def test_a_file_written_just_now_is_hashed_again_even_with_the_same_time_and_size(folder: Path) -> None:
    path = folder / "now.txt"
    path.write_text("first")
    before = {row["document_id"] for row in listed(folder)}
    times = path.stat()
    path.write_text("other")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert {row["document_id"] for row in listed(folder)} != before


def test_junk_and_hidden_files_are_passed_over_and_counted(folder: Path) -> None:
    for name in [".DS_Store", "~$a.docx", "Thumbs.db"]:
        (folder / name).write_text("junk")
    inventory = list_documents([str(folder)], SETTINGS, 2)
    assert inventory.documents.rows == 4
    assert inventory.passed_over == 3
    assert len(listed(folder, include_hidden=True)) == 5


def test_what_is_no_file_or_cannot_be_named_gets_its_row(folder: Path) -> None:
    (folder / "dangling").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe")
    odd = os.path.join(os.fsencode(folder), b"caf\xe9.txt")
    with open(odd, "w") as stream:
        stream.write("latin name")
    reasons = {Path(row["path"]).name: row["reason"] for row in listed(folder) if row["reason"]}
    assert reasons == {
        "dangling": "inventory.special_file",
        "pipe": "inventory.special_file",
        "caf\\xe9.txt": "inventory.unreadable",
    }


def test_links_to_folders_make_no_loops(folder: Path) -> None:
    (folder / "deep" / "loop").symlink_to(folder)
    assert len(listed(folder)) == 4


def test_files_and_patterns_are_sources_and_nothing_is_counted_twice(folder: Path) -> None:
    inventory = list_documents([str(folder / "*.md"), str(folder / "a.md"), str(folder)], SETTINGS, 2)
    assert inventory.documents.rows == 4
    assert inventory.aliases == 0


def test_a_source_that_is_not_there_is_refused_by_name(folder: Path) -> None:
    with pytest.raises(SourceNotFound, match="nothere"):
        list_documents([str(folder / "nothere")], SETTINGS, 2)


def test_the_data_root_inside_a_source_is_not_eaten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCTUNE_DATA_ROOT", str(folder / "data"))
    assert len(listed(folder)) == 4
    assert len(listed(folder)) == 4


def test_a_renamed_file_keeps_its_shard(folder: Path) -> None:
    before = list_documents([str(folder)], SETTINGS, 2)
    (folder / "b.txt").rename(folder / "renamed.txt")
    after = list_documents([str(folder)], SETTINGS, 2)
    assert before.shards == after.shards
    assert before.documents != after.documents


def test_a_folder_that_cannot_be_listed_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("er"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # the tests may run as root, whom no mode keeps out
    rows = {Path(row["path"]).name: row for row in listed(folder)}
    assert rows["er"]["reason"] == "inventory.unreadable"
    assert "cannot be listed" in rows["er"]["detail"]


def test_what_doctune_wrote_is_never_read_by_whatever_way(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCTUNE_DATA_ROOT", str(folder / "data"))
    (tmp_path / "link").symlink_to(folder)
    for source in (str(folder / "**"), str(tmp_path / "link"), str(folder / "data" / "inventory")):
        list_documents([source], SETTINGS, 2)
        names = {row["path"] for row in read_rows(list_documents([source], SETTINGS, 2).documents)}
        assert not [name for name in names if f"{os.sep}inventory{os.sep}" in name]


def test_the_data_root_itself_is_refused_as_a_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCTUNE_DATA_ROOT", str(folder))
    with pytest.raises(SourceNotFound, match="data root itself"):
        list_documents([str(folder)], SETTINGS, 2)


def test_a_damaged_memo_is_made_again(folder: Path, data_root: Path) -> None:
    assert list_documents([str(folder)], SETTINGS, 2).hashed == 4
    memo = data_root / "inventory" / "hashes.parquet"
    memo.write_bytes(memo.read_bytes()[:100])
    assert list_documents([str(folder)], SETTINGS, 2).hashed == 4
    assert list_documents([str(folder)], SETTINGS, 2).hashed == 0
