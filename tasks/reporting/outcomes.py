"""How one shard's documents fared: each part followed through the stages to the first reason it met.

Reads the columns it needs of each stage's output and no texts, one shard at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks.storage.parquet import ParquetRef, read_rows
from tasks.storage.root import size_of
from tasks.storage.stage import metrics_path

ShardOutputs = Mapping[str, ParquetRef]  # name of a stage's output -> its reference; outputs after an early end are absent

# The outputs of a shard in the order of the line. `clusters` is global and stands between fingerprints and chunks: a duplicate
# is a duplicate, however its chunks turned out.
# `samples` and `early` look at large documents before they are read; most shards lack them. `contamination` is there when
# evaluation files were named: the dataset says what it left out. `second` is there when a second stage looked at uncertain
# scores: what it found is in `quality` already.
DETECTION = "detection"
SAMPLES = "samples"
EARLY = "early"
PART_OUTPUTS = ("extraction", "normalization", "signals", "quality", "privacy", "fingerprints")
SECOND = "second"
CLUSTERS = "clusters"
CHUNKS = "chunks"
CONTAMINATION = "contamination"
ANNOTATION = "annotation"
INSTRUCTIONS = "instructions"
INSTRUCTION_CONTAMINATION = "instruction_contamination"
# These end no document: what they do not find is no example, and the text itself stays one.
ENDING_NOTHING = (CONTAMINATION, ANNOTATION, INSTRUCTIONS, INSTRUCTION_CONTAMINATION)
DATASET = "dataset"  # no output of a shard: what assembling left out of the dataset
_PARTS_IN_ORDER = tuple(name for output in PART_OUTPUTS for name in ((SECOND, output) if output == "quality" else (output,)))
SHARD_OUTPUTS = (DETECTION, SAMPLES, EARLY, *_PARTS_IN_ORDER, CHUNKS, *ENDING_NOTHING)
IN_ORDER = (DETECTION, SAMPLES, EARLY, *_PARTS_IN_ORDER, CLUSTERS, CHUNKS, *ENDING_NOTHING)
# A part is only kept when each of these has a row for it.
NEEDED_TO_BE_KEPT = (*PART_OUTPUTS, CLUSTERS, CHUNKS)

_MORE_COLUMNS = {
    DETECTION: ["format"],
    "extraction": ["engine", "engine_version"],
    "signals": ["language", "signals"],
    "quality": ["score"],
}
LeftOut = Mapping[tuple[str, int], tuple[str, str | None]]  # (document_id, part) -> reason and detail


class BooksDoNotBalance(RuntimeError):
    """Some document has no outcome or more than one, so the run's counts cannot be trusted.

    problems: (document, what is wrong), all of them; the message names the first few.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = list(problems)
        named = "; ".join(f"{document}: {what}" for document, what in self.problems[:5])
        more = f"; and {len(self.problems) - 5} more" if len(self.problems) > 5 else ""
        super().__init__(f"the books do not balance for {len(self.problems)} document(s): {named}{more}")


@dataclass
class Part:
    """One part on its way. stage: the output that ended it; None while it is alive."""

    number: int
    stage: str | None = None
    reason: str | None = None
    detail: str | None = None
    seen: set[str] = field(default_factory=set)
    signals: dict[str, float] = field(default_factory=dict)
    language: str | None = None
    score: float | None = None

    def end(self, stage: str, row: Mapping[str, Any]) -> None:
        """Take over the reason of a row; the first one counts."""
        if self.stage is None and row["reason"] is not None:
            self.stage, self.reason, self.detail = stage, row["reason"], row["detail"]


@dataclass
class Document:
    """One document on its way: its own ending before it has parts (detected), then its parts."""

    document_id: str
    format: str | None = None
    engine: str | None = None
    engine_version: str | None = None
    seconds: float = 0.0
    detected: Part = field(default_factory=lambda: Part(-1))
    parts: dict[int, Part] = field(default_factory=dict)


@dataclass(frozen=True)
class Clusters:
    """What deduplication said. known: all parts it compared. endings: those that are duplicates -> their row."""

    known: frozenset[tuple[str, int]]
    endings: Mapping[tuple[str, int], Mapping[str, Any]]


def read_clusters(clusters: ParquetRef | None) -> Clusters:
    """The outcome of deduplication by (document_id, part); nothing at all when the run had no fingerprints."""
    if clusters is None:
        return Clusters(frozenset(), {})
    rows = read_rows(clusters, ["document_id", "part", "reason", "detail"])
    keyed = {(row["document_id"], row["part"]): row for row in rows}
    return Clusters(frozenset(keyed), {key: row for key, row in keyed.items() if row["reason"] is not None})


