"""Phrases of the texts that are compared, read again from the cleaned datasets when they are needed, in bounded memory."""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from tasks.deduplication.fingerprints import shingle_hashes
from tasks.storage.parquet import ParquetRef, read_rows, read_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Key = tuple[str, int]  # document_id, part


class ShingleSource:
    """Gives the phrase hashes of a document part.

    wanted: parts that may be asked for. When one is missing in memory, the wanted parts of its whole dataset are read at once,
    since their neighbours are asked for as well. The least recently used ones are forgotten above `cache_bytes`.
    Raises KeyError for a part that is in none of the datasets or was not wanted.
    """

    def __init__(self, normalized: Sequence[ParquetRef], wanted: Sequence[Key], cache_bytes: int) -> None:
        self._normalized = list(normalized)
        self._cache_bytes = cache_bytes
        self._cached: OrderedDict[Key, npt.NDArray[np.uint64]] = OrderedDict()
        self._bytes = 0
        self._place: dict[Key, int] = {}
        self._wanted: defaultdict[int, set[Key]] = defaultdict(set)
        remaining = set(wanted)
        for index, reference in enumerate(self._normalized):
            if not remaining:
                break
            table = read_table(reference, ["document_id", "part"])
            keys = zip(table["document_id"].to_pylist(), table["part"].to_pylist(), strict=True)
            for key in [key for key in keys if key in remaining]:
                self._place[key] = index
                self._wanted[index].add(key)
                remaining.discard(key)

    def get(self, key: Key) -> "npt.NDArray[np.uint64]":
        """Sorted distinct phrase hashes of a part."""
        if key in self._cached:
            self._cached.move_to_end(key)
            return self._cached[key]
        found = self._read(self._place[key])
        hashes = found.pop(key)
        for other, of_other in found.items():
            self._remember(other, of_other)
        self._remember(key, hashes)
        return hashes

    def _read(self, index: int) -> "dict[Key, npt.NDArray[np.uint64]]":
        missing = [key for key in sorted(self._wanted[index]) if key not in self._cached]
        documents = sorted({document_id for document_id, _ in missing})
        rows = read_rows(
            self._normalized[index], ["document_id", "part", "text"], filters=pc.field("document_id").isin(documents)
        )
        keys = set(missing)
        return {
            (row["document_id"], row["part"]): shingle_hashes(row["text"])
            for row in rows
            if (row["document_id"], row["part"]) in keys
        }

    def _remember(self, key: Key, hashes: "npt.NDArray[np.uint64]") -> None:
        self._cached[key] = hashes
        self._bytes += hashes.nbytes
        while self._bytes > self._cache_bytes and len(self._cached) > 1:
            _, forgotten = self._cached.popitem(last=False)
            self._bytes -= forgotten.nbytes
