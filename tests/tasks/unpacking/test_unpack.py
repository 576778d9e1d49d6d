"""Containers among the files: what comes out of them, what is refused, and that nothing is opened twice."""

import base64
import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.inventory.listing import fold_files, list_files
from tasks.inventory.settings import InventorySettings
from tasks.runtime.pool import WorkerPool, use_pool
from tasks.storage.parquet import read_rows
from tasks.storage.root import find_files, local_copy
from tasks.unpacking.members import display_name, distinct
from tasks.unpacking.settings import UnpackingSettings
from tasks.unpacking.unpack import NotOpenedYet, unpack_files

MEGABYTE = 1 << 20
# Made by `bsdtar --format 7zip --options compression=store`: no package of the tests writes this format.
SEVEN_ZIP = (
    "N3q8ryccAAOTsKvQBwAAAAAAAABgAAAAAAAAAAZidG1hIG5vdGUKAQQGAAEJBwAHCwEAAQEADAcACAoBEAXhWQAABQEREwBuAG8AdABlAC4AdAB4AHQAAAAU"
    "CgEAAIA+1d6xnQESCgEA3ytahwZ83QETCgEAAIA+1d6xnQEVBgEAIICkgQAA"
)


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(workers=1, memory_mib=1024) as pool, use_pool(pool):
        yield pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


