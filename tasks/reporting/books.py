"""The books: one row for every document that entered, joined from what each stage said of it.

A run whose books do not balance fails loudly here: a dropped document is an error, not a smaller number.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from tasks.reporting.outcomes import (
    CHUNKS,
    CLUSTERS,
    DATASET,
    NEEDED_TO_BE_KEPT,
    BooksDoNotBalance,
    Document,
    LeftOut,
    Part,
    ShardOutputs,
    follow_shard,
    read_clusters,
)
from tasks.storage.artifacts import DatasetRef
from tasks.storage.parquet import ParquetRef, iterate_batches, read_rows, read_table
from tasks.storage.reasons import OPENED, REASONS, verdict_of
from tasks.storage.schemas import DECISIONS, MEMBER_MARK

MISSING = "unchanged_source_missing"
_PLAIN: dict[str, Any] = {
    "format": None,
    "signals": {},
    "language": None,
    "score": None,
    "examples": 0,
    "engine": None,
    "engine_version": None,
}


def balance_books(
    inventory: ParquetRef,
    shards: Sequence[ShardOutputs],
    clusters: ParquetRef | None,
    examples: Mapping[str, int],
    *,
    left_out: LeftOut | None = None,
    previous: ParquetRef | None = None,
    sources: Sequence[str] = (),
) -> pa.Table:
    """Join every stage's reasons into the DECISIONS table, sorted by path.

    inventory: all documents of the run. shards: for each shard, its stage outputs by name (tasks/reporting/outcomes.py).
    clusters: the outcome of deduplication over all shards; None when no shard had survivors. examples: document_id -> number
    of examples in the dataset. left_out: parts that the dataset left out wholly, and why. previous: the books of the run before, for documents whose file is gone since. sources:
    absolute paths or patterns that this run was told to read; only what lay below them can be missing.

    A document of several parts is kept when any part is; else it is a duplicate when all parts that reached deduplication are;
    else it has the reason of its first part that ended. Its signals, language and score are those of the part that decided.

    Raises BooksDoNotBalance when a document has no outcome, or two.
    """
    entered = read_rows(inventory, ["document_id", "path", "aliases", "bytes", "reason", "detail"])
    problems: list[tuple[str, str]] = [
        (document_id, f"{count} rows in the inventory")
        for document_id, count in Counter(row["document_id"] for row in entered).items()
        if count > 1
    ]
    in_line = {row["document_id"] for row in entered if row["reason"] is None}
    outcomes: dict[str, dict[str, Any]] = {}
    compared = read_clusters(clusters)
    for outputs in shards:
        for document in follow_shard(outputs, compared, problems, left_out).values():
            if document.document_id not in in_line:
                problems.append((document.document_id, "was worked on and is not in the inventory, or ended there"))
            elif document.document_id in outcomes:
                problems.append((document.document_id, "has an outcome in two shards"))
            else:
                outcomes[document.document_id] = _outcome_of(document, problems)

    rows = []
    for entry in entered:
        document_id = entry["document_id"]
        if entry["reason"] is not None:
            fate = {**_PLAIN, **_ending(entry["reason"], entry["detail"]), "seconds": 0.0}
        elif document_id in outcomes:
            fate = outcomes[document_id]
        else:
            problems.append((entry["path"], "has no outcome"))
            continue
        made = examples.get(document_id, 0)
        if made and fate["verdict"] != "kept":
            problems.append((entry["path"], f"is {fate['verdict']}, and the dataset has {made} examples of it"))
        rows.append({key: entry[key] for key in ("document_id", "path", "aliases", "bytes")} | fate | {"examples": made})
    for document_id in sorted(set(examples) - {row["document_id"] for row in entered}):
        problems.append((document_id, "has examples in the dataset and is not in the inventory"))
    if problems:
        raise BooksDoNotBalance(problems)

    rows += missing_since(previous, entered, sources) if previous else []
    table = pa.Table.from_pylist(sorted(rows, key=lambda row: (row["path"], row["document_id"])), schema=DECISIONS)
    check_totals(table, inputs=sum(entry["reason"] != OPENED for entry in entered))
    return table


def count_examples(dataset: DatasetRef | None) -> dict[str, int]:
    """How many examples of a dataset each document gave; empty when there is no dataset."""
    counts: Counter[str] = Counter()
    if dataset is not None:
        for batch in iterate_batches(f"{dataset.path}/examples.parquet", ["document_id"]):
            counts.update(batch["document_id"].to_pylist())
    return dict(counts)


def check_totals(decisions: pa.Table, inputs: int) -> None:
    """Raise BooksDoNotBalance unless inputs == kept + rejected + failed + duplicate."""
    counts = Counter(decisions["verdict"].to_pylist())
    decided = sum(counts[verdict] for verdict in ("kept", "rejected", "failed", "duplicate"))
    if decided != inputs:
        raise BooksDoNotBalance([("all documents", f"{inputs} entered and {decided} have a verdict ({dict(counts)})")])


def missing_since(previous: ParquetRef, entered: Sequence[Mapping[str, Any]], sources: Sequence[str]) -> list[dict[str, Any]]:
    """Rows for documents that the run before decided on and whose file is gone from the sources of this run.

    A file that changed is not missing: its path is there with another document. What was missing before is not said again.
    """
    documents = {row["document_id"] for row in entered}
    paths = {path for row in entered for path in (row["path"], *row["aliases"])}
    gone = []
    for row in read_table(previous).to_pylist(maps_as_pydicts="strict"):
        if row["verdict"] not in ("kept", "duplicate", "rejected") or row["document_id"] in documents or row["path"] in paths:
            continue
        if any(_below(row["path"], source) for source in sources):
            ending = {"verdict": MISSING, "stage": "inventory", "reason": "inventory.source_missing"}
            gone.append(row | ending | {"detail": f"was {row['verdict']} before", "examples": 0, "seconds": 0.0})
    return gone


def _below(path: str, source: str) -> bool:
    outermost = path.partition(MEMBER_MARK)[0]  # of a member: the file in the sources that it came out of
    return any(PurePath(each).is_relative_to(source) or fnmatchcase(each, source) for each in (path, outermost))


def _outcome_of(document: Document, problems: list[tuple[str, str]]) -> dict[str, Any]:
    part = _deciding_part(document, problems)
    return {
        "format": document.format,
        **_ending(part.reason, part.detail),
        "signals": part.signals,
        "language": part.language,
        "score": part.score,
        "seconds": document.seconds,
        "engine": document.engine,
        "engine_version": document.engine_version,
    }


def _deciding_part(document: Document, problems: list[tuple[str, str]]) -> Part:
    if document.detected.reason is not None:
        return document.detected
    parts = [document.parts[number] for number in sorted(document.parts)]
    if not parts:
        problems.append((document.document_id, "passed detection and has no row in extraction"))
        return document.detected
    for part in parts:
        unseen = [stage for stage in NEEDED_TO_BE_KEPT if stage not in part.seen]
        if part.stage is None and unseen:
            problems.append((document.document_id, f"part {part.number} has no outcome: it is not in {unseen[0]}"))
    kept = [part for part in parts if part.stage is None]
    if kept:
        return kept[0]
    compared = [part for part in parts if part.stage in (CLUSTERS, CHUNKS, DATASET)]
    if compared and all(part.stage == CLUSTERS for part in compared):
        return compared[0]
    return parts[0]


def _ending(reason: str | None, detail: str | None) -> dict[str, Any]:
    if reason is not None and reason not in REASONS:
        raise BooksDoNotBalance([("a document", f"ended with {reason}, which is not in the table of reasons")])
    stage = "dataset" if reason is None else reason.split(".")[0]
    return {"verdict": verdict_of(reason), "stage": stage, "reason": reason, "detail": detail}
