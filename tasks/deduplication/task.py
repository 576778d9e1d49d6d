"""The doors: fingerprints of one shard; clusters and recurring paragraphs of all shards."""

from typing import Any

from tasks.deduplication.assembly import cluster_rows
from tasks.deduplication.fingerprints import Fingerprint, fingerprint_text
from tasks.deduplication.recurring import recurring_table
from tasks.deduplication.settings import DeduplicationSettings
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, TextAt, locate_alive, read_alive
from tasks.storage.schemas import BANDS, CLUSTERS, FINGERPRINTS, RECURRING
from tasks.storage.stage import Metric, Stage, write_output

# rensa refuses signatures of other versions of its algorithm, so its version is part of the key of what it made.
FINGERPRINTS_STAGE = Stage("deduplication-fingerprints", revision=3, packages=("rensa",))
CLUSTERS_STAGE = Stage("deduplication-clusters", revision=2)
RECURRING_STAGE = Stage("deduplication-recurring", revision=1)

TIMEOUT_SECONDS = 60.0  # per document part


@FINGERPRINTS_STAGE.task(ignore=("settings",))
def fingerprint(texts: ParquetRef, decided: ParquetRef, settings: DeduplicationSettings) -> ParquetRef:
    """Fingerprints of the parts that quality kept (schemas: NORMALIZATION or PRIVACY, QUALITY in, FINGERPRINTS out).

    No setting shapes a fingerprint: another threshold compares the same ones.
    """
    kept = {(row["document_id"], row["part"]): row["score"] for row in read_alive(decided, ["document_id", "part", "score"])}
    parts = locate_alive(texts, ["document_id", "part"]) if kept else []
    jobs = [Job(row["document_id"], row["part"], row["text"]) for row in parts if (row["document_id"], row["part"]) in kept]
    outcomes = map_documents(_fingerprint_at, jobs, timeout_seconds=TIMEOUT_SECONDS)
    metrics = [Metric(o.job.document_id, o.job.part, o.seconds, o.peak_mib) for o in outcomes]
    rows = [_row(outcome, kept[outcome.job.document_id, outcome.job.part]) for outcome in outcomes]
    return write_output(rows, FINGERPRINTS, metrics)


@CLUSTERS_STAGE.task()
def cluster(fingerprints: list[ParquetRef], texts: list[ParquetRef], settings: DeduplicationSettings) -> ParquetRef:
    """Clusters of copies over all shards (schemas: FINGERPRINTS, NORMALIZATION or PRIVACY in, CLUSTERS out). Neither the order of
    the lists nor what is remembered of earlier runs shapes the output."""
    return write_output(cluster_rows(fingerprints, texts, settings, FINGERPRINTS_STAGE.version).table, CLUSTERS)


@RECURRING_STAGE.task()
def find_recurring(fingerprints: list[ParquetRef], clusters: ParquetRef, settings: DeduplicationSettings) -> ParquetRef:
    """Paragraphs that recur over all shards (schemas: FINGERPRINTS, CLUSTERS in, RECURRING out)."""
    return write_output(recurring_table(fingerprints, clusters, settings), RECURRING)


def _fingerprint_at(place: TextAt) -> Fingerprint:
    return fingerprint_text(place.read())


def _row(outcome: Outcome, score: float | None) -> dict[str, Any]:
    made: Fingerprint | None = outcome.value if outcome.status == "ok" else None
    ended = {"score": score, "reason": None if made else f"deduplication.{outcome.status}", "detail": outcome.detail}
    return {"document_id": outcome.job.document_id, "part": outcome.job.part, **columns_of(made), **ended}


def columns_of(made: Fingerprint | None) -> dict[str, Any]:
    """The columns of FINGERPRINTS that hold a fingerprint; nulls for none."""
    if made is None:
        return dict.fromkeys(("text_sha256", "shingles", "bands", "signature", "sample", "paragraphs"))
    bands = dict(zip(BANDS, made.bands, strict=True)) if made.bands else None
    return {**vars(made), "bands": bands, "signature": made.signature or None}
