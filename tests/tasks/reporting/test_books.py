"""The books balance for every way a document can end, and break loudly when a row is lost."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.reporting.books import balance_books, check_totals
from tasks.reporting.outcomes import BooksDoNotBalance
from tasks.storage import schemas
from tasks.storage.parquet import ParquetRef, read_rows, read_table, write_table
from tasks.storage.reasons import verdict_of
from tests.tasks.reporting.line_of_documents import ENDINGS, SECONDS, Doc, Written, as_outputs, write_line

PART_ENDINGS = [end for end in ENDINGS if end not in ("inventory", "detection")]
endings = st.one_of(
    st.sampled_from(["inventory", "detection"]).map(lambda end: (end,)),
    st.lists(st.sampled_from(PART_ENDINGS), min_size=1, max_size=3).map(tuple),
)
many = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def balanced(written: Written, **more: object) -> pa.Table:
    return balance_books(written.inventory, as_outputs(written), written.clusters, written.examples, **more)  # type: ignore[arg-type]


def by_number(table: pa.Table) -> dict[int, dict]:
    return {int(row["document_id"], 16): row for row in table.to_pylist(maps_as_pydicts="strict")}


def without(ref: ParquetRef, document_id: str) -> ParquetRef:
    table = read_table(ref)
    kept = table.filter(pa.compute.not_equal(table["document_id"], document_id))
    return write_table(ref.path, kept, table.schema)


@many
@given(st.lists(endings, max_size=5), st.integers(1, 4), st.booleans())
def test_books_balance_however_documents_end(ends: list[tuple[str, ...]], shard_size: int, early: bool) -> None:
    docs = [Doc(number, end) for number, end in enumerate(ends)]
    table = balanced(write_line(docs, shard_size, shards_end_early=early, measured=False))
    assert table.schema == schemas.DECISIONS
    assert table["document_id"].to_pylist() == [doc.document_id for doc in docs]  # each once, sorted by path
    for doc, row in zip(docs, table.to_pylist(maps_as_pydicts="strict"), strict=True):
        assert row["verdict"] == verdict_of(row["reason"])
        assert (row["verdict"] == "kept") == ("kept" in doc.ends)
        assert row["reason"] is None or row["reason"] in {ENDINGS[end] for end in doc.ends}
        assert bool(row["examples"]) == ("kept" in doc.ends)


@many
@given(st.lists(endings, min_size=1, max_size=5), st.data())
def test_a_lost_row_breaks_the_books(ends: list[tuple[str, ...]], data: st.DataObject) -> None:
    docs = [Doc(number, end) for number, end in enumerate(ends)]
    written = write_line(docs, shard_size=5, shards_end_early=False, measured=False)
    working = [doc for doc in docs if doc.ends[0] != "inventory"]
    if not working:
        return
    lost = data.draw(st.sampled_from(working))
    outputs = written.shards[0]
    there = [name for name, ref in outputs.items() if lost.document_id in read_table(ref)["document_id"].to_pylist()]
    name = data.draw(st.sampled_from(there))
    outputs[name] = without(outputs[name], lost.document_id)
    with pytest.raises(BooksDoNotBalance):
        balanced(written)


@pytest.mark.parametrize("end", ENDINGS)
def test_each_ending_has_its_reason_stage_and_detail(end: str) -> None:
    row = balanced(write_line([Doc(1, (end,))])).to_pylist(maps_as_pydicts="strict")[0]
    reason = ENDINGS[end]
    assert row["reason"] == reason
    assert row["stage"] == ("dataset" if reason is None else reason.split(".")[0])
    assert row["detail"] == (None if reason is None else f"ended in {end}")


def test_columns_of_a_kept_document() -> None:
    row = balanced(write_line([Doc(7)])).to_pylist(maps_as_pydicts="strict")[0]
    assert row["signals"] == {"words": 100.0, "top_2": 0.1}
    assert (row["language"], row["score"], row["format"]) == ("en", 0.8, "pdf")
    assert (row["engine"], row["engine_version"]) == ("reader", "1.0")
    assert row["bytes"] == 1007
    assert row["examples"] == 2
    assert row["seconds"] == pytest.approx(8 * SECONDS)


@pytest.mark.parametrize(
    ("ends", "verdict", "reason"),
    [
        (("quality", "kept"), "kept", None),
        (("clusters", "clusters"), "duplicate", "deduplication.near"),
        (("quality", "clusters"), "duplicate", "deduplication.near"),
        (("clusters", "chunks"), "duplicate", "deduplication.near"),
        (("chunks", "clusters"), "rejected", "dataset.too_short"),
        (("extraction", "quality"), "failed", "extraction.timeout"),
    ],
)
def test_a_document_of_several_parts(ends: tuple[str, ...], verdict: str, reason: str | None) -> None:
    row = balanced(write_line([Doc(1, ends)])).to_pylist()[0]
    assert (row["verdict"], row["reason"]) == (verdict, reason)


def test_signals_are_those_of_the_part_that_decided() -> None:
    row = balanced(write_line([Doc(1, ("extraction", "kept"))])).to_pylist(maps_as_pydicts="strict")[0]
    assert row["signals"]["words"] == 101.0


def test_a_part_whose_examples_were_all_left_out_is_rejected_for_that() -> None:
    written = write_line([Doc(1), Doc(2)])
    written.examples.pop(Doc(1).document_id)
    key = (Doc(1).document_id, 0)
    left_out = {key: ("dataset.contaminated", "exam.jsonl, row 3")}
    table = balance_books(written.inventory, as_outputs(written), written.clusters, written.examples, left_out=left_out)
    row = by_number(table)[1]
    assert (row["verdict"], row["stage"], row["reason"]) == ("rejected", "dataset", "dataset.contaminated")
    assert row["detail"] == "exam.jsonl, row 3"


def test_what_the_sample_of_a_large_document_decided_ends_it_before_extraction() -> None:
    written = write_line([Doc(1, ("detection",)), Doc(2)])
    detected = [row | {"reason": None, "detail": None} for row in read_rows(written.shards[0]["detection"])]
    written.shards[0]["detection"] = write_table("detected.parquet", detected, schemas.DETECTION)
    early = [{"document_id": Doc(1).document_id, "reason": "quality.language", "detail": "language fr"}]
    written.shards[0]["early"] = write_table("early.parquet", early, schemas.EARLY)
    row = by_number(balanced(written))[1]
    assert (row["verdict"], row["stage"], row["reason"]) == ("rejected", "quality", "quality.language")


def test_going_on_after_an_ending_is_two_outcomes() -> None:
    written = write_line([Doc(1, ("quality",)), Doc(2)])
    rows = read_rows(written.shards[0]["fingerprints"])
    rows.append(rows[0] | {"document_id": Doc(1).document_id})
    written.shards[0]["fingerprints"] = write_table("again.parquet", rows, schemas.FINGERPRINTS)
    with pytest.raises(BooksDoNotBalance, match="ended in quality and goes on in fingerprints"):
        balanced(written)


def test_a_document_in_two_shards_is_two_outcomes() -> None:
    written = write_line([Doc(1)])
    written.shards.append(written.shards[0])
    with pytest.raises(BooksDoNotBalance, match="outcome in two shards"):
        balanced(written)


def test_a_lost_shard_breaks_the_books_and_names_its_documents() -> None:
    written = write_line([Doc(number) for number in range(12)], shard_size=6)
    del written.shards[1]
    with pytest.raises(BooksDoNotBalance, match=r"6 document\(s\): /documents/006.pdf.*and 1 more") as error:
        balanced(written)
    assert len(error.value.problems) == 6


def test_lost_clusters_break_the_books() -> None:
    written = write_line([Doc(1)])
    written.clusters = None
    with pytest.raises(BooksDoNotBalance, match="not in clusters"):
        balanced(written)


def test_examples_of_a_rejected_or_unknown_document_break_the_books() -> None:
    written = write_line([Doc(1, ("quality",))])
    written.examples = {Doc(1).document_id: 3, "f" * 64: 1}
    with pytest.raises(BooksDoNotBalance, match="is rejected, and the dataset has 3 examples") as error:
        balanced(written)
    assert len(error.value.problems) == 2


def test_an_unknown_reason_breaks_the_books(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENDINGS, "quality", "quality.moonphase")
    with pytest.raises(BooksDoNotBalance, match="quality\\.moonphase"):
        balanced(write_line([Doc(1, ("quality",))]))


def test_totals_that_do_not_add_up_are_refused() -> None:
    table = balanced(write_line([Doc(1), Doc(2, ("quality",))]))
    check_totals(table, inputs=2)
    with pytest.raises(BooksDoNotBalance, match="3 entered and 2 have a verdict"):
        check_totals(table, inputs=3)


def test_documents_that_are_gone_are_named_once_and_not_counted() -> None:
    before = balanced(write_line([Doc(1), Doc(2, ("quality",)), Doc(3, ("extraction",)), Doc(4), Doc(5)]))
    previous = write_table("previous.parquet", before, schemas.DECISIONS)
    written = write_line([Doc(5), Doc(6)])
    table = balanced(written, previous=previous, sources=["/documents"])
    rows = by_number(table)
    assert sorted(rows) == [1, 2, 4, 5, 6]  # 3 had failed: nothing was kept of it
    assert [rows[n]["verdict"] for n in (1, 2, 4)] == ["unchanged_source_missing"] * 3
    assert rows[1] | {"detail": "was kept before", "examples": 0, "reason": "inventory.source_missing"} == rows[1]
    again = balanced(written, previous=write_table("again.parquet", table, schemas.DECISIONS), sources=["/documents"])
    assert sorted(by_number(again)) == [5, 6]
    assert sorted(by_number(balanced(written, previous=previous, sources=["/elsewhere", "/doc"]))) == [5, 6]


def test_a_changed_file_is_not_missing(data_root: Path) -> None:
    previous = write_table("previous.parquet", balanced(write_line([Doc(1)])), schemas.DECISIONS)
    written = write_line([Doc(2)])
    rows = read_rows(written.inventory)
    rows[0]["path"] = Doc(1).path
    written.inventory = write_table("inventory.parquet", rows, schemas.INVENTORY)
    assert sorted(by_number(balanced(written, previous=previous, sources=["/documents"]))) == [2]


def test_same_inputs_give_the_same_table() -> None:
    written = write_line([Doc(number, (end,)) for number, end in enumerate(ENDINGS)])
    assert balanced(written).equals(balanced(written))
