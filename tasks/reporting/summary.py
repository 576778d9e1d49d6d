"""The summary of a run: everything that its report states, computed from the books and from what the stages wrote."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from tasks.reporting.annotation_facts import count_annotations
from tasks.reporting.costs import read_costs, saved_work, throughput
from tasks.reporting.facts import (
    AuditFacts,
    Books,
    DatasetFacts,
    FormatCount,
    FunnelStep,
    GapFacts,
    LanguageCount,
    LostDocument,
    ReasonCount,
    RunFacts,
    RunSummary,
)
from tasks.reporting.findings import count_left_out, count_privacy, count_repetition, count_second, list_clusters
from tasks.reporting.outcomes import ShardOutputs
from tasks.reporting.scores import count_scores, try_thresholds
from tasks.reporting.training import training_facts
from tasks.storage.artifacts import AdapterRef, DatasetRef
from tasks.storage.parquet import ParquetRef, read_rows
from tasks.storage.reasons import REASONS

ROOMS = ("inventory", "unpacking", "detection", "extraction", "normalization", "quality", "privacy", "deduplication", "dataset")
LOST_SHOWN = 200
EXAMPLES_SHOWN = 3
MISSING = "unchanged_source_missing"
CONTAINER = "opened"
NO_DOCUMENTS = (MISSING, CONTAINER)  # verdicts of rows that are no inputs of the run
# How the quality gates end the detail of an audited document that only the cheap check had rejected.
PASSED_LATER = "audit: no later gate rejects it"
# A stage's name in the cache -> the name of its output in a shard, where they differ.
OUTPUT_OF = {
    "extraction-sample": "samples",
    "quality-early": "early",
    "quality-signals": "signals",
    "quality-second": "second",
    "quality-gates": "quality",
    "deduplication-fingerprints": "fingerprints",
    "deduplication-clusters": "clusters",
    "dataset-chunks": "chunks",
    "dataset-contamination": "contamination",
    "dataset-instructions": "instructions",
}
_COLUMNS = [
    *("document_id", "path", "aliases", "format", "verdict", "stage", "reason", "detail", "language", "score", "seconds", "bytes")
]
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def summarize_result(result: Mapping[str, Any]) -> RunSummary:
    """Summarize what a flow says of its run, as JSON: `run` (its name), `flow`, `outcome`, `message`, `started`, `seconds`,
    `sources`, `machine`, `books` (for `ignored`), `decisions`, `outputs`, `clusters`, `dataset`, `adapter`, `promotion`,
    `stage_seconds`, `measures`, `asked` (for the score), `viewers`. All but `run` may be absent; without `decisions` nothing is
    said of documents.
    """
    known = {name: result[name] for name in RunFacts.model_fields if result.get(name) is not None}
    run = RunFacts(**{**known, "name": result["run"]})
    dataset, adapter = result.get("dataset"), result.get("adapter")
    made = {
        "dataset": _dataset_facts(DatasetRef.model_validate(dataset)) if dataset else None,
        "training": training_facts(AdapterRef.model_validate(adapter), run, result.get("promotion")) if adapter else None,
    }
    if result.get("decisions") is None:
        return RunSummary(run=run, **made)
    shards = [{stage: ParquetRef.model_validate(ref) for stage, ref in each.items()} for each in result.get("outputs") or ()]
    clusters = ParquetRef.model_validate(result["clusters"]) if result.get("clusters") else None
    ignored = (result.get("books") or {}).get("ignored", 0)
    summary = summarize(ParquetRef.model_validate(result["decisions"]), shards, clusters, run, ignored, result.get("viewers"))
    left_out = count_left_out(DatasetRef.model_validate(dataset) if dataset else None)
    recurring = ParquetRef.model_validate(result["recurring"]) if result.get("recurring") else None
    bounds = [float(gate["bound"]) for gate in (result.get("asked") or {}).get("score", ())]
    second = count_second(shards, max(bounds, default=None))
    found = {"left_out": left_out, "repetition": count_repetition(recurring), "second": second}
    return summary.model_copy(update={**made, **found})


def summarize(
    decisions: ParquetRef,
    shards: Sequence[ShardOutputs],
    clusters: ParquetRef | None,
    run: RunFacts,
    ignored: int = 0,
    viewers: Mapping[str, str] | None = None,
) -> RunSummary:
    """Summarize what became of the documents, from the books (DECISIONS) and the stages' outputs.

    ignored: files passed over by name. viewers: as count_annotations takes them.
    """
    rows = read_rows(decisions, _COLUMNS)
    here = [row for row in rows if row["verdict"] not in NO_DOCUMENTS]
    ended = [row for row in here if row["verdict"] != "kept"]
    paths = {row["document_id"]: shorten(row["path"], run.sources) for row in rows}
    costs, peaks = read_costs(shards, clusters)
    formats = {row["document_id"]: row["format"] for row in here}
    saved = saved_work(costs, formats, (row["document_id"] for row in ended if row["stage"] not in ("inventory", "unpacking")))
    privacy, masked = count_privacy(shards)
    largest, clusters_total = list_clusters(clusters, paths)
    return RunSummary(
        run=run,
        books=count_books(rows, ignored),
        funnel=count_funnel(here),
        reasons=count_reasons(rows, paths),
        formats=count_formats(here),
        languages=count_languages(here),
        scores=count_scores(here),
        thresholds=try_thresholds(here, shards, clusters),
        throughput=throughput(costs, peaks, {OUTPUT_OF.get(stage, stage) for stage in run.stage_seconds}),
        saved_seconds=round(sum(each.seconds for each in saved), 3),
        saved=saved,
        lost=list_lost(ended, paths),
        lost_total=len(ended),
        gaps=count_gaps(shards),
        audit=judge_audit(shards),
        privacy=privacy,
        masked=masked,
        clusters=largest,
        clusters_total=clusters_total,
        annotation=count_annotations(shards, viewers or {}, paths),
    )


def shorten(path: str, sources: Sequence[str]) -> str:
    """A path as people know it: below the source folder that it was found in."""
    for source in sources:
        if path != source and PurePath(path).is_relative_to(source):
            return PurePath(path).relative_to(source).as_posix()
    return path


def count_books(rows: Sequence[Mapping[str, Any]], ignored: int = 0) -> Books:
    """The totals of the books."""
    verdicts = Counter(row["verdict"] for row in rows)
    here = [row for row in rows if row["verdict"] not in NO_DOCUMENTS]
    return Books(
        inputs=len(here),
        kept=verdicts["kept"],
        rejected=verdicts["rejected"],
        failed=verdicts["failed"],
        duplicate=verdicts["duplicate"],
        source_missing=verdicts[MISSING],
        containers=verdicts[CONTAINER],
        aliases=sum(len(row["aliases"]) for row in here),
        ignored=ignored,
        bytes=sum(row["bytes"] for row in here),
    )


def count_funnel(here: Sequence[Mapping[str, Any]]) -> list[FunnelStep]:
    """How many documents entered and left each stage."""
    endings = Counter(row["stage"] for row in here if row["verdict"] != "kept")
    steps, entered = [], len(here)
    for room in ROOMS:
        steps.append(FunnelStep(stage=room, entered=entered, left=entered - endings[room]))
        entered -= endings[room]
    return steps


def count_reasons(rows: Sequence[Mapping[str, Any]], paths: Mapping[str, str]) -> list[ReasonCount]:
    """Every reason that was given, in the order of the line, the most frequent first within a stage."""
    counts = Counter(row["reason"] for row in rows if row["reason"] is not None)
    examples: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row["reason"] is not None and len(examples[row["reason"]]) < EXAMPLES_SHOWN:
            examples[row["reason"]].append(paths[row["document_id"]])
    ordered = sorted(counts, key=lambda code: (ROOMS.index(code.split(".")[0]), -counts[code], code))
    return [
        ReasonCount(
            code=code,
            verdict=REASONS[code].verdict,
            count=counts[code],
            meaning=REASONS[code].meaning,
            transient=REASONS[code].transient,
            examples=examples[code],
        )
        for code in ordered
    ]


def count_formats(here: Sequence[Mapping[str, Any]]) -> list[FormatCount]:
    """What became of each format, the most frequent first."""
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in here:
        groups[row["format"] or "unknown"].append(row)
    return [
        FormatCount(
            format=name,
            documents=len(group),
            kept=sum(row["verdict"] == "kept" for row in group),
            bytes=sum(row["bytes"] for row in group),
            seconds=round(sum(row["seconds"] for row in group) / len(group), 4),
        )
        for name, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def count_languages(here: Sequence[Mapping[str, Any]]) -> list[LanguageCount]:
    """Documents per language, the most frequent first; those that ended before their language was measured are left out."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in here:
        if row["language"]:
            groups[row["language"]].append(row["verdict"])
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [LanguageCount(language=name, documents=len(each), kept=each.count("kept")) for name, each in ordered]


