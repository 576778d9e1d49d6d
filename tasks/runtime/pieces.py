"""Datasets of texts, written by the workers themselves: no text passes through the process of the flow.

Each worker writes the rows of its document to a file of the moment; when all documents are done, one worker puts these files
together, batch by batch, to the dataset. What is held in memory at once is a row group at most, however large a document is.
"""

import functools
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, write_batches, write_table
from tasks.storage.root import data_root, scratch_folder, use_data_root
from tasks.storage.stage import Metric, output_path, write_measured

GROUP_ROWS = 64
GROUP_BYTES = 8 * 1024 * 1024  # of a row group in memory; a larger single row is a group of its own
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
) -> ParquetRef:
    """Write the rows that `function(job.argument)` yields for each job as the output of the stage that is working now.

    The rows of a job follow those of the job before. ending: the row of a document whose worker ended without a result.
    Raises RuntimeError when the dataset cannot be put together.
    """
    work = functools.partial(write_piece, function, schema)  # the same for each map: workers import its module once
    with tempfile.TemporaryDirectory(prefix="pieces-", dir=scratch_folder()) as folder:
        paths = [os.path.join(folder, f"{number}.arrow") for number in range(len(jobs))]
        written = [replace(job, argument=Piece(path, job.argument)) for job, path in zip(jobs, paths, strict=True)]
        outcomes = map_documents(work, written, timeout_seconds=timeout_seconds)
        write_measured([Metric(each.job.document_id, each.job.part, each.seconds, each.peak_mib) for each in outcomes])
        pieces: list[str | Sequence[Row]] = [
            path if outcome.status == "ok" else [ending(replace(outcome, job=job))]
            for path, job, outcome in zip(paths, jobs, outcomes, strict=True)
        ]
        return _gather(_Gathering(data_root(), output_path(), schema, pieces))


def _gather(gathering: _Gathering) -> ParquetRef:
    if not any(isinstance(piece, str) for piece in gathering.pieces):
        return write_table(gathering.output, [row for rows in gathering.pieces for row in rows], gathering.schema)
    (outcome,) = map_documents(gather_pieces, [Job("", 0, gathering)], timeout_seconds=GATHER_SECONDS)
    if outcome.status != "ok":
        raise RuntimeError(f"{gathering.output} could not be written: {outcome.status}: {outcome.detail}")
    made: ParquetRef = outcome.value
    return made


def write_piece(function: Rows, schema: pa.Schema, piece: Piece) -> None:
    """Write the rows of one document, as they come. Runs in a worker."""
    try:
        _write_rows(piece.path, function(piece.argument), schema)
    except DocumentEnded as ended:
        _write_rows(piece.path, [ended.row], schema)


def gather_pieces(gathering: _Gathering) -> ParquetRef:
    """Write the dataset from its pieces. Runs in a worker."""
    use_data_root(gathering.root)
    return write_batches(gathering.output, _regroup(_read_pieces(gathering)), gathering.schema)


def _write_rows(path: str, rows: Iterable[Row], schema: pa.Schema) -> None:
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for batch in _regroup(pa.RecordBatch.from_pylist([dict(row)], schema=schema) for row in rows):
            writer.write_batch(batch)


def _read_pieces(gathering: _Gathering) -> Iterator[pa.RecordBatch]:
    for piece in gathering.pieces:
        if isinstance(piece, str):
            with pa.OSFile(piece, "rb") as source, pa.ipc.open_stream(source) as reader:
                yield from reader
        else:
            yield pa.RecordBatch.from_pylist([dict(row) for row in piece], schema=gathering.schema)


def _regroup(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of at most GROUP_ROWS rows and about GROUP_BYTES; where a batch ends depends on the rows alone."""
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        for row in range(batch.num_rows):
            one = batch.slice(row, 1)
            if waiting and (len(waiting) == GROUP_ROWS or size + one.nbytes > GROUP_BYTES):
                yield pa.concat_batches(waiting)
                waiting, size = [], 0
            waiting.append(one)
            size += one.nbytes
    if waiting:
        yield pa.concat_batches(waiting)
