"""The quality scores of a run, and what another lowest score would have kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.reporting.facts import Histogram, ThresholdFacts
from tasks.reporting.outcomes import CHUNKS, ShardOutputs, read_clusters
from tasks.storage.parquet import ParquetRef, read_rows

BINS = 20
TRIED = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # other thresholds of the score
BY_SCORE = "quality.score"
_LATER = ("privacy", "fingerprints", CHUNKS)  # outputs that may end a part that the gates kept
_PART = ("document_id", "part")

Key = tuple[str, int]  # document_id, part


def count_scores(here: Sequence[Mapping[str, Any]]) -> Histogram:
    """Quality scores of the documents that have one, kept and ended apart."""
    kept, ended = [0] * BINS, [0] * BINS
    for row in here:
        if row["score"] is not None:
            bins = kept if row["verdict"] == "kept" else ended
            bins[min(BINS - 1, max(0, int(row["score"] * BINS)))] += 1
    return Histogram(kept=kept, ended=ended)


def try_thresholds(
    here: Sequence[Mapping[str, Any]], shards: Sequence[ShardOutputs], clusters: ParquetRef | None
) -> list[ThresholdFacts]:
    """How many of the documents that only the score could still reject another threshold would keep.

    A document is kept when any part of it is, so its best part counts, of those that were kept and those that the score alone
    rejected. Duplicates are copies of one that counts, and are left out. here: rows of DECISIONS.
    """
    verdicts = {row["document_id"]: row["verdict"] for row in here}
    ended = set(read_clusters(clusters).endings)
    best: dict[str, float] = {}
    for outputs in shards:
        lost = ended | _ended_later(outputs)
        for row in read_rows(outputs["quality"], [*_PART, "score", "reason"]) if "quality" in outputs else ():
            document_id = row["document_id"]
            verdict = verdicts.get(document_id, "duplicate")
            is_kept = row["reason"] is None and verdict == "kept" and (document_id, row["part"]) not in lost
            is_open = row["reason"] == BY_SCORE and verdict != "duplicate"
            if row["score"] is not None and (is_kept or is_open):
                best[document_id] = max(row["score"], best.get(document_id, 0.0))
    return [ThresholdFacts(min_score=bound, kept=sum(score >= bound for score in best.values())) for bound in TRIED if best]


def _ended_later(outputs: ShardOutputs) -> set[Key]:
    """The parts of a shard that ended after the gates had kept them."""
    return {
        (row["document_id"], row["part"])
        for name in _LATER
        if name in outputs
        for row in read_rows(outputs[name], [*_PART, "reason"])
        if row["reason"] is not None
    }
