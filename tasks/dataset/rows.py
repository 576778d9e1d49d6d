"""The second reading: the rows of the dataset in their order, with bounded memory."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tasks.dataset.examples import Selection
from tasks.dataset.first_reading import KINDS, Sources
from tasks.dataset.leaving_out import Choice
from tasks.storage.parquet import ROW_GROUP_ROWS, iterate_batches
from tasks.storage.schemas import EXAMPLES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

BUCKET_CHARACTERS = 64 * 2**20  # texts that are in memory at a time
_COPIED = ("text", "document_id", "part", "start", "end", "heading")
_OF_INSTRUCTIONS = ("messages", "prompt_tokens", "answers")


def read_examples(sources: Sources, selection: Selection, choice: Choice) -> Iterator[pa.RecordBatch]:
    """The rows of EXAMPLES in order, read anew from their sources for every BUCKET_CHARACTERS of text."""
    import numpy as np

    for start, end in _buckets(selection.entries["characters"]):
        bucket = selection.entries[start:end]
        places = np.lexsort((bucket["row"], bucket["source"]))
        found = pa.Table.from_batches(list(_read_rows(sources, bucket[places], choice)))
        order = np.empty(len(places), dtype=np.int64)
        order[places] = np.arange(len(places))
        for at in range(0, len(bucket), ROW_GROUP_ROWS):
            yield _batch(found.take(pa.array(order[at : at + ROW_GROUP_ROWS])), bucket[at : at + ROW_GROUP_ROWS], selection)


def _read_rows(sources: Sources, wanted: "npt.NDArray[Any]", choice: Choice) -> Iterator[pa.RecordBatch]:
    """The columns of the sources at these places, which are sorted by source and row."""
    import numpy as np

    for source in np.unique(wanted["source"]).tolist():
        of_source = wanted[wanted["source"] == source]
        first = 0
        columns = _COPIED if sources.is_text(source) else (*_COPIED, *_OF_INSTRUCTIONS)
        for batch in iterate_batches(sources.references[source], columns):
            low, high = np.searchsorted(of_source["row"], [first, first + batch.num_rows])
            rows = of_source[low:high]
            if len(rows):
                taken = batch.take(pa.array(rows["row"] - first))
                yield _completed(_shortened(taken, rows["changed"], choice) if rows["changed"].any() else taken)
            first += batch.num_rows


def _shortened(batch: pa.RecordBatch, changed: "npt.NDArray[np.bool_]", choice: Choice) -> pa.RecordBatch:
    pairs = zip(batch["text"].to_pylist(), changed.tolist(), strict=True)
    texts = pa.array([choice.shorten(text)[0] if change else text for text, change in pairs], type=pa.large_string())
    return batch.set_column(batch.schema.get_field_index("text"), batch.schema.field("text"), texts)


def _completed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """With the columns of instruction examples, which chunks do not have."""
    columns = []
    for name in (*_COPIED, *_OF_INSTRUCTIONS):
        field = EXAMPLES.field(name)
        if name in batch.schema.names:
            columns.append(batch[name].cast(field.type))
        elif field.nullable:
            columns.append(pa.nulls(len(batch), field.type))
        else:
            columns.append(pa.array([0] * len(batch), type=field.type))
    return pa.RecordBatch.from_arrays(columns, names=[*_COPIED, *_OF_INSTRUCTIONS])


def _batch(table: pa.Table, entries: "npt.NDArray[Any]", selection: Selection) -> pa.RecordBatch:
    columns = {name: table[name].combine_chunks() for name in (*_COPIED, *_OF_INSTRUCTIONS)}
    columns |= {
        "example_id": pa.array([f"{high:016x}{low:016x}" for high, low in entries["id"].tolist()]),
        "split": pa.array([selection.splits[split] for split in entries["split"].tolist()]),
        "kind": pa.array([KINDS[kind] for kind in entries["kind"].tolist()]),
        "tokens": pa.array(entries["tokens"]),
        "group": selection.documents.take(pa.array(entries["group"])),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in EXAMPLES.names], schema=EXAMPLES)


def _buckets(characters: "npt.NDArray[np.int64]") -> Iterator[tuple[int, int]]:
    """Ranges of examples with at most BUCKET_CHARACTERS of text; a longer text is alone."""
    start, room = 0, BUCKET_CHARACTERS
    for at, length in enumerate(characters.tolist()):
        if at > start and length > room:
            yield start, at
            start, room = at, BUCKET_CHARACTERS
        room -= length
    if start < len(characters):
        yield start, len(characters)
