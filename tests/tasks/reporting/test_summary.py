"""The summary says what the books, the measurements and the adapter say."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.reporting.books import balance_books, count_examples
from tasks.reporting.costs import read_costs, saved_work
from tasks.reporting.facts import GapFacts, RunFacts, RunSummary
from tasks.reporting.findings import list_clusters
from tasks.reporting.summary import (
    LOST_SHOWN,
    PASSED_LATER,
    ROOMS,
    count_gaps,
    count_languages,
    name_documents,
    shorten,
    summarize,
    summarize_result,
    wilson_interval,
)
from tasks.storage import schemas
from tasks.storage.artifacts import AdapterRef, DatasetRef, write_manifest
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.reasons import REASONS
from tasks.storage.root import write_bytes
from tests.tasks.reporting.line_of_documents import ENDINGS, SECONDS, Doc, Written, as_outputs, write_line


def books_of(written: Written) -> ParquetRef:
    table = balance_books(written.inventory, as_outputs(written), written.clusters, written.examples)
    return write_table("runs/one/decisions.parquet", table, schemas.DECISIONS)


def summary_of(docs: list[Doc], **facts: object) -> RunSummary:
    written = write_line(docs)
    run = RunFacts(name="one", sources=["/documents"], **facts)  # type: ignore[arg-type]
    return summarize(books_of(written), as_outputs(written), written.clusters, run, ignored=3)


def test_one_document_of_every_ending() -> None:
    summary = summary_of([Doc(number, (end,)) for number, end in enumerate(ENDINGS)])
    books = summary.books
    assert books is not None
    assert books.inputs == len(ENDINGS) == books.kept + books.rejected + books.failed + books.duplicate
    assert (books.kept, books.duplicate, books.ignored) == (1, 1, 3)
    assert {reason.code for reason in summary.reasons} == {reason for reason in ENDINGS.values() if reason}
    assert [step.stage for step in summary.funnel] == list(ROOMS)
    assert summary.funnel[0].entered == books.inputs
    assert summary.funnel[-1].left == books.kept
    assert all(first.left == second.entered for first, second in zip(summary.funnel, summary.funnel[1:], strict=False))
    assert summary.lost_total == len(summary.lost) == books.inputs - books.kept
    assert all(reason.meaning == REASONS[reason.code].meaning for reason in summary.reasons)


def test_paths_are_told_below_their_source() -> None:
    summary = summary_of([Doc(1, ("quality",))])
    assert summary.lost[0].path == "001.pdf"
    assert summary.reasons[0].examples == ["001.pdf"]
    assert shorten("/documents", ["/documents"]) == "/documents"
    assert shorten("/other/a.pdf", ["/documents"]) == "/other/a.pdf"


def test_a_duplicate_names_the_document_that_stayed() -> None:
    other = Doc(1).document_id
    assert name_documents(f"like {other} here", {other: "one.pdf"}) == "like one.pdf here"
    assert name_documents("f" * 64, {}) == "f" * 12
    assert name_documents(None, {}) is None


def test_only_the_first_lost_documents_are_listed() -> None:
    summary = summary_of([Doc(number, ("detection",)) for number in range(LOST_SHOWN + 5)])
    assert len(summary.lost) == LOST_SHOWN
    assert summary.lost_total == LOST_SHOWN + 5
    assert summary.reasons[0].count == LOST_SHOWN + 5
    assert len(summary.reasons[0].examples) == 3


def test_throughput_adds_up_parts_and_says_what_was_cached() -> None:
    summary = summary_of([Doc(1, ("kept", "kept")), Doc(2)], stage_seconds={"extraction": 1.0, "quality-gates": 1.0})
    rows = {row.stage: row for row in summary.throughput}
    assert rows["extraction"].documents == 2
    assert rows["extraction"].seconds == 3 * SECONDS
    assert rows["extraction"].documents_per_second == pytest.approx(2 / (3 * SECONDS), abs=0.01)
    assert rows["extraction"].peak_mib == 90.0
    assert [row.stage for row in summary.throughput if not row.cached] == ["extraction", "quality"]


def test_saved_seconds_are_what_lost_documents_did_not_cost() -> None:
    assert summary_of([Doc(1), Doc(2)]).saved_seconds == 0
    lost_at_once = summary_of([Doc(1), Doc(2, ("detection",))])
    assert lost_at_once.saved_seconds == pytest.approx(7 * SECONDS)  # all but detection; clusters have no measurements
    assert summary_of([Doc(1), Doc(2, ("inventory",))]).saved_seconds == 0  # it could not be read at all


def test_savings_use_the_median_of_the_format_where_there_is_one() -> None:
    costs = {"extraction": {"a": 1.0, "b": 1.0, "c": 1.0, "d": 9.0, "e": 9.0, "f": 9.0, "g": 1.0}}
    formats = {**dict.fromkeys("abcg", "text"), **dict.fromkeys("defx", "pdf"), "y": "epub"}
    assert saved_work(costs, formats, ["x"])[0].seconds == 9.0
    assert saved_work(costs, formats, ["y"])[0].seconds == 1.0  # no epub was measured: the median over all formats
    assert saved_work(costs, formats, ["a"]) == []  # it reached the stage


def test_stages_without_measurements_are_left_out() -> None:
    written = write_line([Doc(1)])
    moved = [
        {name: ref.model_copy(update={"path": f"moved/{name}.parquet"}) for name, ref in each.items()} for each in written.shards
    ]
    assert read_costs(moved, None) == ({}, {})


def test_gaps_are_lost_pages_and_steps_left_undone() -> None:
    empty = {"title": None, "language_hint": None, "engine": "e", "engine_version": "1", "detail": None, "format": "pdf"}
    extracted = [
        {"document_id": "a", "part": 0, "text": "x", "pages": 9, "pages_lost": 1, "reason": None, **empty},
        {"document_id": "a", "part": 1, "text": "x", "pages": 9, "pages_lost": 3, "reason": None, **empty},
        {"document_id": "b", "part": 0, "text": None, "pages": 4, "pages_lost": 4, "reason": "extraction.needs_ocr", **empty},
    ]
    cleaned = [
        {"document_id": name, "part": 0, "format": "pdf", "text": "x", "title": None, "characters_before": 1, "removed": {}}
        | {"flags": flags, "encoding_damage": {}, "reason": None, "detail": None}
        for name, flags in (("a", []), ("c", ["page_furniture: would remove 0.41"]))
    ]
    outputs = {
        "extraction": write_table("extracted.parquet", extracted, schemas.EXTRACTION),
        "normalization": write_table("cleaned.parquet", cleaned, schemas.NORMALIZATION),
    }
    assert count_gaps([outputs]) == GapFacts(pages=3, incomplete=1, flagged=1)


def test_the_audit_counts_those_that_no_later_gate_rejects() -> None:
    written = write_line([Doc(number, ("quality",)) for number in range(3)] + [Doc(9)], shard_size=4)
    rows = [
        {"document_id": Doc(number).document_id, "part": 0, "score": 0.9, "audit": True, "reason": "quality.length.min_words"}
        | {"detail": f"few; {PASSED_LATER}" if number == 1 else "few; audit: later also quality.score"}
        for number in range(3)
    ]
    rows += [row for row in read_rows(written.shards[0]["quality"]) if row["document_id"] == Doc(9).document_id]
    written.shards[0]["quality"] = write_table("audited.parquet", rows, schemas.QUALITY)
    audit = summarize(books_of(written), as_outputs(written), written.clusters, RunFacts(name="one")).audit
    assert audit is not None
    assert (audit.audited, audit.would_pass, audit.mean_score) == (3, 1, 0.9)
    assert 0 < audit.low < 1 / 3 < audit.high < 1
    assert summary_of([Doc(1)]).audit is None


def test_an_interval_is_wilsons() -> None:
    assert wilson_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson_interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert wilson_interval(15, 50) == pytest.approx((0.1910, 0.4375), abs=1e-4)  # the example of Newcombe 1998, method 3


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_an_interval_holds_its_share(trials: int, share: float) -> None:
    successes = round(share * trials)
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1


def test_languages_are_counted_where_they_are_known() -> None:
    rows = [
        {"language": language, "verdict": verdict}
        for language, verdict in (("en", "kept"), ("en", "rejected"), ("de", "kept"), (None, "failed"))
    ]
    assert [(row.language, row.documents, row.kept) for row in count_languages(rows)] == [("en", 2, 1), ("de", 1, 1)]


def test_what_was_found_is_counted_over_all_shards() -> None:
    summary = summary_of([Doc(1), Doc(2), Doc(3), Doc(4), Doc(5, ("quality",))])
    assert [(row.type, row.findings, row.documents) for row in summary.privacy] == [("email", 8, 4)]
    assert summary.clusters == []


def test_clusters_name_who_stays_and_who_goes() -> None:
    rows = [
        {"document_id": name * 64, "part": 0, "cluster": "a" * 64, "cluster_size": 3, "similarity": similarity}
        | {"reason": reason, "detail": None}
        for name, similarity, reason in (
            ("a", 0.9, "deduplication.near"),
            ("b", 0.95, None),
            ("c", 0.95, "deduplication.near"),
        )
    ]
    clusters = write_table("clusters.parquet", rows, schemas.CLUSTERS)
    (group,), total = list_clusters(clusters, {"a" * 64: "one.pdf", "b" * 64: "two.pdf"})
    assert (group.survivor, group.members, group.size, group.similarity) == ("two.pdf", ["c" * 12, "one.pdf"], 3, 0.9)
    assert total == 1
    assert list_clusters(None, {}) == ([], 0)


def make_adapter(split: str = "test") -> AdapterRef:
    held_out = {"loss": 8.0, "perplexity": 2980.9, "rows": 4, "tokens": 900}
    metrics = {
        "split": split, "before": held_out, "after": {**held_out, "loss": 5.0, "perplexity": 148.4}, "steps": 12, "epochs": 1.0,
        "trained_tokens": 5000, "trainable": 77, "losses": [[1, 8.0], [12, 5.0]], "valid_losses": [[12, 5.1]],
        "samples": [{"prompt": "a", "before": "b", "after": "c"}],
    }  # fmt: skip
    files = {"metrics.json": json.dumps(metrics).encode(), "adapter_config.json": b'{"model": "starter"}'}
    for name, content in files.items():
        write_bytes(f"adapters/one/{name}", content)
    listed = {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in files.items()}
    digest, sizes = write_manifest("adapters/one", listed, {})
    return AdapterRef(path="adapters/one", digest=digest, files=sizes, dataset_digest="d", model_digest="m")


def make_dataset() -> DatasetRef:
    rows = [
        {
            "example_id": f"e{number}",
            "split": "train",
            "kind": "text",
            "text": "words",
            "tokens": 9,
            "prompt_tokens": 0,
            "group": "g",
        }
        | {"document_id": Doc(number % 2).document_id, "part": 0, "start": 0, "end": 5, "heading": None}
        for number in range(5)
    ]
    written = write_table("datasets/one/examples.parquet", rows, schemas.EXAMPLES)
    digest, sizes = write_manifest("datasets/one", {"examples.parquet": (written.bytes, written.sha256)}, {})
    return DatasetRef(path="datasets/one", digest=digest, files=sizes, examples={"train": 5}, tokens={"train": 45})


def test_examples_are_counted_per_document() -> None:
    assert count_examples(make_dataset()) == {Doc(0).document_id: 3, Doc(1).document_id: 2}
    assert count_examples(None) == {}


def test_a_result_as_json_is_summarized() -> None:
    written = write_line([Doc(0), Doc(1)])
    result = {
        "run": "one", "flow": "nightly", "outcome": "Completed", "message": "done", "sources": ["/documents"],
        "books": {"inputs": 2, "ignored": 4}, "decisions": books_of(written).model_dump(mode="json"),
        "outputs": [{name: ref.model_dump(mode="json") for name, ref in each.items()} for each in written.shards],
        "clusters": written.clusters.model_dump(mode="json") if written.clusters else None,
        "dataset": make_dataset().model_dump(mode="json"), "adapter": make_adapter().model_dump(mode="json"),
        "promotion": {"promoted": True, "why": "it is better"}, "stage_seconds": {"finetuning": 9.5},
        "measures": {"flow_peak_mib": 200.0}, "inventory": None, "shards": [],
    }  # fmt: skip
    summary = summarize_result(json.loads(json.dumps(result)))
    assert summary.books is not None
    assert (summary.books.kept, summary.books.ignored) == (2, 4)
    assert summary.dataset is not None
    assert summary.dataset.examples == {"train": 5}
    training = summary.training
    assert training is not None
    assert (training.model, training.from_scratch, training.seconds, training.loss_after) == ("starter", True, 9.5, 5.0)
    assert training.curve == [(1, 8.0), (12, 5.0)]
    assert (training.promoted, training.decision) == (True, "it is better")
    assert [(each.words, each.before, each.after) for each in training.measures] == [
        ("Loss, nats per token", 8.0, 5.0),
        ("Perplexity", 2980.9, 148.4),
    ]
    assert training.rate_curve == training.memory_curve == []
    assert RunSummary.model_validate_json(summary.model_dump_json()) == summary


def test_a_run_without_documents_says_nothing_of_them() -> None:
    summary = summarize_result(
        {"run": "two", "flow": "finetune", "decisions": None, "adapter": make_adapter().model_dump(mode="json")}
    )
    assert summary.books is None
    assert summary.funnel == summary.reasons == summary.throughput == []
    assert summary.training is not None
