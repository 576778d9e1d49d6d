"""Labels, cross-validation and training on made-up contracts."""

import json
from pathlib import Path

import pytest

from tasks.annotation.annotate import annotate_document
from tasks.annotation.crossval import Report, TrainedRanker, cross_validate, describe_documents, divide, explain, train
from tasks.annotation.document import TextDocument
from tasks.annotation.errors import LabelError
from tasks.annotation.features import Proposal
from tasks.annotation.labels import Label, LabelledDocument, met_labels, read_labels
from tasks.annotation.schema import load_schema
from tasks.annotation.scoring import Counts
from tasks.annotation.sources.rules import Rules

SCHEMA = load_schema("contract")
TREES = ("Oak", "Elm", "Ash", "Fir", "Yew", "Birch", "Pine", "Cedar", "Maple", "Larch", "Alder", "Hazel")
STATES = ("Ohio", "Texas", "Iowa", "Utah", "Maine", "Idaho")


def contract(number: int) -> LabelledDocument:
    """A contract of a made-up company. Its user wants the date of the lease that it replaces, which the rules do not know."""
    one, other = TREES[number % 12], TREES[(number + 5) % 12]
    seat, law = STATES[number % 6], STATES[(number + 1) % 6]
    text = (
        f"Exhibit {number}\n\n{one.upper()} SUPPLY AGREEMENT\n\nThis Agreement is made as of May {number % 28 + 1}, 2001 by and "
        f'between {one} Tools, Inc., organized under the laws of {seat} ("Seller"), and {other} Works LLC ("Buyer"). '
        f"It replaces the lease dated June {number % 28 + 1}, 1999 with Third Bank Corp.\n\nWHEREAS, tools are made;\n\n"
        f"9. This Agreement shall be governed by the laws of the State of {law}.\n"
    )
    fields = {
        "document_name": (Label(f"{one.upper()} SUPPLY AGREEMENT"),),
        "agreement_date": (Label(f"1999-06-{number % 28 + 1:02}"),),
        "governing_law": (Label(law),),
        "party": (Label(f"{one} Tools, Inc."), Label(f"{other} Works LLC")),
    }
    return LabelledDocument(f"{number}.txt", TextDocument(text, "en"), fields, f"company {number // 2}")


@pytest.fixture(scope="module")
def trained() -> TrainedRanker:
    return train(SCHEMA, [contract(number) for number in range(36)], [Rules()], folds=3)


def test_the_ranker_learns_what_the_rules_do_not_know(trained: TrainedRanker) -> None:
    report = trained.report
    assert (report.folds, report.groups) == (3, 18)
    assert report.overall.f1 > 0.95 > report.rules.f1
    assert report.overall.low <= report.overall.f1 <= report.overall.high
    labelled = contract(0).fields
    assert [score.field for score in report.fields] == [field.name for field in SCHEMA.fields if field.name in labelled]


def test_it_is_used_on_unseen_documents(trained: TrainedRanker) -> None:
    unseen = contract(101)
    found = annotate_document(unseen.document, SCHEMA, [Rules()], trained.ranker)
    text = unseen.document.text
    assert {text[one.start : one.end] for one in found if one.field == "party"} == {
        label.value for label in unseen.fields["party"]
    }
    assert [one.value for one in found if one.field == "governing_law"] == [unseen.fields["governing_law"][0].value]


def test_the_report_reads_well(trained: TrainedRanker) -> None:
    lines: list[str] = []
    explain(trained.report, lines.append)
    assert len(lines) == 2 + 4 + 2
    assert lines[2].startswith("document_name")


def report_of(documents: list[LabelledDocument]) -> Report:
    table = describe_documents(SCHEMA, documents, [Rules()])
    return cross_validate(SCHEMA, table, [one.group for one in documents], 2)


def test_fields_that_are_not_labelled_do_not_count() -> None:
    documents = [contract(number) for number in range(12)]
    unlabelled = [LabelledDocument(one.name, one.document, {"party": one.fields["party"]}, one.group) for one in documents]
    report = report_of(unlabelled)
    assert [score.field for score in report.fields] == ["party"]
    assert report.overall.counts == report.fields[0].counts


