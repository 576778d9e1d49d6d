"""What of the chunks does not go into the dataset: phrases of evaluation files, and paragraphs that recur."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.dataset.structure import fenced_spans
from tasks.dataset.tokens import Tokens
from tasks.storage.paragraphs import split_paragraphs
from tasks.storage.parquet import ParquetRef, iterate_batches, read_table

CONTAMINATED = "dataset.contaminated"
BOILERPLATE = "dataset.boilerplate"
WHOLE_PART = -1  # the chunk number of a row that speaks of all chunks of a part
Key = tuple[str, int, int]  # document_id, part, chunk: the numbers of instruction examples are above those of chunks


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A chunk that is no example (schemas: LEFT_OUT). evaluation: the name of the evaluation file, where there is one."""

    document_id: str
    part: int
    chunk: int
    reason: str
    detail: str | None
    evaluation: str | None = None


@dataclass(frozen=True)
class Chosen:
    """A chunk that is an example. text: what is left of it. tokens: of that. removed: paragraphs taken out."""

    text: str
    tokens: int
    removed: int = 0


@dataclass(frozen=True)
class Contaminated:
    """Why a chunk, or a whole part, is left out."""

    reason: str
    detail: str | None
    evaluation: str | None = None


@dataclass(frozen=True)
class Choice:
    """Decides what becomes of a chunk. recurring: digests of the paragraphs to take out. min_tokens: of what is left then."""

    contaminated: Mapping[Key, Contaminated] = field(default_factory=dict)
    recurring: frozenset[int] = frozenset()
    tokens: Tokens | None = None
    min_tokens: int = 1

    def decide(self, row: Mapping[str, Any]) -> Chosen | LeftOut:
        """What becomes of a row of CHUNKS without a reason."""
        part = (row["document_id"], row["part"])
        whole = self.decide_whole(row)
        if isinstance(whole, LeftOut):
            return whole
        text, removed = self.shorten(row["text"])
        if not removed:
            return whole
        if self.tokens is None:
            raise ValueError("paragraphs cannot be removed without a tokenizer to count what is left")
        tokens = self.tokens.count([text])[0] + self.tokens.extra
        if not text or tokens < self.min_tokens:
            return LeftOut(*part, row["chunk"], BOILERPLATE, f"{removed} recurring paragraph(s) removed, {tokens} tokens left")
        return Chosen(text, tokens, removed)

    def decide_whole(self, row: Mapping[str, Any]) -> Chosen | LeftOut:
        """What becomes of a row of INSTRUCTIONS or CHUNKS without a reason, of which no paragraph is taken out."""
        part = (row["document_id"], row["part"])
        found = self.contaminated.get((*part, row["chunk"])) or self.contaminated.get((*part, WHOLE_PART))
        if found:
            return LeftOut(*part, row["chunk"], found.reason, found.detail, found.evaluation)
        return Chosen(row["text"], row["tokens"])

    def shorten(self, text: str) -> tuple[str, int]:
        """A text without the paragraphs that recur, and how many these are. Code stays: cut, it would not be closed."""
        if not self.recurring:
            return text, 0
        kept, removed, last = [], 0, 0
        fenced = fenced_spans(text)
        for start, end, digest in split_paragraphs(text):
            if digest in self.recurring and not any(start < code[1] and code[0] < end for code in fenced):
                kept.append(text[last:start])
                last = end
                removed += 1
        if not removed:
            return text, 0
        blocks = (piece.strip("\n") for piece in [*kept, text[last:]])
        return "\n\n".join(block for block in blocks if block.strip()), removed


def read_recurring(recurring: ParquetRef | None) -> frozenset[int]:
    """The digests of RECURRING; none when nothing is to be removed."""
    return frozenset(read_table(recurring, ["digest"])["digest"].to_pylist()) if recurring else frozenset()


def read_contamination(
    contamination: Sequence[ParquetRef], duplicates: Iterable[tuple[str, int]] = (), common_documents: int | None = None
) -> dict[Key, Contaminated]:
    """The chunks that share a gram with an evaluation file, with the file and row that shares most.

    common_documents: grams that stand in more documents than this do not count (Brown et al. 2020, appendix C: 10); None: all
    count. duplicates: parts that are copies, which do not make a gram common.
    """
    copies = set(duplicates)
    common = frozenset[int]() if common_documents is None else _common_grams(contamination, copies, common_documents)
    found: dict[Key, Contaminated] = {}
    for row in _rows(contamination):
        key = (row["document_id"], row["part"], row["chunk"])
        if row["reason"] is not None:
            found[key] = Contaminated(row["reason"], row["detail"])
            continue
        places = zip(row["grams"], row["evaluation"], row["evaluation_row"], strict=True)
        counts = Counter((name, number) for gram, name, number in places if gram not in common)
        if counts:
            (name, number), shared = min(counts.items(), key=lambda each: (-each[1], each[0]))
            words = f"shares {shared} phrase(s) with {name}, row {number}"
            found[key] = Contaminated(CONTAMINATED, words, name)
    return found


def _rows(contamination: Sequence[ParquetRef]) -> Iterator[dict[str, Any]]:
    for reference in contamination:
        for batch in iterate_batches(reference):
            yield from batch.to_pylist()


def _common_grams(contamination: Sequence[ParquetRef], copies: set[tuple[str, int]], most: int) -> frozenset[int]:
    """Grams that stand in more than `most` documents. A document is counted once for its chunks and instruction examples."""
    of_document: dict[str, set[int]] = {}
    for row in _rows(contamination):
        if row["reason"] is None and (row["document_id"], row["part"]) not in copies:
            of_document.setdefault(row["document_id"], set()).update(row["grams"])
    counts = Counter(gram for grams in of_document.values() for gram in grams)
    return frozenset(gram for gram, count in counts.items() if count > most)


def per_evaluation(left_out: Sequence[LeftOut]) -> dict[str, int]:
    """Chunks left out for each evaluation file, by name."""
    counts = Counter(each.evaluation for each in left_out if each.evaluation is not None)
    return {str(name): counts[name] for name in sorted(counts, key=str)}
