"""What the later stages found over all shards: personal data, copies, recurring paragraphs, what the dataset left out."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from tasks.reporting.facts import ClusterFacts, LeftOutFacts, PrivacyFacts, RepetitionFacts, SecondFacts
from tasks.reporting.outcomes import SECOND, ShardOutputs
from tasks.storage.artifacts import DatasetRef
from tasks.storage.parquet import ParquetRef, read_rows
from tasks.storage.root import size_of

CLUSTERS_SHOWN = 20
MEMBERS_SHOWN = 5
FIRST_SCORE = "score.first"  # signal of SECOND: the score before


def count_privacy(shards: Sequence[ShardOutputs]) -> tuple[list[PrivacyFacts], int]:
    """Findings per type, the most frequent first, and how many places were masked."""
    findings, masked = Counter[str](), 0
    documents: defaultdict[str, set[str]] = defaultdict(set)
    for outputs in shards:
        if "privacy" not in outputs:
            continue
        for row in read_rows(outputs["privacy"], ["document_id", "findings", "masked"]):
            masked += row["masked"] or 0
            for name, places in (row["findings"] or {}).items():
                findings[name] += places
                documents[name].add(row["document_id"])
    ordered = sorted(findings, key=lambda name: (-findings[name], name))
    return [PrivacyFacts(type=name, findings=findings[name], documents=len(documents[name])) for name in ordered], masked


def count_second(shards: Sequence[ShardOutputs], least: float | None) -> SecondFacts | None:
    """What the second stage did; None in a run without one. least: the lowest score that is asked for, None where none is.

    A document counts as brought back or refused when any of its parts is.
    """
    looked = [outputs for outputs in shards if SECOND in outputs]
    if not looked:
        return None
    documents: set[str] = set()
    brought, refused = set[str](), set[str]()
    for outputs in looked:
        columns = ["document_id", "part", "score"]
        last = {(row["document_id"], row["part"]): row["score"] for row in read_rows(outputs["quality"], columns)}
        for row in read_rows(outputs[SECOND], ["document_id", "part", "signals"]):
            documents.add(row["document_id"])
            first, score = row["signals"][FIRST_SCORE], last[row["document_id"], row["part"]]
            if least is not None and (first < least) != (score < least):
                (refused if score < least else brought).add(row["document_id"])
    return SecondFacts(looked_at=len(documents), brought_back=len(brought), refused=len(refused))


def list_clusters(clusters: ParquetRef | None, paths: Mapping[str, str]) -> tuple[list[ClusterFacts], int]:
    """The largest clusters of copies, and how many there are. paths: document_id -> short path."""
    if clusters is None:
        return [], 0
    rows = read_rows(
        clusters, ["document_id", "cluster", "cluster_size", "similarity", "reason"], filters=pc.field("cluster_size") > 1
    )
    members: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        members[row["cluster"]].append(row)
    largest = sorted(members.values(), key=lambda group: (-len(group), group[0]["cluster"]))[:CLUSTERS_SHOWN]
    return [_cluster_facts(group, paths) for group in largest], len(members)


def _cluster_facts(group: Sequence[Mapping[str, Any]], paths: Mapping[str, str]) -> ClusterFacts:
    survivors = [row for row in group if row["reason"] is None] or group[:1]
    others = sorted({paths.get(row["document_id"], row["document_id"][:12]) for row in group if row["reason"] is not None})
    similar = [row["similarity"] for row in group if row["similarity"] is not None]
    survivor = survivors[0]["document_id"]
    return ClusterFacts(
        survivor=paths.get(survivor, survivor[:12]),
        members=others[:MEMBERS_SHOWN],
        size=len(group),
        similarity=min(similar, default=None),
    )


def count_repetition(recurring: ParquetRef | None) -> RepetitionFacts | None:
    """Paragraphs that stand in many documents; None when nobody counted."""
    if recurring is None:
        return None
    documents = [row["documents"] for row in read_rows(recurring, ["documents"])]
    return RepetitionFacts(paragraphs=len(documents), places=sum(documents))


def count_left_out(dataset: DatasetRef | None) -> list[LeftOutFacts]:
    """Examples that the dataset left out, per reason and evaluation file, the most first."""
    path = f"{dataset.path}/left_out.parquet" if dataset else ""
    if not dataset or size_of(path) is None:
        return []
    examples = Counter[tuple[str, str]]()
    documents: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in read_rows(path, ["document_id", "reason", "detail"]):
        key = row["reason"], (row["detail"] or "").partition(",")[0]
        examples[key] += 1
        documents[key].add(row["document_id"])
    return [
        LeftOutFacts(reason=key[0], detail=key[1], examples=count, documents=len(documents[key]))
        for key, count in sorted(examples.items(), key=lambda item: (-item[1], item[0]))
    ]
