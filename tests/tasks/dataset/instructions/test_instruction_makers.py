"""What each maker makes of hand-made documents, and that nothing else is asked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tasks.dataset.chunking import split_text
from tasks.dataset.errors import ContractError
from tasks.dataset.instructions import extraction, question_answer, section_title, table_lookup
from tasks.dataset.instructions.material import Draft, Material, read_material
from tasks.dataset.instructions.phrases import ENGLISH, GERMAN
from tasks.dataset.instructions.survey import Surveyor
from tasks.dataset.tokens import ModelTokens, load_tokens
from tasks.finetuning.starter import build_starter

FIELDS: list[dict[str, Any]] = [
    {"name": "agreement_date", "description": "The date of the agreement.", "type": "date", "normalizer": "iso_date"},
    {"name": "party", "description": "The parties.", "type": "party", "cardinality": "many", "normalizer": None},
    {"name": "governing_law", "description": "Whose law governs it.", "type": "place", "labels": ["Geltendes Recht"]},
]
OPENING = 'This Agreement is made on March 3, 2015 by Birch Tools, Inc. ("Supplier") and Mary Poe ("Buyer").'
PLAIN = (
    'This Agreement is made on March 3, 2015 by Ann Oak ("Supplier") and Mary Poe ("Buyer").'  # no legal form hints at a party
)
CLOSING = "The goods are delivered within ten days and checked by the Buyer on the day of their arrival."
LAW = "This Agreement is governed by the laws of Ohio."


def note(text: str, field: str, value: str, normalized: str | None = None, confidence: float = 0.9) -> dict[str, Any]:
    start = text.index(value)
    return {"field": field, "start": start, "end": start + len(value), "text": value, "value": normalized} | {
        "confidence": confidence
    }


def annotated(*annotations: dict[str, Any], doubtful: Sequence[str] = (), failures: Sequence[str] = ()) -> dict[str, Any]:
    ungrounded = [{"field": field, "text": "x", "source": "model"} for field in doubtful]
    return {"annotations": list(annotations), "ungrounded": ungrounded, "failures": list(failures), "questions": []}


@dataclass
class Case:
    """A text in pieces at its headings or blank lines, with annotations."""

    text: str
    row: dict[str, Any] | None = None
    language: str | None = None
    whole: bool = False
    least: float = 0.5

    @property
    def material(self) -> Material:
        pieces, at = [], 0
        for block in self.text.split("\n\n"):
            pieces.append((at, at + len(block)))
            at += len(block) + 2
        spans = [(0, len(self.text))] if self.whole else pieces
        return read_material(self.text, self.row, FIELDS, language=self.language, pieces=spans)

    def surveyor(self) -> Surveyor:
        return Surveyor(self.material, self.least)


@pytest.fixture
def tokens(data_root: Path) -> ModelTokens:
    starter = build_starter()
    return load_tokens(str(data_root / starter.folder / "tokenizer.json"), starter.digest)


def contract(**options: Any) -> Case:
    text = f"{OPENING}\n\n{CLOSING}\n\n{LAW}"
    notes = [
        note(text, "agreement_date", "March 3, 2015", "2015-03-03"),
        note(text, "party", "Birch Tools, Inc.", "BIRCH TOOLS"),
        note(text, "party", "Mary Poe"),
        note(text, "governing_law", "Ohio"),
    ]
    return Case(text, annotated(*notes), **options)


def extracted(case: Case, tokens: ModelTokens, room: int = 500) -> list[tuple[str, dict[str, Any]]]:
    """(passage, answer) of the extraction drafts."""
    made = extraction.make(case.material, case.surveyor(), tokens, room, 0)
    return [(case.text[slice(*draft.passage)], json.loads(draft.answer)) for draft in made]


def test_extraction_gives_what_stands_in_the_piece_and_null_for_the_rest(tokens: ModelTokens) -> None:
    found = dict(extracted(contract(), tokens))
    opening = {"agreement_date": "2015-03-03", "party": ["Birch Tools, Inc.", "Mary Poe"], "governing_law": None}
    assert list(found[OPENING].items()) == list(opening.items())
    assert found[CLOSING] == dict.fromkeys(opening)
    assert found[LAW] == {"agreement_date": None, "party": None, "governing_law": "Ohio"}


def test_extraction_says_in_the_prompt_what_it_asks_for(tokens: ModelTokens) -> None:
    case = contract()
    draft = next(extraction.make(case.material, case.surveyor(), tokens, 500, 0))
    assert draft.before.splitlines()[0] in ENGLISH.extraction
    assert "- agreement_date: The date of the agreement. (as iso_date)\n- party: The parties. (list)\n" in draft.before
    assert [answer.derived_by for answer in draft.answers] == ["iso_date", None, None]
    assert draft.absent == ("governing_law",)
    assert draft.kept == (OPENING.index("March"), OPENING.index(' ("Buyer")'))


def test_a_long_form_asks_first_for_what_stands_there(tokens: ModelTokens) -> None:
    room = tokens.count(["- governing_law: Whose law governs it.\n"])[0] + 5
    found = dict(extracted(contract(), tokens, room))
    assert found[LAW] == {"governing_law": "Ohio"}
    assert all(len(answer) == 1 for answer in found.values())


def test_nothing_uncertain_is_asked(tokens: ModelTokens) -> None:
    def fields(row: dict[str, Any], text: str = PLAIN, **options: Any) -> set[str]:
        found = extracted(Case(text, row, **options), tokens)
        return set(found[0][1]) if found else set()

    date = note(PLAIN, "agreement_date", "March 3, 2015")
    everything = {"agreement_date", "party", "governing_law"}
    assert fields(annotated(date)) == everything
    assert fields(annotated(date | {"confidence": 0.4})) == everything - {"agreement_date"}
    assert fields(annotated(date, doubtful=["party"])) == everything - {"party"}
    assert fields(annotated(date, failures=["chunk 2"])) == {"agreement_date"}
    masked = PLAIN.replace("March 3, 2015", "[DATE_1]")
    assert fields(annotated(note(masked, "agreement_date", "[DATE_1]")), masked) == everything - {"agreement_date"}
    assert fields(annotated(date, note(PLAIN, "agreement_date", "2015"))) == everything - {"agreement_date"}
    # A value that is known from elsewhere and stands beside others unmarked makes a list incomplete.
    text = f"Birch Tools, Inc. has an office.\n\n{OPENING}"
    made = note(text, "agreement_date", "March 3, 2015")
    elsewhere = [made, note(text, "party", "Birch Tools, Inc."), note(text, "party", "Mary Poe")]
    offices, opening = (set(answer) for _, answer in extracted(Case(text, annotated(*elsewhere)), tokens))
    assert offices == everything
    assert opening == everything - {"party"}
    # A value that is known from elsewhere and stands here unmarked is not absent.
    text = f"{PLAIN}\n\nThe address of mary\npoe is on file."
    other = Case(text, annotated(note(text, "agreement_date", "March 3, 2015"), note(text, "party", "Mary Poe")))
    assert [set(answer) for _, answer in extracted(other, tokens)] == [everything, everything - {"party"}]


def test_a_value_that_the_edge_cuts_is_not_asked_for(tokens: ModelTokens) -> None:
    text = "It is made by Birch\n\nTools, Inc. and others."
    case = Case(text, annotated(note(text, "party", "Birch\n\nTools, Inc.")))
    assert [set(answer) for _, answer in extracted(case, tokens)] == [{"agreement_date", "governing_law"}] * 2


def test_annotations_that_do_not_stand_where_they_say_are_refused() -> None:
    row = annotated(note(OPENING, "party", "Mary Poe") | {"start": 3})
    with pytest.raises(ContractError, match="annotation party at 3"):
        _ = Case(OPENING, row).material


def asked(case: Case) -> dict[str, Draft]:
    """Field -> draft of a question about it."""
    made = list(question_answer.make(case.material, case.surveyor(), 0))
    return {(draft.answers[0].field or "") if draft.answers else draft.absent[0]: draft for draft in made}


def test_questions_are_answered_with_the_value_or_that_it_is_not_stated() -> None:
    case = Case(f"{OPENING}\n\n{CLOSING}", contract().row, whole=True)
    case.row = annotated(
        note(case.text, "agreement_date", "March 3, 2015", "2015-03-03"),
        note(case.text, "party", "Birch Tools, Inc."),
        note(case.text, "party", "Mary Poe"),
    )
    drafts = asked(case)
    assert drafts["agreement_date"].answer == "2015-03-03"
    assert "agreement date" in drafts["agreement_date"].question(case.text)
    assert drafts["party"].answer == "Birch Tools, Inc.; Mary Poe"
    assert "semicolons" in drafts["party"].question(case.text)
    assert drafts["governing_law"].answer == ENGLISH.absent
    assert drafts["governing_law"].negative
    assert all(OPENING in draft.question(case.text) for draft in drafts.values())


def test_phrasings_differ_and_the_seed_chooses() -> None:
    case = contract()
    questions = {
        seed: {draft.before + draft.after for draft in question_answer.make(case.material, case.surveyor(), seed)}
        for seed in range(9)
    }
    assert len(set.union(*questions.values())) > 8
    assert questions[0] == {draft.before + draft.after for draft in question_answer.make(case.material, case.surveyor(), 0)}


def test_a_label_of_the_text_is_asked_for_in_its_language() -> None:
    text = "Der Vertrag wird zum 1. Mai geschlossen.\nGeltendes Recht: Österreich"
    case = Case(text, annotated(note(text, "governing_law", "Österreich")), language="de")
    draft = asked(case)["governing_law"]
    assert (draft.before + draft.after).strip() in {each.format(label="Geltendes Recht") for each in GERMAN.by_label}
    without = Case(text.replace("Geltendes Recht", "Es gilt"), None, language="de")
    without.row = annotated(note(without.text, "governing_law", "Österreich"))
    draft = asked(without)["governing_law"]
    assert "governing law" in draft.before + draft.after


def test_a_question_that_holds_its_answer_or_an_answer_that_cannot_be_divided_is_not_asked() -> None:
    text = "The parties; both of them; sign. Smith; Sons Ltd and Poe sign as well."
    rows = [
        annotated(note(text, "party", "parties")),
        annotated(note(text, "party", "Smith; Sons Ltd"), note(text, "party", "Poe")),
    ]
    assert all("party" not in asked(Case(text, row)) for row in rows)
    assert asked(Case(text, annotated(note(text, "party", "Smith; Sons Ltd"))))["party"].answer == "Smith; Sons Ltd"


TABLE = "| Item | Price | Unit |\n|---|--:|---|\n| Bolt | 12.50 | box |\n| Nut | - | bag |\n| Rod | a\\|b | [NAME] |"


def test_tables_are_asked_for_cells_that_row_and_column_name() -> None:
    case = Case(f"Prices\n\n{TABLE}\n\nend")
    drafts = list(table_lookup.make(case.material, 1000, 0))
    assert {draft.answer for draft in drafts} == {"12.50", "box", "bag"}  # no dash, no escape, nothing masked
    for draft in drafts:
        assert case.text[slice(*draft.passage)] == TABLE
        assert draft.before.strip() in {
            each.format(column=column, row=row, key="Item")
            for each in ENGLISH.lookup
            for column in ("Price", "Unit")
            for row in ("Bolt", "Nut")
        }
        assert case.text[draft.answers[0].start : draft.answers[0].end] == draft.answer
        assert draft.kept[0] == draft.passage[0]


def test_tables_without_a_column_that_tells_rows_apart_are_not_asked() -> None:
    twice = "| Name | Name |\n|---|---|\n| a | a |\n| a | b |"
    assert list(table_lookup.make(Case(twice).material, 1000, 0)) == []
    second = "| Day | No |\n|---|---|\n| Mon | one |\n| Mon | two |"
    assert {draft.answer for draft in table_lookup.make(Case(second).material, 1000, 0)} == {"Mon"}
    fenced = f"```\n{TABLE}\n```"
    assert list(table_lookup.make(Case(fenced).material, 1000, 0)) == []


def test_a_table_is_asked_a_few_times_and_within_reach_only() -> None:
    rows = "\n".join(f"| item{number} | {number * 37} pieces |" for number in range(100))
    case = Case(f"| Name | Stock |\n|---|---|\n{rows}")
    drafts = list(table_lookup.make(case.material, 400, 0))
    assert len(drafts) == table_lookup.PER_TABLE
    assert all(draft.kept[1] <= 400 for draft in drafts)


BODY = "The pump is cleaned after every shift. Its filter is taken out, rinsed and dried before it is put back. " * 2
SECTIONS = (
    f"# Handbook\n\n## **Cleaning work**\n\n{BODY.strip()}\n\n## Storage\n\nThe pump is kept dry, upright and out of the sun.\n"
)


def test_sections_are_asked_for_their_title_and_quoted(tokens: ModelTokens) -> None:
    case = Case(SECTIONS, whole=True)
    drafts = list(section_title.make(case.material, 0))
    titles = [draft for draft in drafts if draft.before]
    assert [draft.answer for draft in titles] == ["Cleaning work"]
    assert case.text[slice(*titles[0].passage)] == BODY.strip()
    assert "Cleaning work" not in titles[0].question(case.text)
    quotes = {draft.answer for draft in drafts if draft.after}
    assert quotes == {BODY.strip(), "The pump is kept dry, upright and out of the sun."}
    assert all(draft.question(case.text).startswith("# Handbook") for draft in drafts if draft.after)
    cut = [(piece.start, piece.end) for piece in split_text(SECTIONS, tokens, 80, 8)]
    apart = read_material(SECTIONS, None, (), pieces=cut)
    assert [draft.answer for draft in section_title.make(apart, 0) if draft.after] == []


def test_titles_that_say_nothing_or_stand_in_their_text_are_not_asked() -> None:
    def titles(heading: str, body: str = BODY) -> list[str]:
        return [draft.answer for draft in section_title.make(Case(f"# {heading}\n\n{body}").material, 0)]

    assert titles("Cleaning work") == ["Cleaning work"]
    for heading in ("4.2", "[Cleaning](#clean)", "The filter" * 20, "Its filter"):
        assert titles(heading) == []
    assert titles("Cleaning work", "Too short.") == []


def test_a_section_with_sections_of_its_own_is_not_quoted() -> None:
    upper, inner = "The upper part of the machine is painted blue.", "The inner part of the machine is painted red."
    text = f"# Top\n\n## Upper part\n\n{upper}\n\n### Inner part\n\n{inner}\n"
    assert {draft.answer for draft in section_title.make(Case(text, whole=True).material, 0)} == {inner}


@pytest.mark.parametrize(
    ("head", "asked"),
    [
        ("| Item | 2023 |", True),
        ("| Item | Price |", True),
        ("| % | Item |", True),
        ("| Birch Ltd | 24.50% |", False),
        ("| Item: | Price |", False),
    ],
)
def test_a_table_whose_first_row_holds_values_is_not_asked_about(head: str, asked: bool) -> None:
    material = Case(f"{head}\n| --- | --- |\n| Saw | 4.00 |\n| Axe | 9.00 |").material
    assert bool(list(table_lookup.make(material, 1000, 0))) is asked


def test_a_field_that_examples_do_not_ask_for_is_in_none() -> None:
    fields = [field | {"asked": field["name"] != "party"} for field in FIELDS]
    material = read_material(OPENING, annotated(note(OPENING, "party", "Mary Poe")), fields, pieces=[(0, len(OPENING))])
    assert "party" not in [field.name for field in material.fields]
    assert all("party" not in draft.question(OPENING) for draft in question_answer.make(material, Surveyor(material, 0.5), 0))


def test_a_question_calls_a_field_by_its_words() -> None:
    fields = [FIELDS[1] | {"words": "signing company"}]
    material = read_material(PLAIN, annotated(note(PLAIN, "party", "Mary Poe")), fields, pieces=[(0, len(PLAIN))])
    (draft,) = question_answer.make(material, Surveyor(material, 0.5), 0)
    assert "signing company" in draft.question(PLAIN)
