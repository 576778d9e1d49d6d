"""sha256 of files, computed again only for what changed since the last time."""

import hashlib
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyarrow as pa

from tasks.inventory.sources import FoundFile
from tasks.storage.parquet import read_memo, write_table

MEMO_PATH = "inventory/hashes.parquet"
# A file written twice within the clock's grain keeps size and time with other bytes; git calls such an entry racy.
RACY_SECONDS = 2.0

_MEMO = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("modified_ns", pa.int64(), nullable=False),
        pa.field("inode", pa.int64(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
    ]
)
_Identity = tuple[str, int, int, int]  # path, size, modification time, inode: unchanged means the same bytes


def _identity(file: FoundFile) -> _Identity:
    return (file.path, file.bytes, file.modified_ns, file.inode)


def sha256_of(path: str) -> str:
    """sha256 of a file's bytes, hex. Raises OSError."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_files(files: Iterable[FoundFile], threads: int) -> tuple[dict[str, str], list[FoundFile], int]:
    """Hash all files that can be read: (path -> sha256, files that could not be read with their problem, files hashed anew).

    What did not change by size, modification time and inode is taken from the memo below the data root.
    """
    memo = _read_memo()
    known: dict[str, str] = {}
    fresh: list[FoundFile] = []
    for file in files:
        digest = memo.get(_identity(file))
        if digest is None:
            fresh.append(file)
        else:
            known[file.path] = digest
    failed: list[FoundFile] = []
    hashed: dict[_Identity, str] = {}
    racy_after = time.time_ns() - int(RACY_SECONDS * 1e9)
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:  # hashlib releases the interpreter lock
        for file, outcome in zip(fresh, pool.map(_try_hash, fresh), strict=True):
            if isinstance(outcome, OSError):
                detail = outcome.strerror or str(outcome)
                failed.append(replace(file, problem="inventory.unreadable", detail=detail))
                continue
            known[file.path] = outcome
            if file.modified_ns < racy_after:
                hashed[_identity(file)] = outcome
    if hashed:
        _write_memo(memo | hashed)
    return known, failed, len(fresh) - len(failed)


def _try_hash(file: FoundFile) -> str | OSError:
    try:
        return sha256_of(file.path)
    except OSError as error:
        return error


def _read_memo() -> dict[_Identity, str]:
    rows = read_memo(MEMO_PATH, _MEMO.names)
    return {(row["path"], row["bytes"], row["modified_ns"], row["inode"]): row["sha256"] for row in rows}


def _write_memo(memo: Mapping[_Identity, str]) -> None:
    rows = [dict(zip(_MEMO.names, (*identity, digest), strict=True)) for identity, digest in sorted(memo.items())]
    write_table(MEMO_PATH, rows, _MEMO)