def test_a_value_found_where_labels_say_there_is_none_is_wrong() -> None:
    documents = [contract(number) for number in range(12)]
    empty = [LabelledDocument(one.name, one.document, {"governing_law": ()}, one.group) for one in documents]
    counts = report_of(empty).overall.counts
    assert counts.right == counts.missed == 0
    assert counts.wrong == len(documents)


def test_groups_stay_together_and_folds_are_balanced() -> None:
    groups = [f"g{number // 3}" for number in range(30)]
    folds = divide(groups, 5)
    assert {len({fold for fold, group in zip(folds, groups, strict=True) if group == one}) for one in groups} == {1}
    assert sorted(folds.count(fold) for fold in range(5)) == [6] * 5
    with pytest.raises(LabelError, match="too few"):
        divide(["a", "b", "b"], 5)


def test_labels_by_value_and_by_place(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("By Acme Inc. on May 3, 2001", encoding="utf-8")
    row = {
        "document": "a.txt",
        "fields": {"party": [{"start": 3, "end": 12}], "agreement_date": ["2001-05-03"], "governing_law": []},
    }
    (tmp_path / "labels.jsonl").write_text(json.dumps(row) + "\n\n" + json.dumps(row | {"group": "g"}) + "\n", encoding="utf-8")
    first, second = read_labels(tmp_path / "labels.jsonl", SCHEMA)
    assert first.fields["party"] == (Label("Acme Inc.", 3, 12),)
    assert first.fields["governing_law"] == ()
    assert "document_name" not in first.fields
    assert (first.group, second.group) == ("a.txt", "g")


def test_labels_of_langextract(tmp_path: Path) -> None:
    extractions = [
        {"extraction_class": "party", "extraction_text": "Acme Inc.", "char_interval": {"start_pos": 3, "end_pos": 12}},
        {"extraction_class": "party", "extraction_text": "Birch", "char_interval": None},
    ]
    row = {"document_id": "d1", "text": "By Acme Inc.", "extractions": extractions}
    (tmp_path / "labels.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (document,) = read_labels(tmp_path / "labels.jsonl", SCHEMA)
    assert document.fields["party"] == (Label("Acme Inc.", 3, 12), Label("Birch"))
    assert document.fields["document_name"] == ()
    assert document.group == "d1"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "no JSON"),
        ("[]", "object"),
        ('{"document": "missing.txt", "fields": {}}', "missing.txt"),
        ('{"document": "a.txt"}', "fields"),
        ('{"document": "a.txt", "fields": {"colour": []}}', "no field 'colour'"),
        ('{"document": "a.txt", "fields": {"party": "Acme"}}', "list"),
        ('{"document": "a.txt", "fields": {"party": [{"start": 0, "end": 99}]}}', "no characters 0 to 99"),
        ('{"text": "x", "extractions": [{"extraction_class": "colour", "extraction_text": "x"}]}', "no field 'colour'"),
        ("", "no labelled document"),
    ],
)
def test_what_is_wrong_with_labels_is_said(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    (tmp_path / "labels.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(LabelError, match=message):
        read_labels(tmp_path / "labels.jsonl", SCHEMA)


def test_labels_are_met_by_place_text_or_value() -> None:
    field = SCHEMA.field("agreement_date")
    proposal = Proposal("agreement_date", 3, 14, "May 3, 2001", "2001-05-03", frozenset(), {"s": 1.0})
    labels = [Label("2001-05-03"), Label("MAY 3 2001"), Label("other", 3, 14), Label("2001-05-04")]
    assert met_labels([proposal], labels, field) == [(0, 1, 2)]


def test_counts() -> None:
    counts = Counts(3, 1, 2) + Counts(1, 0, 0)
    assert (counts.precision, counts.recall) == (0.8, pytest.approx(4 / 6))
    assert counts.f1 == pytest.approx(2 * 0.8 * (4 / 6) / (0.8 + 4 / 6))
    assert Counts().f1 == 0
