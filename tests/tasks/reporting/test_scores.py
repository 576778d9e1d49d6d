"""Scores of a run, and what another lowest score would have kept."""

from typing import Any

from tasks.reporting.scores import BINS, count_scores, try_thresholds
from tasks.storage import schemas
from tasks.storage.parquet import write_table
from tests.tasks.reporting.line_of_documents import Doc, as_outputs, write_line


def test_scores_fill_their_bins_and_the_last_one_is_closed() -> None:
    rows = [{"score": score, "verdict": "kept"} for score in (0.0, 0.049, 0.05, 0.999, 1.0)]
    scores = count_scores([*rows, {"score": None, "verdict": "rejected"}, {"score": 0.5, "verdict": "rejected"}])
    assert len(scores.kept) == BINS
    assert (scores.kept[0], scores.kept[1], scores.kept[-1]) == (2, 1, 2)
    assert scores.ended[10] == sum(scores.ended) == 1


def tried(documents: dict[str, tuple[str, list[tuple[float | None, str | None]]]]) -> dict[float, int]:
    """documents: id -> verdict, and score and reason of each part."""
    here = [{"document_id": document_id, "verdict": verdict} for document_id, (verdict, _) in documents.items()]
    rows: list[dict[str, Any]] = [
        {"document_id": document_id, "part": number, "score": score, "audit": False, "reason": reason, "detail": None}
        for document_id, (_, parts) in documents.items()
        for number, (score, reason) in enumerate(parts)
    ]
    shard = {"quality": write_table("q.parquet", rows, schemas.QUALITY)}
    return {row.min_score: row.kept for row in try_thresholds(here, [shard], None)}


def test_another_threshold_counts_what_only_the_score_could_still_reject() -> None:
    documents: dict[str, tuple[str, list[tuple[float | None, str | None]]]] = {
        "a": ("kept", [(0.95, None)]),
        "b": ("rejected", [(0.25, "quality.score")]),
        "c": ("rejected", [(0.99, "quality.gopher.dup_line")]),
        "d": ("duplicate", [(0.99, None)]),
        "e": ("failed", []),
    }
    kept = tried(documents)
    assert (kept[0.0], kept[0.2], kept[0.3], kept[0.9]) == (2, 2, 1, 1)
    assert tried({name: each for name, each in documents.items() if name > "b"}) == {}


def test_the_best_part_of_a_document_counts() -> None:
    kept = tried(
        {
            "first part below": ("kept", [(0.15, "quality.score"), (0.45, None), (0.85, None)]),
            "first part for another reason": ("rejected", [(None, "quality.length.min_words"), (0.35, "quality.score")]),
            "audited for another reason": ("rejected", [(0.9, "quality.gopher.dup_line"), (0.05, "quality.score")]),
        }
    )
    assert (kept[0.0], kept[0.1], kept[0.3], kept[0.4], kept[0.8], kept[0.9]) == (3, 2, 2, 1, 1, 0)


def test_parts_that_ended_after_the_gates_do_not_count() -> None:
    written = write_line([Doc(1, ("kept", "chunks")), Doc(2, ("clusters",)), Doc(3, ("privacy",)), Doc(4, ("quality",))])
    verdicts = ("kept", "duplicate", "rejected", "rejected")
    here = [{"document_id": f"{number:064x}", "verdict": verdict} for number, verdict in enumerate(verdicts, 1)]
    assert try_thresholds(here, as_outputs(written), written.clusters)[0].kept == 2
