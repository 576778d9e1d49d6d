"""The second stage behind its doors: what is uncertain is looked at again, nothing else changes; embeddings are stood in for."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import tasks.quality.second.look as looking
import tasks.quality.task as door
from tasks.quality.judging import Judging, load_judging
from tasks.quality.order import SHIPPED as SHIPPED_ORDER
from tasks.quality.score import SHIPPED as SHIPPED_MODEL
from tasks.quality.second.head import EmbeddingHead, save_head
from tasks.quality.second.retune import add_log_odds
from tasks.quality.second.stage import (
    FIRST_SCORE,
    LOG_ODDS,
    SECOND_STAGE,
    SecondStage,
    SecondStageUnusable,
    load_second_stage,
)
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.stored import read_parts
from tasks.runtime.pool import Job, Outcome
from tasks.storage.artifacts import ModelRef
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.root import write_bytes
from tasks.storage.schemas import NORMALIZATION
from tasks.storage.stage import canonical, digest_of

GOOD = (
    "The minutes of the last meeting were approved, and the budget for the next year was discussed at length. The board asked "
    "for three quotes before the end of June.\n\nThe lease ends in September. Two sites are left on the list, and both will be "
    "visited with the works council before a decision is made."
)
LISTED = "SALE NOW! Shoes, Boots, Bags » Best Price $9.99 » Buy Shoes Online | Cheap Boots | Free Shipping 2024 » " * 2
AUDIT = AuditSettings(share=0)
GATES = GateSettings(max_dup_5_gram="off", max_top_2_gram="off", max_top_3_gram="off", max_top_4_gram="off", min_score=0.5)
MODEL = ModelRef(source="tiny", digest="a" * 64, folder="models/tiny")


def head(weight: float, **other: Any) -> EmbeddingHead:
    bounds = {"least": -9.0, "most": 9.0}
    facts = {"model": MODEL.digest, "model_name": "tiny", "score_version": SHIPPED_MODEL.version, "intercept": 0.0}
    return EmbeddingHead(**{**facts, **bounds, "weights": (weight,), **other})


def judging(weight: float, low: float = 0.0, high: float = 1.0) -> Judging:
    second = SecondStage(model=MODEL, head=head(weight), low=low, high=high)
    return Judging(order=SHIPPED_ORDER, model=SHIPPED_MODEL, second=second)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Documents that were embedded, by the first digit; the embedding of every text is 1."""
    seen: list[str] = []

    class Pool:
        def map(self, _function: Callable[[Any], Any], jobs: Sequence[Job], _timeout: float) -> list[Outcome]:
            seen.extend(job.document_id[0] for job in jobs)
            return [
                Outcome(job, "crashed", None, "signal 11", 0.2, None)
                if "lease" not in job.argument.text.read() and job.document_id[0] == "c"
                else Outcome(job, "ok", [] if job.document_id[0] == "d" else [1.0], None, 0.1, 9.0)
                for job in jobs
            ]

    monkeypatch.setattr(looking, "model_pool", lambda _mib: Pool())
    monkeypatch.setattr(looking, "memory_cap_mib", lambda _model: 1)
    return seen