def follow_shard(
    outputs: ShardOutputs, clusters: Clusters, problems: list[tuple[str, str]], left_out: LeftOut | None = None
) -> dict[str, Document]:
    """Every document of a shard with the fate of each of its parts. Contradictions are added to `problems`. left_out: parts of
    which the dataset has nothing, and why.
    """
    unknown = sorted(set(outputs) - set(SHARD_OUTPUTS))
    if unknown:
        raise ValueError(f"unknown stage outputs {unknown}; known are {list(SHARD_OUTPUTS)}")
    if DETECTION not in outputs:
        return {}
    documents = _detected_documents(outputs, problems)
    for stage in PART_OUTPUTS:
        if stage in outputs:
            _follow_parts(stage, _rows(outputs[stage], stage), documents, problems)
    for row in read_rows(outputs[SECOND], ["document_id", "part", "signals"]) if SECOND in outputs else ():
        documents[row["document_id"]].parts[row["part"]].signals.update(row["signals"])
    _follow_clusters(clusters, documents)
    if CHUNKS in outputs:
        _follow_chunks(_rows(outputs[CHUNKS], CHUNKS), documents, problems)
    for document in documents.values():
        for part in document.parts.values():
            if ending := (left_out or {}).get((document.document_id, part.number)):
                part.end(DATASET, {"reason": ending[0], "detail": ending[1]})
    _add_costs(outputs, documents)
    return documents


def _detected_documents(outputs: ShardOutputs, problems: list[tuple[str, str]]) -> dict[str, Document]:
    """The documents of a shard with what ended them before they had parts."""
    documents: dict[str, Document] = {}
    for row in _rows(outputs[DETECTION], DETECTION):
        document = Document(row["document_id"], format=row["format"])
        document.detected.end(DETECTION, row)
        if row["document_id"] in documents:
            problems.append((row["document_id"], "two rows in detection"))
        documents[row["document_id"]] = document
    for row in _rows(outputs[EARLY], EARLY) if EARLY in outputs else ():
        documents[row["document_id"]].detected.end(EARLY, row)
    return documents


def _follow_clusters(clusters: Clusters, documents: Mapping[str, Document]) -> None:
    for document in documents.values():
        for part in document.parts.values():
            key = (document.document_id, part.number)
            if key in clusters.known:
                part.seen.add(CLUSTERS)
            if key in clusters.endings:
                part.end(CLUSTERS, clusters.endings[key])


def _rows(ref: ParquetRef, stage: str) -> list[dict[str, Any]]:
    part = [] if stage in (DETECTION, EARLY) else ["part"]
    return read_rows(ref, ["document_id", *part, "reason", "detail", *_MORE_COLUMNS.get(stage, [])])


def _follow_parts(
    stage: str, rows: Sequence[Mapping[str, Any]], documents: Mapping[str, Document], problems: list[tuple[str, str]]
) -> None:
    for row in rows:
        document = documents.get(row["document_id"])
        if document is None or document.detected.reason is not None:
            problems.append((row["document_id"], f"a row in {stage} though it ended before extraction"))
            continue
        number = row["part"]
        if stage == "extraction" and number not in document.parts:
            document.parts[number] = Part(number)
        part = document.parts.get(number)
        if part is None:
            problems.append((row["document_id"], f"part {number} appears in {stage} and not in extraction"))
            continue
        if stage in part.seen:
            problems.append((row["document_id"], f"two rows for part {number} in {stage}"))
        if part.stage is not None and row["reason"] is None:
            problems.append((row["document_id"], f"part {number} ended in {part.stage} and goes on in {stage}"))
        part.seen.add(stage)
        part.end(stage, row)
        _take_columns(document, part, row)
    for document in documents.values():
        for part in document.parts.values():
            if part.stage is None and stage not in part.seen:
                problems.append((document.document_id, f"part {part.number} has no row in {stage}"))


def _take_columns(document: Document, part: Part, row: Mapping[str, Any]) -> None:
    part.signals.update(row.get("signals") or {})
    part.language = row.get("language") or part.language
    part.score = part.score if row.get("score") is None else row["score"]
    if document.engine is None and row.get("engine"):
        document.engine, document.engine_version = row["engine"], row["engine_version"]


def _follow_chunks(rows: Sequence[Mapping[str, Any]], documents: Mapping[str, Document], problems: list[tuple[str, str]]) -> None:
    ended: dict[tuple[str, int], Mapping[str, Any]] = {}
    alive: set[tuple[str, int]] = set()
    for row in rows:
        key = (row["document_id"], row["part"])
        if row["reason"] is None:
            alive.add(key)
        else:
            ended.setdefault(key, row)
    for document_id, number in sorted(alive | set(ended)):
        document = documents.get(document_id)
        part = document.parts.get(number) if document else None
        if part is None:
            problems.append((document_id, f"part {number} appears in chunks and not in extraction"))
            continue
        if part.stage not in (None, CLUSTERS):
            problems.append((document_id, f"part {number} ended in {part.stage} and goes on in chunks"))
        part.seen.add(CHUNKS)
        if (document_id, number) not in alive:
            part.end(CHUNKS, ended[document_id, number])


def _add_costs(outputs: ShardOutputs, documents: Mapping[str, Document]) -> None:
    for ref in outputs.values():
        path = metrics_path(ref.path)
        if size_of(path) is None:
            continue
        for row in read_rows(path, ["document_id", "seconds"]):
            if row["document_id"] in documents:
                documents[row["document_id"]].seconds += row["seconds"]