def list_lost(ended: Sequence[Mapping[str, Any]], paths: Mapping[str, str]) -> list[LostDocument]:
    """The first documents that were not kept, in the order of the line, then of their paths."""
    ordered = sorted(ended, key=lambda row: (ROOMS.index(row["stage"]), row["reason"], paths[row["document_id"]]))
    return [
        LostDocument(
            path=paths[row["document_id"]],
            format=row["format"],
            verdict=row["verdict"],
            reason=row["reason"],
            detail=name_documents(row["detail"], paths),
        )
        for row in ordered[:LOST_SHOWN]
    ]


def name_documents(detail: str | None, paths: Mapping[str, str]) -> str | None:
    """A detail with document ids replaced by the paths that people know."""
    return _DIGEST.sub(lambda found: paths.get(found[0], found[0][:12]), detail) if detail else detail


def count_gaps(shards: Sequence[ShardOutputs]) -> GapFacts:
    """Pages that were lost, and steps of cleaning left undone, over all shards."""
    lost: dict[str, int] = {}
    flagged: set[str] = set()
    for outputs in shards:
        if "extraction" in outputs:  # counted from the first page to the end of a part: the largest is the document's
            for row in read_rows(outputs["extraction"], ["document_id", "pages_lost", "reason"]):
                if row["reason"] is None and row["pages_lost"]:
                    lost[row["document_id"]] = max(row["pages_lost"], lost.get(row["document_id"], 0))
        if "normalization" in outputs:
            rows = read_rows(outputs["normalization"], ["document_id", "flags"])
            flagged |= {row["document_id"] for row in rows if row["flags"]}
    return GapFacts(pages=sum(lost.values()), incomplete=len(lost), flagged=len(flagged))


