"""The texts that are compared: what is known of all of them, and the phrases of a few, read again when they are needed."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tasks.deduplication.fingerprints import shingle_hashes
from tasks.storage.parquet import ParquetRef, read_rows, read_table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_COLUMNS = ["document_id", "part", "text_sha256", "shingles", "score"]


@dataclass(frozen=True)
class Fingerprints:
    """All fingerprints without a reason, sorted by (document_id, part); a *row* is a position in that order.

    A *text* is a number too: parts that differ in case and white space alone are one text, numbered by their first row.

    table: identity, digest and score of each row. text_of: text of each row. first_row: first row of each text.
    shingles: distinct phrases of each text. order: sorts what is read from the references one after the other into rows.
    """

    references: tuple[ParquetRef, ...]
    table: pa.Table
    text_of: "npt.NDArray[np.int64]"
    first_row: "npt.NDArray[np.int64]"
    shingles: "npt.NDArray[np.int64]"
    order: "npt.NDArray[np.int64]"

    def digests(self) -> pa.Array:
        """text_sha256 of each text."""
        return self.table["text_sha256"].take(pa.array(self.first_row)).combine_chunks()

    def column(self, name: str) -> pa.Array:
        """A further column of each text; only this column is read."""
        read = [read_table(ref, [name], filters=pc.field("reason").is_null()) for ref in self.references]
        values = _leaf(pa.concat_tables(read))
        return values.take(pa.array(self.order[self.first_row])).combine_chunks()

    def lists(self, name: str) -> "Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]]":
        """A column of lists, one reference at a time: the row that each value belongs to, and the values."""
        import numpy as np

        row_of = np.empty_like(self.order)
        row_of[self.order] = np.arange(len(self.order))
        start = 0
        for ref in self.references:
            values = read_table(ref, [name], filters=pc.field("reason").is_null())[name].combine_chunks()
            rows = row_of[start : start + len(values)]
            start += len(values)
            yield np.repeat(rows, pc.list_value_length(values).to_numpy()), values.flatten().to_numpy()


def read_fingerprints(references: Sequence[ParquetRef]) -> Fingerprints:
    """What is held of all fingerprints: some 200 bytes for each."""
    import numpy as np

    tables = [read_table(ref, _COLUMNS, filters=pc.field("reason").is_null()) for ref in references]
    table = pa.concat_tables(tables).combine_chunks()
    order = pc.sort_indices(table, sort_keys=[("document_id", "ascending"), ("part", "ascending")])
    table = table.take(order).combine_chunks()
    encoded = table["text_sha256"].combine_chunks().dictionary_encode()  # numbers values as they come
    text_of = encoded.indices.to_numpy().astype(np.int64)
    _, first_row = np.unique(text_of, return_index=True)
    shingles = table["shingles"].to_numpy()[first_row]
    return Fingerprints(tuple(references), table, text_of, first_row, shingles, order.to_numpy().astype(np.int64))


class ShingleSource:
    """Gives the phrase hashes of a text.

    When one is missing in memory, the wanted texts of its whole dataset are read at once, since their neighbours are asked for as
    well. The least recently used ones are forgotten above `cache_bytes`. Raises KeyError for a text that is in no dataset.
    """

    def __init__(self, fingerprints: Fingerprints, datasets: Sequence[ParquetRef], cache_bytes: int) -> None:
        self._fingerprints = fingerprints
        self._datasets = list(datasets)
        self._cache_bytes = cache_bytes
        self._cached: OrderedDict[int, npt.NDArray[np.uint64]] = OrderedDict()
        self._bytes = 0
        self._dataset_of: npt.NDArray[np.int64] | None = None
        self._wanted: defaultdict[int, set[int]] = defaultdict(set)

    def want(self, texts: Iterable[int]) -> None:
        """Say which texts will be asked for next."""
        if self._dataset_of is None:
            self._dataset_of = self._find_datasets()
        self._wanted.clear()
        for text in texts:
            self._wanted[int(self._dataset_of[text])].add(text)

    def get(self, text: int) -> "npt.NDArray[np.uint64]":
        """Sorted distinct phrase hashes of a text."""
        if text in self._cached:
            self._cached.move_to_end(text)
            return self._cached[text]
        if self._dataset_of is None:
            self._dataset_of = self._find_datasets()
        found = self._read(int(self._dataset_of[text]), text)
        hashes = found.pop(text)
        for other, of_other in found.items():
            self._remember(other, of_other)
        self._remember(text, hashes)
        return hashes

    def _find_datasets(self) -> "npt.NDArray[np.int64]":
        """The dataset in which the first part with each text stands; -1 for none."""
        import numpy as np

        read = [read_table(ref, ["document_id", "part"]) for ref in self._datasets]
        found = pc.index_in(_keys(self._first_parts(None)), value_set=_keys(pa.concat_tables(read)))
        ends = np.cumsum([table.num_rows for table in read])
        positions = pc.fill_null(found, -1).to_numpy()
        return np.where(positions < 0, -1, np.searchsorted(ends, positions, side="right"))

    def _first_parts(self, texts: Sequence[int] | None) -> pa.Table:
        rows = self._fingerprints.first_row if texts is None else self._fingerprints.first_row[texts]
        return self._fingerprints.table.select(["document_id", "part"]).take(pa.array(rows))

    def _read(self, dataset: int, text: int) -> "dict[int, npt.NDArray[np.uint64]]":
        if dataset < 0:
            raise KeyError(text)
        missing = sorted({text} | {each for each in self._wanted[dataset] if each not in self._cached})
        parts = self._first_parts(missing)
        text_at = dict(zip(zip(*(column.to_pylist() for column in parts.columns), strict=True), missing, strict=True))
        mine = pc.field("document_id").isin(parts["document_id"].combine_chunks())
        found = {}
        for row in read_rows(self._datasets[dataset], ["document_id", "part", "text"], filters=mine):
            number = text_at.get((row["document_id"], row["part"]))
            if number is not None:
                found[number] = shingle_hashes(row["text"])
        return found

    def _remember(self, text: int, hashes: "npt.NDArray[np.uint64]") -> None:
        self._cached[text] = hashes
        self._bytes += hashes.nbytes
        while self._bytes > self._cache_bytes and len(self._cached) > 1:
            _, forgotten = self._cached.popitem(last=False)
            self._bytes -= forgotten.nbytes


def _keys(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table["document_id"], table["part"].cast(pa.string()), "/")


def _leaf(table: pa.Table) -> pa.ChunkedArray:
    """The only column of a table, or the only field of the structs in it."""
    column = table.column(0)
    return pc.struct_field(column, [0]) if pa.types.is_struct(column.type) else column
