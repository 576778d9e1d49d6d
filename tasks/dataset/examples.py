"""Examples from chunks: who is in, in which split, and their rows in the order of the dataset with bounded memory.

The texts are read twice: once for the ids, once for the rows. Of all examples only numbers are in memory at a time, some 100
bytes each, as columns.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dataset.errors import ContractError
from tasks.dataset.leaving_out import Choice, LeftOut
from tasks.dataset.splits import TRAIN, SplitPlan, group_documents, plan_splits
from tasks.storage.parquet import ROW_GROUP_ROWS, ParquetRef, iterate_batches, read_table
from tasks.storage.schemas import EXAMPLES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

KIND = "text"
BUCKET_CHARACTERS = 64 * 2**20  # texts that are in memory at a time
COLUMNS = ("document_id", "part", "chunk", "text", "tokens", "start", "end", "heading", "reason")
_COPIED = ("document_id", "part", "start", "end", "heading")
_DIGEST_BYTES = 16  # of an example's id, and of what tells equal texts


@dataclass(frozen=True)
class Selection:
    """All examples sorted by (split, example_id), and how the splits came about.

    entries: one row per example. source, row: where its chunk is. id, text: the digests that name it and tell equal texts, as
    two halves. document, group: their places in `documents` (sorted; a group is named by its smallest document). split: place in
    `splits`. duplicates: parts that are duplicates. left_out: the chunks that are no examples for another reason.
    """

    entries: "npt.NDArray[Any]"
    documents: pa.Array
    splits: list[str]
    plan: SplitPlan
    duplicates: int
    left_out: list[LeftOut]
    paragraphs_removed: int

    def tokens(self) -> dict[str, int]:
        """Tokens per split, in the order of the plan."""
        return {split: int(self._of(split)["tokens"].sum()) for split in self.plan.examples}

    def repeated_in_train(self) -> int:
        """Held-out examples whose text also stands, character for character, in a training example of another document."""
        import numpy as np

        train = np.unique(self._of(TRAIN)["text"])
        return int(sum(np.isin(self._of(split)["text"], train).sum() for split in self.splits if split != TRAIN))

    def document_ids(self) -> list[str]:
        """Distinct documents that gave examples, sorted."""
        import numpy as np

        found: list[str] = self.documents.take(pa.array(np.unique(self.entries["document"]))).to_pylist()
        return found

    def _of(self, split: str) -> "npt.NDArray[Any]":
        chosen: npt.NDArray[Any] = self.entries[self.entries["split"] == self.splits.index(split)]
        return chosen


def _entry_type() -> "np.dtype[Any]":
    import numpy as np

    halves = np.dtype([("high", "u8"), ("low", "u8")])
    numbers = [("source", "i4"), ("row", "i8"), ("tokens", "i4"), ("characters", "i8"), ("changed", "?")]
    return np.dtype([("id", halves), ("text", halves), *numbers, ("document", "i4"), ("group", "i4"), ("split", "i1")])


def select_examples(
    chunks: Sequence[ParquetRef],
    clusters: ParquetRef,
    choice: Choice,
    *,
    fractions: Mapping[str, float],
    least: int,
    seed: int,
    max_seq_length: int,
) -> Selection:
    """Choose the examples and their splits. Raises ContractError for an empty or over-long example, or when there is none."""
    import numpy as np

    table = read_table(clusters, ["document_id", "part", "cluster", "reason"])
    grouped, group_of = group_documents(table["document_id"], table["cluster"])
    ended = table.filter(pc.field("reason").is_valid())
    duplicates = set(zip(ended["document_id"].to_pylist(), ended["part"].to_pylist(), strict=True))
    reader = _Reader(chunks, choice, duplicates, max_seq_length)
    pieces = list(reader.read())
    if not pieces:
        left = f"; {len(reader.left_out)} piece(s) were left out for what they share" if reader.left_out else ""
        raise ContractError(f"no example is left: every document was rejected, too short or a duplicate{left}")
    entries = np.concatenate([rows for rows, _ in pieces])
    named = pa.chunked_array([names for _, names in pieces])
    documents = pa.concat_arrays([grouped, named.unique()]).unique()
    documents = documents.take(pc.sort_indices(documents))
    entries["document"] = pc.index_in(named, documents).to_numpy()
    group = np.arange(len(documents), dtype=np.int32)
    if len(grouped):
        places = pc.index_in(grouped, documents).to_numpy()
        group[places] = places[group_of]
    entries["group"] = group[entries["document"]]
    present, sizes = np.unique(entries["group"], return_counts=True)
    names = documents.take(pa.array(present)).to_pylist()
    plan = plan_splits(dict(zip(names, sizes.tolist(), strict=True)), fractions, least, seed)
    splits = sorted(plan.examples)
    split_of = np.zeros(len(documents), dtype=np.int8)
    split_of[present] = [splits.index(plan.of_group[name]) for name in names]
    entries["split"] = split_of[entries["group"]]
    entries = entries[np.lexsort((entries["id"]["low"], entries["id"]["high"], entries["split"]))]
    refuse_leaks(entries["document"], entries["group"], entries["split"])
    return Selection(entries, documents, splits, plan, len(duplicates), reader.left_out, reader.paragraphs_removed)


class _Reader:
    """The first reading of the chunks: entries without document, group and split; what is left out is gathered beside."""

    def __init__(
        self, chunks: Sequence[ParquetRef], choice: Choice, duplicates: set[tuple[str, int]], max_seq_length: int
    ) -> None:
        self._chunks = chunks
        self._choice = choice
        self._duplicates = duplicates
        self._max_seq_length = max_seq_length
        self.left_out: list[LeftOut] = []
        self.paragraphs_removed = 0

    def read(self) -> "Iterator[tuple[npt.NDArray[Any], pa.Array]]":
        """Entries and their documents, batch by batch."""
        import numpy as np

        kind = _entry_type()
        for source, reference in enumerate(self._chunks):
            first = 0
            for batch in iterate_batches(reference, COLUMNS):
                entries = np.zeros(batch.num_rows, dtype=kind)
                chosen = []
                for at, row in enumerate(batch.to_pylist()):
                    if row["reason"] is None and (row["document_id"], row["part"]) not in self._duplicates:
                        entry = self._entry(row)
                        if entry:
                            entries[at] = (*entry[:2], source, first + at, *entry[2:], 0, 0, 0)
                            chosen.append(at)
                if chosen:
                    yield entries[chosen], batch["document_id"].take(pa.array(chosen))
                first += batch.num_rows

    def _entry(self, row: Mapping[str, Any]) -> tuple[Any, ...] | None:
        where = f"document {row['document_id'][:12]}, part {row['part']}, chunk {row['chunk']}"
        if not row["text"].strip():
            raise ContractError(f"{where} is empty")
        if row["tokens"] > self._max_seq_length:
            raise ContractError(
                f"{where} has {row['tokens']} tokens, the trainer takes {self._max_seq_length}: "
                "raise max_seq_length of the dataset or lower max_tokens of the pieces"
            )
        chosen = self._choice.decide(row)
        if isinstance(chosen, LeftOut):
            self.left_out.append(chosen)
            return None
        self.paragraphs_removed += chosen.removed
        text = hashlib.sha256(chosen.text.encode()).digest()
        origin = f"{KIND}/{row['document_id']}/{row['part']}/{row['start']}-{row['end']}/{text.hex()}"
        name = hashlib.sha256(origin.encode()).digest()
        return _halves(name), _halves(text), chosen.tokens, len(chosen.text), chosen.removed > 0


def _halves(digest: bytes) -> tuple[int, int]:
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:_DIGEST_BYTES], "big")


def refuse_leaks(documents: "npt.NDArray[np.int32]", groups: "npt.NDArray[np.int32]", splits: "npt.NDArray[np.int8]") -> None:
    """Raises ContractError when a group or a document is in two splits. Cannot happen, and must not."""
    import numpy as np

    for what, members in (("group", groups), ("document", documents)):
        pairs = np.unique(np.stack([members.astype(np.int64), splits.astype(np.int64)]), axis=1)[0]
        twice = pairs[1:][pairs[1:] == pairs[:-1]]
        if len(twice):
            raise ContractError(f"{len(twice)} {what}(s) are in more than one split")


def read_examples(chunks: Sequence[ParquetRef], selection: Selection, choice: Choice) -> Iterator[pa.RecordBatch]:
    """The rows of EXAMPLES in order, read anew from the chunks for every BUCKET_CHARACTERS of text."""
    import numpy as np

    for start, end in _buckets(selection.entries["characters"]):
        bucket = selection.entries[start:end]
        places = np.lexsort((bucket["row"], bucket["source"]))
        found = pa.Table.from_batches(list(_read_rows(chunks, bucket[places], choice)))
        order = np.empty(len(places), dtype=np.int64)
        order[places] = np.arange(len(places))
        for at in range(0, len(bucket), ROW_GROUP_ROWS):
            yield _batch(found.take(pa.array(order[at : at + ROW_GROUP_ROWS])), bucket[at : at + ROW_GROUP_ROWS], selection)


def _read_rows(chunks: Sequence[ParquetRef], wanted: "npt.NDArray[Any]", choice: Choice) -> Iterator[pa.RecordBatch]:
    """The columns of the chunks at these places, which are sorted by source and row."""
    import numpy as np

    columns = ["text", *_COPIED]
    for source in np.unique(wanted["source"]).tolist():
        of_source = wanted[wanted["source"] == source]
        first = 0
        for batch in iterate_batches(chunks[source], columns):
            low, high = np.searchsorted(of_source["row"], [first, first + batch.num_rows])
            rows = of_source[low:high]
            if len(rows):
                taken = batch.take(pa.array(rows["row"] - first))
                yield _shortened(taken, rows["changed"], choice) if rows["changed"].any() else taken
            first += batch.num_rows


def _shortened(batch: pa.RecordBatch, changed: "npt.NDArray[np.bool_]", choice: Choice) -> pa.RecordBatch:
    pairs = zip(batch["text"].to_pylist(), changed.tolist(), strict=True)
    texts = pa.array([choice.shorten(text)[0] if change else text for text, change in pairs], type=pa.large_string())
    return batch.set_column(batch.schema.get_field_index("text"), batch.schema.field("text"), texts)


def _batch(table: pa.Table, entries: "npt.NDArray[Any]", selection: Selection) -> pa.RecordBatch:
    columns = {name: table[name].combine_chunks() for name in ("text", *_COPIED)}
    columns |= {
        "example_id": pa.array([f"{high:016x}{low:016x}" for high, low in entries["id"].tolist()]),
        "split": pa.array([selection.splits[split] for split in entries["split"].tolist()]),
        "kind": pa.array([KIND] * len(entries)),
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
