"""What runs measured, as columns: ten thousand parts are judged anew in the time in which rows would still be read.

A signal is an array over all parts with NaN where a part has none, so a gate is one comparison.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.quality.memo import memo_path
from tasks.storage.parquet import ParquetRef, iterate_batches
from tasks.storage.root import size_of
from tasks.storage.schemas import SIGNALS
from tasks.storage.stage import metrics_path

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]  # of str, None for nothing

_MEASURED = ["document_id", "part", "language", "languages", "groups", "signals"]


@dataclass
class StoredParts:
    """Document parts with what is known of them; every array has one entry per part.

    formats: "" where none is stored. languages: the main one, None where it was not measured. shares: language -> share of the
    part in it, NaN for none. groups: name -> whether it was measured. signals:
    name -> value, NaN for none. failed: the reason of parts that could not be measured. reasons, scores: what the run decided.
    """

    documents: list[str]
    parts: list[int]
    formats: Texts
    languages: Texts
    failed: Texts
    reasons: Texts
    scores: Numbers
    groups: dict[str, Mask] = field(default_factory=dict)
    signals: dict[str, Numbers] = field(default_factory=dict)
    shares: dict[str, Numbers] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.documents)

    def measured(self, group: str) -> Mask:
        """Where a group was measured."""
        return self.groups.get(group, np.zeros(len(self), bool))

    def complete(self, groups: Iterable[str]) -> Mask:
        """Where all of these groups were measured."""
        known = np.ones(len(self), bool)
        for group in groups:
            known &= self.measured(group)
        return known

    def signal(self, name: str) -> Numbers:
        """The values of a signal."""
        return self.signals.get(name, np.full(len(self), np.nan))

    def rows_of(self, chosen: Mask) -> list[dict[str, float]]:
        """The signals of the chosen parts, a mapping for each."""
        rows: list[dict[str, float]] = [{} for _ in range(int(chosen.sum()))]
        for name, column in sorted(self.signals.items()):
            values = column[chosen]
            known = np.flatnonzero(~np.isnan(values))
            for row, value in zip(known.tolist(), values[known].tolist(), strict=True):
                rows[row][name] = value
        return rows


def read_parts(shards: Sequence[Mapping[str, ParquetRef]], remembered: bool = True) -> StoredParts:
    """All parts that the shards of a run measured.

    remembered: with what earlier runs measured of the same texts as well.
    """
    signals = _concatenate([(shard["signals"], [*_MEASURED, "format", "reason"]) for shard in shards if "signals" in shard])
    decided = _concatenate(
        [(shard["quality"], ["document_id", "part", "reason", "score"]) for shard in shards if "quality" in shard]
    )
    stored = _empty(signals)
    at = {key: row for row, key in enumerate(zip(stored.documents, stored.parts, strict=True))}
    _fill(stored, signals, np.arange(len(stored)))
    if remembered:
        paths = [_memo_of(shard) for shard in shards if {"signals", "normalization"} <= shard.keys()]
        memo = _join([batch for path in paths for batch in _read_memo(path)])
        _fill(stored, memo, _rows_at(memo, at))
    if decided is not None:
        rows = _rows_at(decided, at)
        known = rows >= 0
        stored.reasons[rows[known]] = _texts(decided["reason"])[known]
        stored.scores[rows[known]] = np.array(decided["score"].to_pylist(), np.float64)[known]
    return stored


def is_known(values: Texts) -> Mask:
    """Where there is a text and not None."""
    return np.array([value is not None for value in values.tolist()], bool)


def _read_memo(path: str) -> list[pa.RecordBatch]:
    """What a memo holds; it only spares work, so a damaged one counts as none."""
    if size_of(path) is None:
        return []
    try:
        batches = list(iterate_batches(path, _MEASURED))
    except (pa.ArrowException, OSError, KeyError, ValueError):  # whatever a damaged file makes the reader say
        return []
    types = [SIGNALS.field(name).type for name in _MEASURED]
    return [batch for batch in batches if batch.schema.names == _MEASURED and batch.schema.types == types]


def _memo_of(shard: Mapping[str, ParquetRef]) -> str:
    """The memo of a shard's texts, by the version of the code that made its signals."""
    version = shard["signals"].path.rpartition("/")[2].rpartition("-")[0]  # stages/<stage>/<version>-<digest>.parquet
    return memo_path(shard["normalization"], version)