def judge_audit(shards: Sequence[ShardOutputs]) -> AuditFacts | None:
    """The audit sample over all shards; None when nobody was audited."""
    rows = [
        row
        for outputs in shards
        if "quality" in outputs
        for row in read_rows(outputs["quality"], ["document_id", "audit", "reason", "detail", "score"])
    ]
    kept = {row["document_id"] for row in rows if row["reason"] is None}  # by another part of theirs
    audited = [row for row in rows if row["audit"] and row["document_id"] not in kept]
    if not audited:
        return None
    documents = {row["document_id"] for row in audited}
    passing = {row["document_id"] for row in audited if (row["detail"] or "").endswith(PASSED_LATER)}
    scores = [row["score"] for row in audited if row["score"] is not None]
    low, high = wilson_interval(len(passing), len(documents))
    return AuditFacts(
        audited=len(documents),
        would_pass=len(passing),
        low=low,
        high=high,
        mean_score=round(sum(scores) / len(scores), 4) if scores else None,
    )


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, "Probable inference, the law of succession, and statistical inference", 1927): sound
    for few trials and for shares near 0 and 1. Raises ZeroDivisionError without trials."""
    z = 1.959964
    share = successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def _dataset_facts(dataset: DatasetRef) -> DatasetFacts:
    return DatasetFacts(examples=dataset.examples, tokens=dataset.tokens, digest=dataset.digest, folder=dataset.path)
