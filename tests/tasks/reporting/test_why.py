"""What is told about one document: found by any name people use, stage by stage, with its signals."""

import pytest

from tasks.reporting.books import balance_books
from tasks.reporting.findings import FIRST_SCORE, count_second
from tasks.reporting.why import LOG_ODDS, explain, find_documents
from tasks.storage import schemas
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tests.tasks.reporting.line_of_documents import ENDINGS, Doc, Written, as_outputs, write_line


def books_of(written: Written) -> ParquetRef:
    table = balance_books(written.inventory, as_outputs(written), written.clusters, written.examples)
    return write_table("decisions.parquet", table, schemas.DECISIONS)


def told(doc: Doc, *others: Doc, **more: object) -> str:
    written = write_line([doc, *others], shard_size=2)
    row = next(row for row in read_rows(books_of(written)) if row["document_id"] == doc.document_id)
    return "\n".join(explain(row, as_outputs(written), written.clusters, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("end", [end for end in ENDINGS if end != "kept"])
def test_the_reason_is_told_with_its_detail(end: str) -> None:
    text = told(Doc(1, (end,)), Doc(2), Doc(3))
    assert f"{ENDINGS[end]} (ended in {end})" in text
    assert text.count("ended here") == (0 if end == "inventory" else 1)
    assert "kept:" not in text


def test_a_kept_document_is_followed_to_its_pieces() -> None:
    text = told(Doc(1), Doc(2))
    assert text.startswith("/documents/001.pdf\n  kept: 2 examples in the dataset")
    for words in (
        "detection",
        "read by reader 1.0",
        "language en",
        "words 100",
        "top_2 0.1",
        "score 0.800",
        "1 piece",
        "nothing like it",
    ):
        assert words in text


def test_what_was_asked_stands_beside_each_value() -> None:
    gate = {
        "title": "words",
        "asks": "at least 300",
        "source": "Gopher",
        "code": "quality.length.min_words",
        "direction": "below",
        "bound": "300",
    }
    text = told(Doc(1), asked={"words": [gate]})
    assert "words 100; asked for: at least 300" in text
    assert "also measured: top_2 0.1" in text


def test_parts_are_told_apart() -> None:
    text = told(Doc(1, ("quality", "kept")))
    assert "extraction, part 0" in text
    assert "extraction, part 1" in text
    assert "words 101" in text


def test_documents_are_found_by_what_people_type() -> None:
    decisions = books_of(write_line([Doc(1), Doc(2), Doc(12)]))
    for wanted in ("/documents/001.pdf", "001.pdf", "./001.pdf", "documents/001.pdf", Doc(1).document_id):
        assert [row["path"] for row in find_documents(decisions, wanted)] == ["/documents/001.pdf"]
    assert [row["path"] for row in find_documents(decisions, "x.pdf", "/documents/012.pdf")] == ["/documents/012.pdf"]
    assert len(find_documents(decisions, "0" * 60)) == 3
    assert find_documents(decisions, "1.pdf") == []
    assert find_documents(decisions, "00") == []


def test_a_document_is_found_by_a_copy_of_it() -> None:
    written = write_line([Doc(1)])
    rows = read_rows(written.inventory)
    rows[0]["aliases"] = ["/elsewhere/copy.pdf"]
    written.inventory = write_table("inventory.parquet", rows, schemas.INVENTORY)
    found = find_documents(books_of(written), "copy.pdf")
    assert "\n  the same bytes are at /elsewhere/copy.pdf" in "\n".join(explain(found[0], as_outputs(written), written.clusters))


def test_a_duplicate_is_told_the_path_of_the_document_that_stayed() -> None:
    written = write_line([Doc(1, ("clusters",)), Doc(2)])
    rows = read_rows(written.clusters) if written.clusters else []
    rows[0]["detail"] = Doc(2).document_id
    written.clusters = write_table("clusters.parquet", rows, schemas.CLUSTERS)
    found = find_documents(books_of(written), "001.pdf")
    text = "\n".join(explain(found[0], as_outputs(written), written.clusters))
    assert text.count("deduplication.near (/documents/002.pdf)") == 2
    assert Doc(2).document_id not in text


@pytest.mark.parametrize(
    ("first", "added", "words"),
    [
        (
            0.3,
            2.2,
            ["score 0.300 is uncertain", "speaks for it (embedding.log_odds +2.20)", "raised it from 0.300 <- this decided"],
        ),
        (0.9, -0.8, ["speaks against it (embedding.log_odds -0.80)", "the second stage lowered it from 0.900"]),
        (0.8, None, ["score 0.800 is uncertain", "no prose to look at"]),
    ],
)
def test_what_the_second_stage_did_is_told_and_counted(first: float, added: float | None, words: list[str]) -> None:
    doc = Doc(1)
    written = write_line([doc, Doc(2)])
    signals = {FIRST_SCORE: first} | ({} if added is None else {LOG_ODDS: added})
    row = {"document_id": doc.document_id, "part": 0, "signals": signals, "reason": None, "detail": None}
    shards = [dict(outputs) for outputs in as_outputs(written)]
    shards[0]["second"] = write_table("second.parquet", [row], schemas.SECOND)
    table = balance_books(written.inventory, shards, written.clusters, written.examples)
    [decision] = [each for each in table.to_pylist(maps_as_pydicts="strict") if each["document_id"] == doc.document_id]
    assert signals.items() <= decision["signals"].items()
    asked = {
        "score": [{"title": "score", "asks": "", "source": "", "code": "quality.score", "direction": "below", "bound": "0.5"}]
    }
    text = "\n".join(explain(decision, shards, written.clusters, asked))
    assert [each for each in words if each not in text] == []
    assert ("<- this decided" in text) == (first < 0.5)
    counted = count_second(shards, least=0.5)
    assert counted is not None
    assert (counted.looked_at, counted.brought_back, counted.refused) == (1, int(first < 0.5), 0)
    assert count_second(as_outputs(written), least=0.5) is None