def read_steps(shards: Sequence[Mapping[str, ParquetRef]]) -> tuple[list[tuple[str, int]], dict[str, Numbers]]:
    """What each group of signals took: the parts, and group -> seconds per part, NaN where it was not measured."""
    paths = [metrics_path(shard["signals"].path) for shard in shards if "signals" in shard]
    table = _concatenate([(path, ["document_id", "part", "steps"]) for path in paths if size_of(path) is not None])
    if table is None:
        return [], {}
    table = table.filter(pc.is_valid(table["steps"]))
    steps: dict[str, Numbers] = {}
    _spread(table["steps"], np.arange(len(table)), steps, len(table))
    return list(zip(table["document_id"].to_pylist(), table["part"].to_pylist(), strict=True)), steps


def _concatenate(sources: Sequence[tuple[ParquetRef | str, list[str]]]) -> pa.Table | None:
    # Batches, since pyarrow's read_table loads pandas, which takes as long as all of this.
    return _join([batch for source, columns in sources for batch in iterate_batches(source, columns)])


def _join(batches: Sequence[pa.RecordBatch]) -> pa.Table | None:
    return pa.Table.from_batches(batches).combine_chunks() if batches else None


def _empty(signals: pa.Table | None) -> StoredParts:
    """The parts, with nothing known of them yet but what could not be measured."""
    if signals is None:
        signals = SIGNALS.empty_table()
    count = len(signals)
    return StoredParts(
        documents=signals["document_id"].to_pylist(),
        parts=signals["part"].to_pylist(),
        formats=_texts(signals["format"]),
        languages=np.full(count, None, object),
        failed=_texts(signals["reason"]),
        reasons=np.full(count, None, object),
        scores=np.full(count, np.nan),
    )


def _texts(column: pa.ChunkedArray) -> Texts:
    texts = np.empty(len(column), object)
    texts[:] = column.to_pylist()
    return texts


def _rows_at(table: pa.Table | None, at: Mapping[tuple[str, int], int]) -> npt.NDArray[np.int64]:
    if table is None:
        return np.empty(0, np.int64)
    keys = zip(table["document_id"].to_pylist(), table["part"].to_pylist(), strict=True)
    return np.array([at.get(key, -1) for key in keys], np.int64)


def _fill(stored: StoredParts, table: pa.Table | None, rows: npt.NDArray[np.int64]) -> None:
    """Take over what a table of signals says of the parts at `rows`; -1 for a part that is not asked for."""
    if table is None:
        return
    _spread(table["signals"], rows, stored.signals, len(stored))
    _spread(table["languages"], rows, stored.shares, len(stored))
    groups = _chunk(table["groups"])
    names = groups.values.slice(groups.offsets[0].as_py(), len(groups.flatten())).dictionary_encode()
    owners, codes = _owners(groups, rows), _numbers(names.indices)
    for code, name in enumerate(names.dictionary.to_pylist()):
        mine = (codes == code) & (owners >= 0)
        stored.groups.setdefault(name, np.zeros(len(stored), bool))[owners[mine]] = True
    languages = _texts(table["language"])
    known = (rows >= 0) & is_known(languages)
    stored.languages[rows[known]] = languages[known]


def _spread(column: pa.ChunkedArray, rows: npt.NDArray[np.int64], into: dict[str, Numbers], count: int) -> None:
    """A column of maps as one array per key. rows: where each map belongs; -1 for nowhere. count: length of the arrays."""
    maps = _chunk(column)
    owners = _owners(maps, rows)
    start, size = maps.offsets[0].as_py(), len(owners)
    keys = maps.keys.slice(start, size).dictionary_encode()
    values = _numbers(maps.items.slice(start, size))
    codes = _numbers(keys.indices)
    for code, name in enumerate(keys.dictionary.to_pylist()):
        mine = (codes == code) & (owners >= 0)
        into.setdefault(name, np.full(count, np.nan))[owners[mine]] = values[mine]


def _chunk(column: pa.ChunkedArray) -> Any:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _numbers(array: Any) -> Any:
    """A pyarrow array of numbers, without nulls, as numpy's. Its own to_numpy loads pandas."""
    return np.from_dlpack(array)


def _owners(lists: Any, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each item of a column of lists or maps the row that it belongs to."""
    return np.repeat(rows, np.diff(_numbers(lists.offsets)))