def tarred(*members: tarfile.TarInfo, content: bytes = b"text") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def a_mail(*attachments: tuple[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = "a@example.org", "b@example.org", "Hello", "<1@example.org>"
    mail.set_content("See what is attached.")
    for name, content in attachments:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def unpacked(folder: Path, **settings: object) -> dict[str, dict]:
    """The files by their path below the folder, the text of what can be read under "text"."""
    listing = list_files([str(folder)], InventorySettings(), 1)
    rows = read_rows(unpack_files(listing.files, UnpackingSettings(**settings)))
    found = {}
    for row in rows:
        if row["sha256"]:
            with local_copy(row["location"]) as path:
                row["text"] = path.read_bytes()
        found[row["path"].removeprefix(f"{folder}/")] = row
    return found


def test_members_become_files_with_their_archive_in_the_path(folder: Path) -> None:
    (folder / "a.zip").write_bytes(zipped(one_txt=b"one", deep__two_md=b"two"))
    (folder / "plain.txt").write_bytes(b"plain")
    found = unpacked(folder)
    assert set(found) == {"a.zip", "a.zip!/one.txt", "a.zip!/deep/two.md", "plain.txt"}
    assert (found["a.zip"]["reason"], found["a.zip"]["detail"]) == ("unpacking.opened", "2 members")
    assert found["a.zip!/deep/two.md"]["text"] == b"two"
    assert found["a.zip!/deep/two.md"]["modified_ns"] == found["a.zip"]["modified_ns"]


@pytest.mark.parametrize(("pack", "suffix"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")])
def test_compressed_files_and_compressed_archives(folder: Path, pack: object, suffix: str) -> None:
    (folder / f"notes.txt.{suffix}").write_bytes(pack(b"notes"))  # type: ignore[operator]
    (folder / f"all.tar.{suffix}").write_bytes(pack(tarred(tarfile.TarInfo("x/y.txt"))))  # type: ignore[operator]
    found = unpacked(folder)
    assert found[f"notes.txt.{suffix}!/notes.txt"]["text"] == b"notes"
    assert found[f"all.tar.{suffix}!/x/y.txt"]["text"] == b"text"


def test_archives_inside_archives_up_to_the_depth(folder: Path) -> None:
    inner = zipped(deep_txt=b"deep")
    (folder / "a.zip").write_bytes(zipped(b_zip=zipped(c_zip=zipped(d_zip=inner))))
    found = unpacked(folder, max_depth=3)
    assert found["a.zip!/b.zip!/c.zip"]["reason"] == "unpacking.opened"
    assert found["a.zip!/b.zip!/c.zip!/d.zip"]["reason"] == "unpacking.archive_bomb"
    assert not any(name.endswith("deep.txt") for name in found)
    assert "a.zip!/b.zip!/c.zip!/d.zip!/deep.txt" in unpacked(folder, max_depth=4)


def test_documents_that_are_zip_archives_stay_closed(folder: Path) -> None:
    (folder / "a.docx").write_bytes(zipped(customXml__item1_xml=b"<x/>", word__document_xml=b"<x/>") + b"")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("customXml/item1.xml", "<x/>")
        archive.writestr("[Content_Types].xml", "<x/>")
    (folder / "b.docx").write_bytes(buffer.getvalue())
    assert [name for name in unpacked(folder) if name.startswith("b.docx")] == ["b.docx"]


@pytest.mark.parametrize(
    ("limits", "content"),
    [
        ({"max_members": 2}, zipped(a=b"1", b=b"2", c=b"3")),
        ({"max_unpacked_bytes": MEGABYTE}, zipped(a=bytes(2 * MEGABYTE))),
        ({"max_ratio": 10.0, "ratio_from_bytes": 1000}, zipped(a=bytes(MEGABYTE))),
        ({"max_unpacked_bytes": MEGABYTE}, zipped(a_zip=zipped(b=bytes(MEGABYTE)), c_zip=zipped(d=bytes(MEGABYTE)))),
    ],
    ids=["members", "bytes", "ratio", "bytes of archives inside"],
)
def test_bombs_are_refused_and_leave_nothing(folder: Path, limits: dict[str, float], content: bytes) -> None:
    (folder / "bomb.zip").write_bytes(content)
    found = unpacked(folder, **limits)
    assert "unpacking.archive_bomb" in {row["reason"] for row in found.values()}
    assert sum(found[name]["bytes"] for name in found if "!/" in name) <= MEGABYTE + len(content)
    there = {path for path in find_files("unpacked") if path != "unpacked/containers.parquet"}
    assert there == {row["location"] for name, row in found.items() if "!/" in name}


def test_names_lead_nowhere_and_links_are_refused(folder: Path) -> None:
    link, device = tarfile.TarInfo("link"), tarfile.TarInfo("device")
    link.type, link.linkname, device.type = tarfile.SYMTYPE, "/etc/passwd", tarfile.CHRTYPE
    (folder / "a.tar").write_bytes(tarred(tarfile.TarInfo("../../up.txt"), tarfile.TarInfo("/abs.txt"), link, device))
    found = unpacked(folder)
    assert set(found) == {"a.tar", "a.tar!/__/__/up.txt", "a.tar!/abs.txt", "a.tar!/link", "a.tar!/device"}
    assert found["a.tar!/link"]["reason"] == found["a.tar!/device"]["reason"] == "unpacking.special_member"
    assert all(row["location"].startswith("unpacked/") for name, row in found.items() if row["sha256"] and "!/" in name)


def test_damage_is_told_and_what_came_before_it_is_kept(folder: Path) -> None:
    text = random.Random(0).randbytes(MEGABYTE)
    packed = gzip.compress(tarred(tarfile.TarInfo("a.txt"), tarfile.TarInfo("b.txt"), content=text))
    (folder / "cut.tar.gz").write_bytes(packed[: len(packed) * 3 // 4])
    (folder / "noise.zip").write_bytes(b"PK\x03\x04" + bytes(range(256)))
    found = unpacked(folder)
    assert found["cut.tar.gz"]["reason"] == found["noise.zip"]["reason"] == "unpacking.corrupt"
    assert found["cut.tar.gz!/a.txt"]["text"] == text


def test_a_damaged_member_harms_no_other(folder: Path) -> None:
    content = bytearray(zipped(a_txt=b"first " * 50, b_txt=b"second " * 50))
    start = content.find(b"a.txt") + 5
    content[start + 4 : start + 8] = b"\xff\xff\xff\xff"
    (folder / "a.zip").write_bytes(content)
    found = unpacked(folder)
    assert found["a.zip!/a.txt"]["reason"] == "unpacking.corrupt"
    assert found["a.zip!/b.txt"]["text"] == b"second " * 50


def test_attachments_are_documents_beside_their_mail(folder: Path) -> None:
    (folder / "mail.eml").write_bytes(a_mail(("report.txt", b"report"), ("all.zip", zipped(x_txt=b"x"))))
    (folder / "plain.eml").write_bytes(a_mail())
    found = unpacked(folder)
    assert found["mail.eml"]["reason"] is None
    assert found["mail.eml!/report.txt"]["text"] == b"report"
    assert found["mail.eml!/all.zip!/x.txt"]["text"] == b"x"
    assert [name for name in found if name.startswith("plain.eml")] == ["plain.eml"]
    assert set(unpacked(folder, attachments=False)) == {"mail.eml", "plain.eml"}


def test_attachments_of_a_mailbox_stand_below_the_number_of_their_mail(folder: Path) -> None:
    mails = [a_mail(), a_mail(("same.txt", b"one")), a_mail(("same.txt", b"two"), ("same.txt", b"three"))]
    (folder / "all.mbox").write_bytes(b"".join(b"From a@example.org Mon Jan  1 00:00:00 2024\n" + mail + b"\n" for mail in mails))
    found = unpacked(folder)
    texts = {name.partition("!/")[2]: row["text"] for name, row in found.items() if "!/" in name}
    assert texts == {"00002/same.txt": b"one", "00003/same.txt": b"two", "00003/same~2.txt": b"three"}


def test_nothing_is_opened_twice(folder: Path) -> None:
    (folder / "a.zip").write_bytes(zipped(one_txt=b"one"))
    listing = list_files([str(folder)], InventorySettings(), 1)
    with pytest.raises(NotOpenedYet):
        unpack_files(listing.files, UnpackingSettings(), only_known=True)
    first = unpack_files(listing.files, UnpackingSettings())
    assert unpack_files(listing.files, UnpackingSettings(), only_known=True) == first


def test_a_member_that_is_gone_is_taken_out_again(folder: Path, data_root: Path) -> None:
    (folder / "a.zip").write_bytes(zipped(one_txt=b"one"))
    location = unpacked(folder)["a.zip!/one.txt"]["location"]
    (data_root / location).unlink()
    assert unpacked(folder)["a.zip!/one.txt"]["text"] == b"one"


def test_copies_fold_over_the_walls_of_archives(folder: Path) -> None:
    (folder / "a.zip").write_bytes(zipped(one_txt=b"the same", Thumbs_db=b"x", __hidden=b"y", __MACOSX__one_txt=b"z"))
    (folder / "b.txt").write_bytes(b"the same")
    settings = InventorySettings()
    listing = list_files([str(folder)], settings, 1)
    inventory = fold_files(listing, unpack_files(listing.files, UnpackingSettings()), settings)
    rows = [row for row in read_rows(inventory.documents) if row["reason"] is None]
    folded = next(row for row in rows if row["aliases"])
    assert {folded["path"], *folded["aliases"]} == {f"{folder}/a.zip!/one.txt", f"{folder}/b.txt"}
    assert len(folded["locations"]) == 2
    assert (inventory.aliases, inventory.containers) == (1, 1)
    assert sum(shard.rows for shard in inventory.shards) == len(rows)


def test_a_7z_archive_is_opened_or_says_what_is_missing(folder: Path) -> None:
    (folder / "a.7z").write_bytes(base64.b64decode(SEVEN_ZIP))
    found = unpacked(folder)
    if found["a.7z"]["reason"] == "unpacking.missing_extra":  # the package, or the library of the system
        assert "doctune[archives]" in found["a.7z"]["detail"]
    else:
        assert {name: row["text"] for name, row in found.items() if "!/" in name} == {"a.7z!/note.txt": b"a note\n"}


@given(st.text(max_size=300))
def test_a_displayed_name_never_leads_out(name: str) -> None:
    shown = display_name(name)
    assert shown
    assert not shown.startswith("/")
    assert ".." not in shown.split("/")
    assert shown.isprintable() or any(character.isspace() or ord(character) > 127 for character in shown)


@given(st.lists(st.sampled_from(["a.txt", "a~2.txt", "b", "c/a.txt"]), max_size=12))
def test_distinct_names_are_distinct(names: list[str]) -> None:
    assert len(set(distinct(names))) == len(names)
