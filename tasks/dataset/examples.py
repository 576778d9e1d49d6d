"""Examples from chunks: who is in, in which split, and their rows in the order of the dataset with bounded memory.

The texts are read twice: once for the ids, once for the rows. Only ids and numbers of all examples are in memory at a time.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from tasks.dataset.errors import ContractError
from tasks.dataset.splits import TRAIN, SplitPlan, group_documents, plan_splits
from tasks.storage.parquet import ParquetRef, iterate_batches, read_rows
from tasks.storage.schemas import EXAMPLES

KIND = "text"
BUCKET_CHARACTERS = 64 * 2**20  # texts that are in memory at a time
COLUMNS = ("document_id", "part", "chunk", "text", "tokens", "start", "end", "heading", "reason")


@dataclass(frozen=True, slots=True)
class Entry:
    """One example without its text. source, row: where its chunk is. text_digest: tells equal texts. split: "" until planned."""

    example_id: str
    source: int
    row: int
    group: str
    document_id: str
    part: int
    tokens: int
    characters: int
    text_digest: bytes
    split: str = ""


@dataclass(frozen=True)
class Selection:
    """All examples sorted by (split, example_id), and how the splits came about. left_out: parts that are duplicates."""

    entries: list[Entry]
    plan: SplitPlan
    left_out: int

    def tokens(self) -> dict[str, int]:
        """Tokens per split, in the order of the plan."""
        sums = Counter[str]()
        for entry in self.entries:
            sums[entry.split] += entry.tokens
        return {split: sums[split] for split in self.plan.examples}

    def repeated_in_train(self) -> int:
        """Held-out examples whose text also stands, character for character, in a training example of another document."""
        train = {entry.text_digest for entry in self.entries if entry.split == TRAIN}
        return sum(entry.split != TRAIN and entry.text_digest in train for entry in self.entries)


def select_examples(
    chunks: Sequence[ParquetRef],
    clusters: ParquetRef,
    *,
    fractions: Mapping[str, float],
    least: int,
    seed: int,
    max_seq_length: int,
) -> Selection:
    """Choose the examples and their splits. Raises ContractError for an empty or over-long example, or when there is none."""
    rows = read_rows(clusters, ("document_id", "part", "cluster", "reason"))
    groups = group_documents((row["document_id"], row["cluster"]) for row in rows)
    duplicates = {(row["document_id"], row["part"]) for row in rows if row["reason"] is not None}
    found = [entry for entry in _entries(chunks, groups, max_seq_length) if (entry.document_id, entry.part) not in duplicates]
    if not found:
        raise ContractError("no example is left: every document was rejected, too short or a duplicate")
    sizes = Counter(entry.group for entry in found)
    plan = plan_splits(sizes, fractions, least, seed)
    placed = [replace(entry, split=plan.of_group[entry.group]) for entry in found]
    entries = sorted(placed, key=lambda entry: (entry.split, entry.example_id))
    refuse_leaks(entries)
    return Selection(entries, plan, len(duplicates))


def _entries(chunks: Sequence[ParquetRef], groups: Mapping[str, str], max_seq_length: int) -> Iterator[Entry]:
    for source, reference in enumerate(chunks):
        for number, row in _rows(reference):
            where = f"document {row['document_id'][:12]}, part {row['part']}, chunk {row['chunk']}"
            if not row["text"].strip():
                raise ContractError(f"{where} is empty")
            if row["tokens"] > max_seq_length:
                raise ContractError(
                    f"{where} has {row['tokens']} tokens, the trainer takes {max_seq_length}: "
                    "raise max_seq_length of the dataset or lower max_tokens of the pieces"
                )
            text = hashlib.sha256(row["text"].encode()).digest()
            origin = f"{KIND}/{row['document_id']}/{row['part']}/{row['start']}-{row['end']}/{text.hex()}"
            yield Entry(
                hashlib.sha256(origin.encode()).hexdigest()[:32],
                source,
                number,
                groups.get(row["document_id"], row["document_id"]),
                row["document_id"],
                row["part"],
                row["tokens"],
                len(row["text"]),
                text[:16],
            )


def _rows(reference: ParquetRef) -> Iterator[tuple[int, dict[str, Any]]]:
    """The chunks of a file that are alive, with their row number."""
    number = 0
    for batch in iterate_batches(reference, COLUMNS):
        for row in batch.to_pylist():
            if row["reason"] is None:
                yield number, row
            number += 1


def refuse_leaks(entries: Sequence[Entry]) -> None:
    """Raises ContractError when a group or a document is in two splits. Cannot happen, and must not."""
    seen: dict[str, str] = {}
    for entry in entries:
        for name in (f"group {entry.group}", f"document {entry.document_id}"):
            if seen.setdefault(name, entry.split) != entry.split:
                raise ContractError(f"{name} is in the splits {seen[name]} and {entry.split}")


def read_examples(chunks: Sequence[ParquetRef], selection: Selection) -> Iterator[pa.RecordBatch]:
    """The rows of EXAMPLES in order, read anew from the chunks for every BUCKET_CHARACTERS of text."""
    for bucket in _buckets(selection.entries):
        wanted = {(entry.source, entry.row): entry for entry in bucket}
        rows: dict[str, dict[str, Any]] = {}
        for source in sorted({entry.source for entry in bucket}):
            for number, row in _rows(chunks[source]):
                entry = wanted.get((source, number))
                if entry:
                    rows[entry.example_id] = {
                        "example_id": entry.example_id,
                        "split": entry.split,
                        "kind": KIND,
                        "group": entry.group,
                        **{name: row[name] for name in ("text", "tokens", "document_id", "part", "start", "end", "heading")},
                    }
        yield pa.RecordBatch.from_pylist([rows[entry.example_id] for entry in bucket], schema=EXAMPLES)


def _buckets(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    bucket: list[Entry] = []
    room = BUCKET_CHARACTERS
    for entry in entries:
        if bucket and entry.characters > room:
            yield bucket
            bucket, room = [], BUCKET_CHARACTERS
        bucket.append(entry)
        room -= entry.characters
    if bucket:
        yield bucket
