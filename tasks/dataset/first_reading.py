"""The first reading of chunks and instruction examples: numbers that stand for the examples, without their texts."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tasks.dataset.errors import ContractError
from tasks.dataset.leaving_out import Choice, Chosen, LeftOut
from tasks.storage.parquet import ParquetRef, iterate_batches

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

TEXT = "text"
# In the order in which the card names them.
KINDS = (TEXT, "extraction", "question_answer", "table_lookup", "section_title", "generated")
_COLUMNS = ("document_id", "part", "chunk", "text", "tokens", "start", "end", "reason")
_DIGEST_BYTES = 16  # of an example's id, and of what tells equal texts


@dataclass(frozen=True)
class Sources:
    """Where examples come from: CHUNKS and INSTRUCTIONS of all shards. An entry names its source by the place in `references`."""

    chunks: Sequence[ParquetRef]
    instructions: Sequence[ParquetRef] = ()

    @property
    def references(self) -> list[ParquetRef]:
        """The chunks, and behind them the instruction examples."""
        return [*self.chunks, *self.instructions]

    def is_text(self, source: int) -> bool:
        """Whether a source holds chunks."""
        return source < len(self.chunks)


def entry_type() -> "np.dtype[Any]":
    """An example as numbers: source and row say where its text is; id and text are digests as two halves; kind: place in KINDS;
    changed: paragraphs were taken out; negative: an instruction example that is answered with nothing."""
    import numpy as np

    halves = np.dtype([("high", "u8"), ("low", "u8")])
    numbers = [("source", "i4"), ("row", "i8"), ("tokens", "i4"), ("characters", "i8"), ("changed", "?")]
    told = [("kind", "i1"), ("negative", "?")]
    return np.dtype([("id", halves), ("text", halves), *numbers, *told, ("document", "i4"), ("group", "i4"), ("split", "i1")])


class FirstReading:
    """Entries without document, group and split; what is left out is gathered beside."""

    def __init__(self, sources: Sources, choice: Choice, duplicates: set[tuple[str, int]], max_seq_length: int) -> None:
        self._sources = sources
        self._choice = choice
        self._duplicates = duplicates
        self._max_seq_length = max_seq_length
        self.left_out: list[LeftOut] = []
        self.paragraphs_removed = 0

    def texts(self) -> "tuple[npt.NDArray[Any], pa.ChunkedArray]":
        """Entries of the chunks, and the document of each. Raises ContractError for an empty or over-long one."""
        return self._gather(range(len(self._sources.chunks)), _COLUMNS, self._choice.decide)

    def instructions(self) -> "tuple[npt.NDArray[Any], pa.ChunkedArray]":
        """Likewise of the instruction examples, which stay as they are: nothing is taken out of a conversation."""
        places = range(len(self._sources.chunks), len(self._sources.references))
        return self._gather(places, (*_COLUMNS, "kind", "negative"), self._choice.decide_whole)

    def _gather(
        self, places: Sequence[int], columns: Sequence[str], decide: Callable[[Mapping[str, Any]], Chosen | LeftOut]
    ) -> "tuple[npt.NDArray[Any], pa.ChunkedArray]":
        import numpy as np

        pieces = [piece for source in places for piece in self._read(source, columns, decide)]
        entries = np.concatenate([np.zeros(0, dtype=entry_type()), *(rows for rows, _ in pieces)])
        return entries, pa.chunked_array([names for _, names in pieces], type=pa.string())

    def _read(
        self, source: int, columns: Sequence[str], decide: Callable[[Mapping[str, Any]], Chosen | LeftOut]
    ) -> "Iterator[tuple[npt.NDArray[Any], pa.Array]]":
        import numpy as np

        first = 0
        for batch in iterate_batches(self._sources.references[source], columns):
            entries = np.zeros(batch.num_rows, dtype=entry_type())
            chosen = []
            for at, row in enumerate(batch.to_pylist()):
                if row["reason"] is None and (row["document_id"], row["part"]) not in self._duplicates:
                    entry = self._entry(row, decide)
                    if entry:
                        entries[at] = (*entry[:2], source, first + at, *entry[2:], 0, 0, 0)
                        chosen.append(at)
            if chosen:
                yield entries[chosen], batch["document_id"].take(pa.array(chosen))
            first += batch.num_rows

    def _entry(self, row: Mapping[str, Any], decide: Callable[[Mapping[str, Any]], Chosen | LeftOut]) -> tuple[Any, ...] | None:
        where = f"document {row['document_id'][:12]}, part {row['part']}, chunk {row['chunk']}"
        if not row["text"].strip():
            raise ContractError(f"{where} is empty")
        if row["tokens"] > self._max_seq_length:
            raise ContractError(
                f"{where} has {row['tokens']} tokens, the trainer takes {self._max_seq_length}: "
                "raise max_seq_length of the dataset or lower max_tokens of the pieces"
            )
        chosen = decide(row)
        if isinstance(chosen, LeftOut):
            self.left_out.append(chosen)
            return None
        self.paragraphs_removed += chosen.removed
        kind = row.get("kind", TEXT)
        text = hashlib.sha256(chosen.text.encode()).digest()
        origin = f"{kind}/{row['document_id']}/{row['part']}/{row['start']}-{row['end']}/{text.hex()}"
        name = hashlib.sha256(origin.encode()).digest()
        told = (KINDS.index(kind), row.get("negative", False))
        return _halves(name), _halves(text), chosen.tokens, len(chosen.text), chosen.removed > 0, *told


def _halves(digest: bytes) -> tuple[int, int]:
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:_DIGEST_BYTES], "big")
