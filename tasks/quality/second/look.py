"""The parts of a shard whose score is uncertain, and what the second stage says of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.quality.second.embed import EmbedJob, embed, memory_cap_mib
from tasks.quality.second.stage import FIRST_SCORE, LOG_ODDS, SECOND_STAGE, SecondStage
from tasks.quality.second.vectors import keep, recall, shard_path
from tasks.runtime.model_pool import model_pool
from tasks.runtime.pool import Job, Outcome
from tasks.storage.artifacts import ModelRef
from tasks.storage.parquet import ParquetRef, TextAt, locate_alive, read_rows
from tasks.storage.root import data_root
from tasks.storage.stage import Metric

TIMEOUT_SECONDS = 300.0  # per text; the first one of a worker waits for the model to load

Key = tuple[str, int]  # document_id, part
Text = TextAt | tuple[str, ...]


def embed_all(texts: Mapping[Key, Text], model: ModelRef) -> list[Outcome]:
    """Embed texts in the worker that holds the model, in the order of their keys."""
    if not texts:
        return []
    jobs = [Job(*key, EmbedJob(text, model, data_root())) for key, text in sorted(texts.items(), key=lambda item: item[0])]
    return model_pool(memory_cap_mib(model)).map(embed, jobs, TIMEOUT_SECONDS)


def look_at(normalized: ParquetRef, decided: ParquetRef, second: SecondStage) -> tuple[list[dict[str, Any]], list[Metric]]:
    """Rows of SECOND for the parts that are to be looked at again, and what they cost. Only texts that were never embedded by
    this model are."""
    rows = [row for row in read_rows(decided, ["document_id", "part", "score", "reason", "audit"]) if second.asks_again(row)]
    scores: dict[Key, float] = {(row["document_id"], row["part"]): row["score"] for row in rows}
    path = shard_path(normalized, second.model, SECOND_STAGE.version)
    vectors = recall(path) if scores else {}
    missing = scores.keys() - vectors.keys()
    places = locate_alive(normalized, ["document_id", "part"]) if missing else []
    texts = {key: row["text"] for row in places if (key := (row["document_id"], row["part"])) in missing}
    outcomes = embed_all(texts, second.model)
    vectors |= {_key(outcome): outcome.value for outcome in outcomes if outcome.status == "ok"}
    if any(outcome.status == "ok" for outcome in outcomes):
        keep(path, vectors)
    failed = {_key(outcome): outcome for outcome in outcomes if outcome.status != "ok"}
    metrics = [Metric(*_key(outcome), outcome.seconds, outcome.peak_mib) for outcome in outcomes]
    return [_row(key, scores[key], vectors.get(key), failed.get(key), second) for key in sorted(scores)], metrics


def _row(key: Key, score: float, vector: Sequence[float] | None, failed: Outcome | None, second: SecondStage) -> dict[str, Any]:
    signals = {FIRST_SCORE: score}
    if vector is not None and (added := second.added(vector)) is not None:
        signals = {LOG_ODDS: added, **signals}
    reason = (f"quality.{failed.status}", failed.detail) if failed else (None, None)
    return {"document_id": key[0], "part": key[1], "signals": signals, "reason": reason[0], "detail": reason[1]}


def _key(outcome: Outcome) -> Key:
    return outcome.job.document_id, outcome.job.part
