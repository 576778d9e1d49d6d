"""The inventory itself: files, then documents in arrival order, byte-identical copies folded into one, and their shards."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.inventory.hashing import hash_files
from tasks.inventory.settings import InventorySettings
from tasks.inventory.shards import ShardDocument, plan_shards
from tasks.inventory.sources import find_files, is_passed_over, printable
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.reasons import OPENED
from tasks.storage.root import data_root, is_local
from tasks.storage.schemas import FILES, INVENTORY, MEMBER_MARK, SHARD
from tasks.storage.stage import digest_of


@dataclass(frozen=True)
class Listing:
    """The files of the sources, before any is opened.

    files: FILES rows. passed_over: files and folders that the settings ignore by name. hashed: files that were read to be
    hashed. sources: absolute paths or patterns.
    """

    files: ParquetRef
    passed_over: int
    hashed: int
    sources: list[str]


class Inventory(BaseModel):
    """What the sources hold.

    documents: INVENTORY rows. shards: SHARD rows, in arrival order. aliases: byte-identical copies of documents. containers:
    archives whose members are documents; none themselves. members: files that came out of archives and mails.
    passed_over: files that the settings ignore by name. hashed: files that were read to be hashed. sources: absolute paths or
    patterns.
    """

    model_config = ConfigDict(frozen=True)

    documents: ParquetRef
    shards: list[ParquetRef]
    aliases: int
    containers: int
    members: int
    passed_over: int
    hashed: int
    sources: list[str]

    def cache_identity(self) -> list[Any]:
        """The documents' content and nothing of where or when they were found."""
        return [shard.cache_identity() for shard in self.shards]


def list_files(sources: Sequence[str], settings: InventorySettings, threads: int) -> Listing:
    """Walk the sources and hash what changed.

    threads: files hashed at once. Raises SourceNotFound before anything is read.
    """
    root = Path(data_root()) if is_local() else None
    found, passed_over = find_files(sources, settings.ignore, settings.include_hidden, root)
    hashes, unreadable, hashed = hash_files([file for file in found if file.problem is None], threads)
    unread = {file.path: file for file in unreadable}
    rows = []
    for file in sorted(found, key=lambda each: each.path):
        told = unread.get(file.path, file)
        rows.append(
            {
                "path": printable(file.path),
                "location": printable(file.path),
                "bytes": file.bytes,
                "modified_ns": file.modified_ns,
                "sha256": hashes.get(file.path),
                "reason": told.problem,
                "detail": told.detail,
            }
        )
    named = [os.path.abspath(os.path.expanduser(source)) for source in sources]
    return Listing(write_table(f"inventory/files/{digest_of(rows)[:32]}.parquet", rows, FILES), passed_over, hashed, named)


def fold_files(listing: Listing, files: ParquetRef, settings: InventorySettings) -> Inventory:
    """Documents and shards of the files, and of the members of containers that `files` has on top of the listing."""
    copies: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    passed_over = listing.passed_over
    for row in read_rows(files):
        is_member = row["location"] != row["path"]  # the mark alone does not say so: a folder may be called "new!"
        names = PurePosixPath(row["path"].partition(MEMBER_MARK)[2]).parts if is_member else ()
        if any(is_passed_over(name.removesuffix("!"), settings.ignore, settings.include_hidden) for name in names):
            passed_over += 1
            continue
        unread = hashlib.sha256(f"unreadable:{row['path']}".encode()).hexdigest()
        copies[row["sha256"] or unread].append(row)
    rows = sorted((_row(document_id, found) for document_id, found in copies.items()), key=_arrival)
    documents = [
        ShardDocument(row["document_id"], row["path"], row["modified_ns"], row["bytes"], row["extension"])
        for row in rows
        if row["reason"] is None
    ]
    return Inventory(
        # Named by all that is in it, places too: else another table would take the place of one that an earlier run refers to.
        documents=write_table(f"inventory/{digest_of(rows)[:32]}.parquet", rows, INVENTORY),
        shards=[_write_shard(shard) for shard in plan_shards(documents)],
        aliases=sum(len(row["aliases"]) for row in rows if row["reason"] != OPENED),
        containers=sum(row["reason"] == OPENED for row in rows),
        members=files.rows - listing.files.rows,
        passed_over=passed_over,
        hashed=listing.hashed,
        sources=listing.sources,
    )


def list_documents(sources: Sequence[str], settings: InventorySettings, threads: int) -> Inventory:
    """The documents of the sources with all containers left closed. Raises SourceNotFound before anything is read."""
    listing = list_files(sources, settings, threads)
    return fold_files(listing, listing.files, settings)


def _arrival(row: dict[str, Any]) -> tuple[int, str]:
    return (row["modified_ns"], row["path"])


def _row(document_id: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    first, *copies = sorted(files, key=_arrival)
    return {
        "document_id": document_id,
        "path": first["path"],
        "aliases": [copy["path"] for copy in copies],
        "locations": [file["location"] for file in (first, *copies)],
        "extension": PurePosixPath(first["path"]).suffix.lower().lstrip("."),
        "bytes": first["bytes"],
        "modified_ns": first["modified_ns"],
        "reason": first["reason"],
        "detail": first["detail"],
    }


def _write_shard(shard: Sequence[ShardDocument]) -> ParquetRef:
    rows = [
        {"document_id": document.document_id, "extension": document.extension, "bytes": document.bytes}
        for document in sorted(shard, key=lambda document: document.document_id)
    ]
    return write_table(f"inventory/shards/{digest_of(rows)[:32]}.parquet", rows, SHARD)
