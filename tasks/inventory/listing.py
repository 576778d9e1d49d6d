"""The inventory itself: documents in arrival order, byte-identical copies folded into one, and the shards they make."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.inventory.hashing import hash_files
from tasks.inventory.settings import InventorySettings
from tasks.inventory.shards import ShardDocument, plan_shards
from tasks.inventory.sources import FoundFile, find_files, printable
from tasks.storage.parquet import ParquetRef, write_table
from tasks.storage.root import data_root, is_local
from tasks.storage.schemas import INVENTORY, SHARD
from tasks.storage.stage import digest_of


class Inventory(BaseModel):
    """What the sources hold.

    documents: INVENTORY rows. shards: SHARD rows, in arrival order. aliases: byte-identical copies. passed_over: files that
    the settings ignore by name. hashed: files that were read to be hashed. sources: absolute paths or patterns.
    """

    model_config = ConfigDict(frozen=True)

    documents: ParquetRef
    shards: list[ParquetRef]
    aliases: int
    passed_over: int
    hashed: int
    sources: list[str]

    def cache_identity(self) -> list[Any]:
        """The documents' content and nothing of where or when they were found."""
        return [shard.cache_identity() for shard in self.shards]


def list_documents(sources: Sequence[str], settings: InventorySettings, threads: int) -> Inventory:
    """Walk the sources, hash what changed, fold copies, cut shards.

    threads: files hashed at once. Raises SourceNotFound before anything is read.
    """
    root = Path(data_root()) if is_local() else None
    found, passed_over = find_files(sources, settings.ignore, settings.include_hidden, root)
    readable = [file for file in found if file.problem is None]
    hashes, unreadable, hashed = hash_files(readable, threads)
    copies: defaultdict[str, list[FoundFile]] = defaultdict(list)
    for file in [file for file in found if file.problem] + unreadable:
        copies[hashlib.sha256(f"unreadable:{file.path}".encode(errors="surrogateescape")).hexdigest()].append(file)
    for file in readable:
        if file.path in hashes:
            copies[hashes[file.path]].append(file)
    rows = sorted((_row(document_id, files) for document_id, files in copies.items()), key=_arrival)
    documents = [
        ShardDocument(row["document_id"], row["path"], row["modified_ns"], row["bytes"], row["extension"])
        for row in rows
        if row["reason"] is None
    ]
    digest = digest_of([[row["document_id"], row["path"], row["aliases"], row["modified_ns"], row["reason"]] for row in rows])
    return Inventory(
        documents=write_table(f"inventory/{digest[:32]}.parquet", rows, INVENTORY),
        shards=[_write_shard(shard) for shard in plan_shards(documents)],
        aliases=sum(len(row["aliases"]) for row in rows),
        passed_over=passed_over,
        hashed=hashed,
        sources=[os.path.abspath(os.path.expanduser(source)) for source in sources],
    )


def _arrival(row: dict[str, Any]) -> tuple[int, str]:
    return (row["modified_ns"], row["path"])


def _row(document_id: str, files: list[FoundFile]) -> dict[str, Any]:
    first, *copies = sorted(files, key=lambda file: (file.modified_ns, file.path))
    return {
        "document_id": document_id,
        "path": printable(first.path),
        "aliases": [printable(copy.path) for copy in copies],
        "extension": Path(first.path).suffix.lower().lstrip("."),
        "bytes": first.bytes,
        "modified_ns": first.modified_ns,
        "reason": first.problem,
        "detail": first.detail,
    }


def _write_shard(shard: Sequence[ShardDocument]) -> ParquetRef:
    rows = [
        {"document_id": document.document_id, "extension": document.extension, "bytes": document.bytes}
        for document in sorted(shard, key=lambda document: document.document_id)
    ]
    return write_table(f"inventory/shards/{digest_of(rows)[:32]}.parquet", rows, SHARD)
