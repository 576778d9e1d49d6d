"""Pairs of texts that were compared: remembered, so that a later run compares only pairs with new texts.

The memo only spares work: what stands in it is what comparing would find. Of two runs that write it at the same time, the
last one's stays.
"""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from tasks.storage.parquet import read_table, write_table
from tasks.storage.root import size_of

FOLDER = "memo/deduplication"

# first, second: text_sha256, the smaller one first. shared: distinct phrases of both; with those of each (FINGERPRINTS) it gives
# similarity and containment.
_MEMO = pa.schema(
    [
        pa.field("first", pa.string(), nullable=False),
        pa.field("second", pa.string(), nullable=False),
        pa.field("shared", pa.int64(), nullable=False),
    ]
)

Pair = tuple[int, int]  # numbers of two texts, the smaller one first


def memo_path(version: str) -> str:
    """version: of the stage that makes fingerprints, since another one may hash phrases in another way."""
    return f"{FOLDER}/pairs-{version}.parquet"


def read_memo(version: str, digests: pa.Array) -> dict[Pair, int]:
    """Shared phrases of the remembered pairs whose texts are both still there. digests: text_sha256 of each text."""
    path = memo_path(version)
    if size_of(path) is None:
        return {}
    try:
        table = read_table(path, _MEMO.names)
    except pa.ArrowInvalid:  # damaged: it can be made again
        return {}
    columns = [pc.index_in(table[name], value_set=digests) for name in ("first", "second")]
    there = pc.and_(*(pc.is_valid(column) for column in columns))
    first, second, shared = (column.filter(there).to_pylist() for column in (*columns, table["shared"]))
    return {_ordered(one, other): count for one, other, count in zip(first, second, shared, strict=True)}


def write_memo(version: str, digests: pa.Array, shared: Mapping[Pair, int]) -> None:
    """Remember these pairs and no others."""
    names = digests.to_pylist()
    rows = sorted((*sorted((names[one], names[other])), count) for (one, other), count in shared.items())
    write_table(memo_path(version), [dict(zip(_MEMO.names, row, strict=True)) for row in rows], _MEMO)


def _ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)
