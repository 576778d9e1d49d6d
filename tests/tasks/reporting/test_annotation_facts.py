"""What annotation found, counted over shards, told about one document, and shown on the page."""

from typing import Any

from tasks.reporting.annotation_facts import count_annotations
from tasks.reporting.books import balance_books
from tasks.reporting.facts import RunFacts
from tasks.reporting.page import render_page
from tasks.reporting.summary import summarize
from tasks.reporting.why import explain
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.schemas import ANNOTATED, DECISIONS
from tests.tasks.reporting.line_of_documents import Doc, as_outputs, write_line


def found(field: str, text: str, value: str | None = None) -> dict[str, Any]:
    return {"field": field, "start": 0, "end": len(text), "text": text, "value": value, "sources": ["rules"], "confidence": 0.9}


def row(document: str, *annotations: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "document_id": document,
        "part": 0,
        "schema": "contract",
        "annotations": list(annotations),
        "ungrounded": [],
        "chunks": 0,
        "failures": [],
        "questions": [],
        "refused_questions": [],
        "question_failures": [],
        "coverage": None,
        "reason": None,
        "detail": None,
        **more,
    }


def annotated(*rows: dict[str, Any]) -> ParquetRef:
    return write_table("annotated.parquet", rows, ANNOTATED)


def test_fields_and_documents_are_counted(data_root: object) -> None:
    first = row("a", found("party", "Birch Ltd"), found("party", "Mary Poe"), found("agreement_date", "3 May"))
    failed = row("c", schema=None, reason="annotation.timeout", detail="300 s")
    modelled = row("b", chunks=4, failures=["chunk 2: no JSON"], ungrounded=[{"field": "party", "text": "x", "source": "model"}])
    facts = count_annotations([{"annotation": annotated(first, modelled, failed)}], {"annotations/a.html": "a"}, {"a": "a.txt"})
    assert facts is not None
    assert (facts.documents, facts.empty, facts.failed) == (2, 1, 1)
    assert (facts.chunks, facts.failed_chunks, facts.ungrounded) == (4, 1, 1)
    assert facts.schemas == {"contract": 2}
    assert [(each.field, each.values, each.documents) for each in facts.fields] == [("agreement_date", 1, 1), ("party", 2, 1)]
    assert [(viewer.path, viewer.page) for viewer in facts.viewers] == [("a.txt", "annotations/a.html")]


def test_without_annotation_there_is_nothing_to_say(data_root: object) -> None:
    assert count_annotations([{}], {}, {}) is None


def told_and_shown(*rows: dict[str, Any]) -> tuple[str, str]:
    doc = Doc(1)
    written = write_line([doc, Doc(2), Doc(3)])
    mine = annotated(*(each | {"document_id": doc.document_id} for each in rows))
    outputs = [shard | {"annotation": mine} for shard in as_outputs(written)]
    table = balance_books(written.inventory, outputs, written.clusters, written.examples)
    decisions = write_table("decisions.parquet", table, DECISIONS)
    decision = next(each for each in read_rows(decisions) if each["document_id"] == doc.document_id)
    told = "\n".join(explain(decision, outputs, written.clusters))
    viewers = {"annotations/1.html": doc.document_id}
    return told, render_page(summarize(decisions, outputs, written.clusters, RunFacts(name="run"), viewers=viewers))


def test_fields_are_told_with_their_values_and_counted_on_the_page(data_root: object) -> None:
    told, page = told_and_shown(row("", found("agreement_date", "May 3,\n2015", "2015-05-03"), found("party", "Birch <Ltd>")))
    assert "read as contract: agreement date 1, party 1" in told
    assert "agreement date: May 3, 2015 = 2015-05-03 (0.90)" in told
    assert "party: Birch <Ltd> (0.90)" in told
    assert 'href="annotations/1.html"' in page
    assert "agreement date" in page
    assert "Birch" not in page  # values may be personal


def test_questions_are_told_and_counted_with_the_reasons_of_refusal(data_root: object) -> None:
    place = {"start": 0, "end": 5, "passage_start": 0, "passage_end": 90}
    refused = [{"question": "Why?", "answer": "x", "reason": reason} for reason in ("length", "round_trip", "round_trip")]
    questions = [{"question": "Who pays the rent?", "answer": "Birch", **place}]
    told, page = told_and_shown(
        row("", questions=questions, refused_questions=refused, question_failures=["questions on characters 0 to 9: no answer"])
    )
    assert "a model wrote 4 questions: 1 kept, 3 refused (length 1, round trip 2)" in told
    assert "Who pays the rent? Birch" in told
    assert "a model failed on 1 requests for questions: questions on characters 0 to 9: no answer" in told
    assert (
        "Of 4 questions that a model wrote 1 were kept. Refused: length 1, round trip 2. The model failed on 1 requests." in page
    )
    assert "Birch" not in page


def test_a_failed_annotation_ends_no_document(data_root: object) -> None:
    told, page = told_and_shown(row("", schema=None, reason="annotation.timeout", detail="300 s"))
    assert "kept:" in told
    assert "nothing came of it: annotation.timeout (300 s)" in told
    assert "ended here" not in told
    assert "could not be annotated" in page