@pytest.fixture
def normalized(embedded: list[str], monkeypatch: pytest.MonkeyPatch) -> ParquetRef:
    def in_place(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
        return [Outcome(job, "ok", function(job.argument), None, 0.1, 9.0) for job in jobs]

    monkeypatch.setattr(door, "map_documents", in_place)
    nothing = {"title": None, "characters_before": 0, "removed": {}, "detail": None, "encoding_damage": {}, "reason": None}
    texts = {"a": GOOD, "b": LISTED, "c": LISTED + "Sale! ", "d": GOOD + " It ends here.", "e": "Too short."}
    rows = [{"document_id": name * 64, "part": 0, "format": "text", "text": text, **nothing} for name, text in texts.items()]
    return write_table("normalized.parquet", rows, NORMALIZATION)


def work(
    normalized: ParquetRef, judging: Judging, gates: GateSettings = GATES, audit: AuditSettings = AUDIT
) -> dict[str, ParquetRef]:
    signals = door.measure.fn(normalized, gates, audit, judging.order)
    decided = door.decide.fn(signals, gates, audit, judging)
    assert judging.second is not None
    again = door.look_again.fn(normalized, decided, judging.second)
    last = door.decide_again.fn(signals, again, gates, audit, judging)
    return {"normalization": normalized, "signals": signals, "first": decided, "second": again, "quality": last}


def by_name(output: ParquetRef) -> dict[str, dict[str, Any]]:
    return {row["document_id"][0]: row for row in read_rows(output)}


def test_an_uncertain_score_is_moved_by_what_the_head_says(normalized: ParquetRef, embedded: list[str]) -> None:
    outputs = work(normalized, judging(weight=-5.0))
    first, again, last = (by_name(outputs[name]) for name in ("first", "second", "quality"))
    assert first["a"]["reason"] is None
    assert first["b"]["reason"] == "quality.score"
    assert embedded == ["a", "b", "c", "d"]  # what another gate rejects is not looked at
    assert again["a"]["signals"] == {FIRST_SCORE: first["a"]["score"], LOG_ODDS: -5.0}
    assert last["a"]["reason"] == "quality.score"
    assert last["a"]["score"] < 0.5 < first["a"]["score"]
    assert f"the second stage lowered it from {first['a']['score']:.3f} ({LOG_ODDS} -5.00)" in last["a"]["detail"]
    assert last["e"] == first["e"]


def test_it_brings_back_what_the_score_alone_refuses(normalized: ParquetRef) -> None:
    outputs = work(normalized, judging(weight=5.0))
    assert by_name(outputs["first"])["b"]["reason"] == "quality.score"
    assert by_name(outputs["quality"])["b"]["reason"] is None


def test_outside_of_the_band_nothing_changes(normalized: ParquetRef, embedded: list[str]) -> None:
    score = by_name(work(normalized, judging(weight=5.0))["first"])["b"]["score"]
    embedded.clear()
    outputs = work(normalized, judging(weight=-5.0, low=score + 0.01, high=score + 0.02))
    assert embedded == []
    assert outputs["second"].rows == 0
    assert outputs["quality"].sha256 == outputs["first"].sha256
    assert [row["document_id"][0] for row in read_rows(work(normalized, judging(5.0, score, score))["second"])] == ["b"]


def test_a_text_without_prose_keeps_its_first_score(normalized: ParquetRef) -> None:
    outputs = work(normalized, judging(weight=-5.0))
    assert LOG_ODDS not in by_name(outputs["second"])["d"]["signals"]
    assert by_name(outputs["quality"])["d"] == by_name(outputs["first"])["d"]


def test_a_text_that_cannot_be_embedded_fails_with_its_reason(normalized: ParquetRef, embedded: list[str]) -> None:
    outputs = work(normalized, judging(weight=5.0))
    failed = by_name(outputs["quality"])["c"]
    assert (failed["reason"], failed["detail"]) == ("quality.crashed", "signal 11")
    assert by_name(outputs["second"])["c"]["reason"] == "quality.crashed"
    embedded.clear()
    work(normalized, judging(weight=5.0))
    assert embedded == ["c"]  # only what failed is tried again


def test_another_head_or_band_embeds_nothing_again(normalized: ParquetRef, embedded: list[str]) -> None:
    work(normalized, judging(weight=5.0))
    embedded.clear()
    work(normalized, judging(weight=-1.0))
    work(normalized, judging(weight=-1.0, low=0.02))
    assert set(embedded) <= {"c"}


def test_the_audit_sample_hears_the_second_stage(normalized: ParquetRef) -> None:
    gates = GATES.model_copy(update={"min_words": 1000})
    refused, passing = (
        by_name(work(normalized, judging(weight), gates, AuditSettings(share=1))["quality"])["a"] for weight in (-5.0, 5.0)
    )
    assert refused["reason"] == passing["reason"] == "quality.length.min_words"
    assert refused["detail"].endswith("audit: later also quality.score")
    assert passing["detail"].endswith("audit: no later gate rejects it")


def test_a_dry_run_scores_as_the_run_did(normalized: ParquetRef) -> None:
    ours = judging(weight=-5.0)
    outputs = work(normalized, ours)
    stored = read_parts([outputs])
    assert ours.second is not None
    add_log_odds(stored, [outputs], ours.second)
    decided = by_name(outputs["quality"])
    for row, signals in enumerate(stored.rows_of(stored.complete(SHIPPED_ORDER.groups))):
        name = stored.documents[row][0]
        if name == "c":
            assert LOG_ODDS not in signals
            assert ours.score(signals, "en") != ours.score(signals, "en")  # not a number: not embedded yet
        else:
            assert ours.score(signals, "en") == decided[name]["score"]


def test_without_a_second_stage_the_cache_key_does_not_know_of_it() -> None:
    plain = load_judging()
    assert digest_of(plain) == digest_of({"order": canonical(plain.order), "model": canonical(plain.model)})
    assert "second" not in str(canonical(GateSettings(embedding_model="tiny")))
    digests = {digest_of(each) for each in (plain, judging(1.0), judging(2.0), judging(1.0, low=0.1), judging(1.0, high=0.9))}
    assert len(digests) == 5
    assert SECOND_STAGE.version in canonical(judging(1.0))["second"]


def test_what_is_missing_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusal(memory_bytes: int = 2**40) -> str:
        with pytest.raises(SecondStageUnusable) as caught:
            load_second_stage(GateSettings(), MODEL, memory_bytes)
        return str(caught.value)

    write_bytes("models/tiny/model.safetensors", (2).to_bytes(8, "little") + b"{}")
    assert "doctune gates --learn-head --set embedding_model=tiny" in refusal()
    save_head(head(1.0, model="b" * 64))
    assert "another model" in refusal()
    save_head(head(1.0, score_version=SHIPPED_MODEL.version + 1))
    assert "version" in refusal()
    save_head(head(1.0))
    assert load_second_stage(GateSettings(second_stage_low=0.2), MODEL, 2**40).low == 0.2
    monkeypatch.setattr("tasks.quality.second.stage.float32_mib", lambda _model: 4096)
    assert "4,096 MiB" in refusal(memory_bytes=2**30)


def test_a_band_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="second_stage_low"):
        GateSettings(second_stage_low=0.6, second_stage_high=0.5)
