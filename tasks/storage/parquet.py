"""References to Parquet files, and the only functions that read and write them.

A reference is what travels between tasks. Loading one checks that its file is there and has its size: a cached result whose
file is gone or cut off does not validate, Prefect takes that as a cache miss, and only that task runs again.
"""

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, model_validator

from tasks.storage.root import atomic_output, data_root, local_path, open_input, size_of, use_data_root
from tasks.storage.schemas import schema_fingerprint

COMPRESSION = "zstd"
ROW_GROUP_ROWS = 1024  # small enough that a reader of one column of texts stays in tens of MiB


class ParquetRef(BaseModel):
    """Where a dataset is and what it is; compares equal when the content is the same.

    path: relative to the data root. rows: number of rows. bytes: file size. sha256: of the file, hex.
    schema_fingerprint: of its columns (tasks/storage/schemas.py).
    """

    model_config = ConfigDict(frozen=True)

    path: str
    rows: int
    bytes: int
    sha256: str
    schema_fingerprint: str

    @model_validator(mode="after")
    def _file_is_whole(self) -> "ParquetRef":
        size = size_of(self.path)
        if size != self.bytes:
            found = "is missing" if size is None else f"has {size} bytes"
            raise ValueError(f"{self.path} {found}, expected {self.bytes} bytes")
        return self

    def cache_identity(self) -> list[str]:
        """What of this reference counts in a cache key: the content, not the place."""
        return [self.sha256, self.schema_fingerprint]


class _HashingWriter:
    """A binary stream that passes bytes on and digests them, so that a file need not be read again for its digest."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.bytes = 0
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._digest.update(view)
        self._stream.write(view)
        self.bytes += view.nbytes
        return view.nbytes

    def flush(self) -> None:
        self._stream.flush()

    def tell(self) -> int:
        return self.bytes

    def close(self) -> None:
        self.closed = True

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def write_table(path: str, data: pa.Table | Sequence[Mapping[str, Any]], schema: pa.Schema) -> ParquetRef:
    """Write rows or a table under a path relative to the data root, atomically, with exactly the columns of `schema`.

    Raises pyarrow.ArrowInvalid or ArrowTypeError when a value does not fit its column, ValueError for a null in a column that
    has none.
    """
    table = data if isinstance(data, pa.Table) else pa.Table.from_pylist([dict(row) for row in data], schema=schema)
    return write_batches(path, table.cast(schema).to_batches(max_chunksize=ROW_GROUP_ROWS), schema)


def write_batches(path: str, batches: Iterator[pa.RecordBatch] | Sequence[pa.RecordBatch], schema: pa.Schema) -> ParquetRef:
    """Like `write_table`, from record batches that are written as they come, so that memory stays flat."""
    rows = 0
    with atomic_output(path) as stream:
        hashing = _HashingWriter(stream)
        with pq.ParquetWriter(pa.PythonFile(hashing, mode="w"), schema, compression=COMPRESSION) as writer:
            for batch in batches:
                _refuse_nulls(path, batch)
                writer.write_batch(batch, row_group_size=ROW_GROUP_ROWS)
                rows += batch.num_rows
    return ParquetRef(
        path=path,
        rows=rows,
        bytes=hashing.bytes,
        sha256=hashing.sha256,
        schema_fingerprint=schema_fingerprint(schema),
    )


def _refuse_nulls(path: str, batch: pa.RecordBatch) -> None:
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if not field.nullable and column.null_count:
            raise ValueError(f"{path}: column {field.name} has {column.null_count} nulls and must have none")


def _open(source: ParquetRef | str) -> Any:
    path = source.path if isinstance(source, ParquetRef) else source
    local = local_path(path)
    # Arrow's own file where there is one: its threads may still hold a Python file when the interpreter ends, and abort it.
    return open_input(path) if local is None else pa.OSFile(local, "rb")


def read_table(source: ParquetRef | str, columns: Sequence[str] | None = None, filters: Any = None) -> pa.Table:
    """Read a dataset, only `columns` of it (all when None), only the rows that `filters` (a pyarrow expression) keeps."""
    with _open(source) as stream:
        return pq.read_table(stream, pre_buffer=False, columns=list(columns) if columns is not None else None, filters=filters)


def read_rows(source: ParquetRef | str, columns: Sequence[str] | None = None, filters: Any = None) -> list[dict[str, Any]]:
    """Like `read_table`, as dictionaries; a map column comes as a dictionary too."""
    rows: list[dict[str, Any]] = read_table(source, columns, filters).to_pylist(maps_as_pydicts="strict")
    return rows


def read_memo(path: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a file that only spares work and can be made again: none when it is missing or damaged."""
    if size_of(path) is None:
        return []
    try:
        return read_rows(path, columns)
    except (pa.ArrowException, OSError, KeyError, ValueError):  # whatever a damaged file makes the reader say
        return []


def read_alive(source: ParquetRef | str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows that go on to the next stage: those whose reason is null."""
    return read_rows(source, columns, filters=pc.field("reason").is_null())


@dataclass(frozen=True)
class TextAt:
    """Where the text of one document part stands, so that a worker reads it itself and it passes through no other process.

    root: the data root. path: of the dataset, relative to it. sha256: of its file, so that no other content of that name is
    taken for it. group, row: row group of the file, and row within that.
    """

    root: str
    path: str
    sha256: str
    group: int
    row: int

    def read(self) -> str:
        """The text. Raises FileNotFoundError."""
        text: str = _texts_of(self.root, self.path, self.sha256, self.group)[self.row].as_py()
        return text


@functools.lru_cache(maxsize=1)  # neighbours stand in one row group and are mostly read one after the other
def _texts_of(root: str, path: str, _sha256: str, group: int) -> pa.ChunkedArray:
    use_data_root(root)
    with _open(path) as stream:
        return pq.ParquetFile(stream, pre_buffer=False).read_row_group(group, columns=["text"])["text"]


def locate_alive(source: ParquetRef, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Like `read_alive`, with the place of each row's text (TextAt) under "text". The texts themselves are not read."""
    with _open(source) as stream:
        file = pq.ParquetFile(stream, pre_buffer=False)
        rows: list[dict[str, Any]] = file.read(columns=[*columns, "reason"]).to_pylist(maps_as_pydicts="strict")
        sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    root = data_root()
    places = (TextAt(root, source.path, source.sha256, group, row) for group, size in enumerate(sizes) for row in range(size))
    return [row | {"text": place} for row, place in zip(rows, places, strict=True) if row.pop("reason") is None]


def iterate_batches(source: ParquetRef | str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Read a dataset batch by batch, at most ROW_GROUP_ROWS rows in memory at a time."""
    with _open(source) as stream:
        yield from pq.ParquetFile(stream).iter_batches(
            batch_size=ROW_GROUP_ROWS, columns=list(columns) if columns is not None else None
        )


def count_alive(source: ParquetRef) -> int:
    """How many rows go on to the next stage."""
    return int(read_table(source, ["reason"])["reason"].null_count)
