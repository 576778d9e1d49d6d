"""Datasets with a column `text`, written by the workers themselves: no text passes through the process of the flow.

Each worker writes the rows of its document to a file of the moment; when all documents are done, one worker puts these files
together, batch by batch, to the dataset. What is held in memory at once is a row group at most, however large a document is.
"""

import errno
import functools
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, write_batches, write_table
from tasks.storage.root import data_root, scratch_folder, use_data_root
from tasks.storage.stage import Metric, output_path, write_measured

GROUP_ROWS = 64
GROUP_BYTES = 8 * 1024 * 1024  # of text in a row group; a larger single row is a group of its own
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
GATHER_SECONDS = 3600.0  # to put one shard's pieces together; only a stuck disk takes that long

Row = Mapping[str, Any]
Rows = Callable[[Any], Iterable[Row]]


class DocumentEnded(Exception):
    """Raised by a function that yields rows: what it yielded so far does not count, and `row` stands for the document."""

    def __init__(self, row: Row) -> None:
        super().__init__(row.get("reason"))
        self.row = row


@dataclass(frozen=True)
class Piece:
    """What one worker writes. path: of the file of the moment. argument: of the function that yields the rows."""

    path: str
    argument: Any


@dataclass(frozen=True)
class _Unwritten:
    """The disk took no more: the machine's fault, and nothing to be remembered about the document."""

    detail: str


@dataclass(frozen=True)
class _Gathering:
    """What one worker puts together: the pieces of all documents, or the rows themselves where there is no piece."""

    root: str
    output: str
    schema: pa.Schema
    pieces: Sequence[str | Sequence[Row]]


def map_to_dataset(
    function: Rows,
    jobs: Sequence[Job],
    schema: pa.Schema,
    *,
    timeout_seconds: float,
    ending: Callable[[Outcome], Row],
    again: Callable[[Job, Row], Job | None] = lambda _job, _row: None,
) -> ParquetRef:
    """Write the rows that `function(job.argument)` yields for each job as the output of the stage that is working now.

    The rows of a job follow those of the job before. ending: the row of a document whose worker ended without a result. again:
    from a job and its last row (without its text), the job to do in its place, None to leave it; one that ends without a text
    does not replace one. Raises RuntimeError when the rows of a document cannot be written, or not put together.
    """
    with tempfile.TemporaryDirectory(prefix="pieces-", dir=scratch_folder()) as folder:
        first = _write_pieces(function, jobs, schema, os.path.join(folder, "first"), timeout_seconds)
        better = [again(outcome.job, outcome.value) if outcome.status == "ok" else None for _, outcome in first]
        repeated = [job for job in better if job is not None]
        second = iter(_write_pieces(function, repeated, schema, os.path.join(folder, "second"), timeout_seconds))
        settled = [_better(one, next(second)) if job is not None else one for one, job in zip(first, better, strict=True)]
        write_measured([Metric(each.job.document_id, each.job.part, each.seconds, each.peak_mib) for _, each in settled])
        pieces = [path if outcome.status == "ok" else [ending(outcome)] for path, outcome in settled]
        return _gather(_Gathering(data_root(), output_path(), schema, pieces))


def _write_pieces(
    function: Rows, jobs: Sequence[Job], schema: pa.Schema, folder: str, timeout_seconds: float
) -> list[tuple[str, Outcome]]:
    """For each job the file with its rows, and its outcome with the last row as its value."""
    os.mkdir(folder)
    work = functools.partial(write_piece, function, schema)  # the same for each map: workers import its module once
    paths = [os.path.join(folder, f"{number}.arrow") for number in range(len(jobs))]
    written = [replace(job, argument=Piece(path, job.argument)) for job, path in zip(jobs, paths, strict=True)]
    outcomes = map_documents(work, written, timeout_seconds=timeout_seconds)
    for outcome in outcomes:
        if isinstance(outcome.value, _Unwritten):
            raise RuntimeError(f"{folder} cannot be written to: {outcome.value.detail}; make room there and run again")
    return [(path, replace(outcome, job=job)) for path, job, outcome in zip(paths, jobs, outcomes, strict=True)]


def _better(first: tuple[str, Outcome], second: tuple[str, Outcome]) -> tuple[str, Outcome]:
    (path, before), (_, after) = first, second
    seconds = before.seconds + after.seconds
    if before.value["reason"] is None and (after.status != "ok" or after.value["reason"] is not None):
        return path, replace(before, seconds=seconds)
    return second[0], replace(after, seconds=seconds)


def _gather(gathering: _Gathering) -> ParquetRef:
    if not any(isinstance(piece, str) for piece in gathering.pieces):
        return write_table(gathering.output, [row for rows in gathering.pieces for row in rows], gathering.schema)
    (outcome,) = map_documents(gather_pieces, [Job("", 0, gathering)], timeout_seconds=GATHER_SECONDS)
    if outcome.status != "ok":
        raise RuntimeError(f"{gathering.output} could not be written: {outcome.status}: {outcome.detail}")
    made: ParquetRef = outcome.value
    return made


def write_piece(function: Rows, schema: pa.Schema, piece: Piece) -> Row | _Unwritten:
    """Write the rows of one document, as they come; the last row, without its text. Runs in a worker."""
    try:
        try:
            return _write_rows(piece.path, function(piece.argument), schema)
        except DocumentEnded as ended:
            return _write_rows(piece.path, [ended.row], schema)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        return _Unwritten(error.strerror or str(error))


def gather_pieces(gathering: _Gathering) -> ParquetRef:
    """Write the dataset from its pieces. Runs in a worker."""
    use_data_root(gathering.root)
    return write_batches(gathering.output, _regroup(_read_pieces(gathering)), gathering.schema)


def _write_rows(path: str, rows: Iterable[Row], schema: pa.Schema) -> Row:
    last: Row = {}
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        waiting: list[Row] = []
        size = 0
        for row in rows:
            length = len(row["text"] or "")
            if waiting and (len(waiting) == GROUP_ROWS or size + length > GROUP_BYTES):
                writer.write_batch(pa.RecordBatch.from_pylist(waiting, schema=schema))
                waiting, size = [], 0
            waiting.append(row)
            size += length
            last = {**row, "text": None}
        writer.write_batch(pa.RecordBatch.from_pylist(waiting, schema=schema))
    return last


def _read_pieces(gathering: _Gathering) -> Iterator[pa.RecordBatch]:
    for piece in gathering.pieces:
        if isinstance(piece, str):
            with pa.OSFile(piece, "rb") as source, pa.ipc.open_stream(source) as reader:
                yield from reader
        else:
            yield pa.RecordBatch.from_pylist([dict(row) for row in piece], schema=gathering.schema)


def _regroup(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of at most GROUP_ROWS rows and GROUP_BYTES of text; where one ends depends on the rows alone."""
    waiting: list[pa.RecordBatch] = []
    count = size = 0
    for batch in batches:
        start = 0
        for at, length in enumerate(pc.fill_null(pc.binary_length(batch["text"]), 0).to_pylist()):
            if count and (count == GROUP_ROWS or size + length > GROUP_BYTES):
                yield pa.concat_batches([*waiting, batch.slice(start, at - start)])
                waiting, start, count, size = [], at, 0, 0
            count += 1
            size += length
        waiting.append(batch.slice(start))
    if count:
        yield pa.concat_batches(waiting)
