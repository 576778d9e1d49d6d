"""Whatever the document: every example fits, is counted truly and answers with what stands in its source."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.dataset.errors import ContractError
from tasks.dataset.instructions.chat import load_chat
from tasks.dataset.instructions.fitting import fit
from tasks.dataset.instructions.grounding import check_grounded
from tasks.dataset.instructions.material import Answer, Draft, Material, read_material
from tasks.dataset.instructions.phrases import ABSENT_ANSWERS
from tasks.dataset.instructions.worker import InstructionJob, instruction_rows
from tasks.dataset.settings import InstructionSettings
from tasks.dataset.tokens import load_tokens
from tasks.finetuning.starter import build_starter
from tasks.storage.artifacts import ModelRef
from tasks.storage.schemas import FIRST_INSTRUCTION

FIELDS: tuple[dict[str, Any], ...] = (
    {"name": "date", "description": "A date.", "normalizer": "iso_date"},
    {"name": "party", "description": "Who takes part.", "cardinality": "many", "labels": ["Client"]},
    {"name": "total", "description": "The total amount that is to be paid at the end."},
)


@dataclass(frozen=True)
class Text:
    """A text in the place of a TextAt."""

    text: str

    def read(self) -> str:
        return self.text


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelRef, str]:
    from tasks.storage.root import use_data_root

    root = tmp_path_factory.mktemp("model")
    use_data_root(root)
    starter = build_starter()
    return starter, str(root / starter.folder)


WORDS = "Ware Menge Lieferung größer 12.50 “so” x=1; the pump, was cleaned. Over time? 漢字 \U0001f642 A|B * [EMAIL]"
WORD = st.sampled_from(WORDS.split())
SENTENCE = st.lists(WORD, min_size=1, max_size=30).map(" ".join)
SECTION = st.tuples(SENTENCE, SENTENCE, SENTENCE).map(lambda parts: f"## Title {parts[0][:40]}\n\n{parts[1]} {parts[2]}")
CELL = WORD.map(lambda word: word.replace("|", ""))
ROWS = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5)
TABLE = ROWS.map(
    lambda rows: "\n".join(["| Name | Stock |", "|---|---|", *(f"| {a} {n} | {b} |" for n, (a, b) in enumerate(rows))])
)
BLOCK = st.one_of(SENTENCE, SECTION, TABLE)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A text and annotations at random places of it."""
    text = "\n\n".join(draw(st.lists(BLOCK, min_size=1, max_size=12)))
    annotations = []
    for field in draw(st.lists(st.sampled_from([field["name"] for field in FIELDS]), max_size=8)):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, min(len(text), start + 40)))
        if text[start:end] != text[start:end].strip():
            continue
        value = draw(st.sampled_from([None, "2020-01-02", text[start:end]]))
        about = {"text": text[start:end], "value": value, "confidence": draw(st.sampled_from([0.3, 0.9]))}
        annotations.append({"field": field, "start": start, "end": end, **about})
    annotations.sort(key=lambda each: (each["start"], each["end"], each["field"]))
    return text, {"schema": "s", "annotations": annotations, "ungrounded": [], "failures": [], "questions": []}


def job_of(model: tuple[ModelRef, str], text: str, row: dict[str, Any] | None, **options: Any) -> InstructionJob:
    settings = InstructionSettings(negatives=0.5, per_document=12)
    job = InstructionJob("d", 0, Text(text), None, row, FIELDS, model[1], model[0].digest, 160, settings)  # type: ignore[arg-type]
    return replace(job, **options)


def values_said(reply: str, kind: str) -> list[str]:
    if kind != "extraction":
        return [] if reply in ABSENT_ANSWERS else [reply]
    found = [value if isinstance(value, list) else [value] for value in json.loads(reply).values()]
    return [value for values in found for value in values if value is not None]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents(), limit=st.sampled_from([64, 160, 400]), language=st.sampled_from([None, "de", "fr", "es", "xx"]))
def test_every_example_is_grounded_and_fits(
    model: tuple[ModelRef, str], document: tuple[str, dict[str, Any]], limit: int, language: str | None
) -> None:
    text, row = document
    job = job_of(model, text, row, max_tokens=limit, language=language)
    rows = list(instruction_rows(job))
    tokens = load_tokens(f"{model[1]}/tokenizer.json", model[0].digest)
    assert [each["chunk"] for each in rows] == [FIRST_INSTRUCTION + number for number in range(len(rows))]
    assert len({each["text"] for each in rows}) == len(rows) <= job.settings.per_document
    for each in rows:
        question, answer = json.loads(each["messages"])
        assert (question["role"], answer["role"]) == ("user", "assistant")
        assert each["tokens"] == tokens.count([each["text"]])[0] + tokens.extra <= limit
        assert 0 < each["prompt_tokens"] < each["tokens"]
        assert each["text"].endswith(answer["content"])
        assert text[each["start"] : each["end"]] in question["content"]
        said = values_said(answer["content"], each["kind"])
        assert each["negative"] == (not said) == (not each["answers"])
        sources = [
            next(
                note["value"]
                for note in row["annotations"]
                if all(note[key] == span[key] for key in ("field", "start", "end")) and note["value"]
            )
            if span["derived_by"]
            else text[span["start"] : span["end"]]
            for span in each["answers"]
        ]
        assert said == (sources if each["kind"] == "extraction" else ["; ".join(sources)] * bool(sources))
        assert all(span["derived_by"] in ((None, "iso_date") if span["field"] == "date" else (None,)) for span in each["answers"])
        if each["kind"] != "section_title":
            assert all(each["start"] <= span["start"] < span["end"] <= each["end"] for span in each["answers"])
    assert list(instruction_rows(job)) == rows


def long_contract() -> tuple[str, dict[str, Any]]:
    filler = "The goods are packed as the annex says, and checked on arrival by the buyer. " * 12
    text = f"{filler}\n\n{filler}It is dated May 4, 2020 and binds Birch Tools, Inc. from then on. {filler}\n\n{filler}"
    notes = [("date", "May 4, 2020"), ("party", "Birch Tools, Inc.")]
    row = [
        {
            "field": field,
            "start": text.index(value),
            "end": text.index(value) + len(value),
            "text": value,
            "value": None,
            "confidence": 1.0,
        }
        for field, value in notes
    ]
    return text, {"schema": "s", "annotations": row, "ungrounded": [], "failures": [], "questions": []}


def test_a_passage_is_cut_around_what_the_answer_needs(model: tuple[ModelRef, str]) -> None:
    text, row = long_contract()
    material = read_material(text, row, FIELDS, pieces=[(0, len(text))])
    chat = load_chat(model[1], model[0].digest, load_tokens(f"{model[1]}/tokenizer.json", model[0].digest))
    start = text.index("May")
    answer = Answer("May 4, 2020", start, start + 11, "date")
    draft = Draft("question_answer", (0, len(text)), "When?\n\n", "", answer.text, (answer,), kept=(start, start + 11))
    for limit in (80, 160, 400):
        example = fit(draft, text, chat, limit)
        assert example is not None
        check_grounded(example.draft, material)
        passage = text[slice(*example.draft.passage)]
        assert limit * 0.5 < example.rendered.tokens <= limit
        assert passage.endswith(".")  # at sentences, as there is room for whole ones
        assert passage.startswith(("The goods", "It is dated"))
    assert fit(draft, text, chat, 20) is None


def test_a_table_is_cut_between_rows(model: tuple[ModelRef, str]) -> None:
    rows = [f"| item number {number} | {number * 37} pieces in stock |" for number in range(60)]
    text = "\n".join(["| Name | Stock |", "|---|---|", *rows])
    made = list(instruction_rows(job_of(model, text, None, max_tokens=300)))
    assert made
    for each in made:
        passage = text[each["start"] : each["end"]].split("\n")
        assert passage == ["| Name | Stock |", "|---|---|", *rows][: len(passage)]
        assert 200 < each["tokens"] <= 300


def test_negative_examples_keep_to_their_share_and_can_be_switched_off(model: tuple[ModelRef, str]) -> None:
    text, row = long_contract()
    counts = {}
    for share in (0.0, 0.2, 0.5):
        settings = InstructionSettings(negatives=share, per_document=100, kinds=["question_answer", "extraction"])
        rows = [
            each
            for seed in range(20)
            for each in instruction_rows(job_of(model, text, row, settings=settings.model_copy(update={"seed": seed})))
        ]
        counts[share] = sum(each["negative"] for each in rows) / len(rows)
    assert counts[0.0] == 0
    assert 0.1 < counts[0.2] < 0.3
    assert 0.35 < counts[0.5] < 0.65


def test_kinds_are_made_in_turn_until_there_are_enough(model: tuple[ModelRef, str]) -> None:
    text, row = long_contract()
    text += "\n\n| Item | Price |\n|---|---|\n| Bolt | 12.50 |\n| Nut | 3.20 |\n"
    kinds = {}
    for most in (1, 3, 50):
        settings = InstructionSettings(per_document=most, negatives=0.0)
        rows = list(instruction_rows(job_of(model, text, row, settings=settings)))
        assert len(rows) <= most
        kinds[most] = {each["kind"] for each in rows}
    assert kinds[3] == kinds[50] == {"extraction", "question_answer", "table_lookup"}
    only = InstructionSettings(kinds=["table_lookup"])
    assert {each["kind"] for each in instruction_rows(job_of(model, text, row, settings=only))} == {"table_lookup"}


def test_a_text_without_annotations_still_gives_tables(model: tuple[ModelRef, str]) -> None:
    text = "| Item | Price |\n|---|---|\n| Bolt | 12.50 |\n| Nut | 3.20 |\n"
    assert {each["kind"] for each in instruction_rows(job_of(model, text, None))} == {"table_lookup"}


def broken() -> list[tuple[str, dict[str, Any]]]:
    return [
        ("does not stand", {"answers": (Answer("Ohio", 0, 4),), "answer": "Ohio"}),
        ("outside its source", {"answers": (Answer("The law", 0, 7),), "answer": "The law", "passage": (4, 20)}),
        ("says something else", {"answers": (Answer("The law", 0, 7),), "answer": "The law of Ohio"}),
        ("says something else", {"answers": (), "answer": "Nobody knows."}),
        (
            "says something else",
            {"answers": (Answer("The law", 0, 7),), "answer": '{"law": "The law", "place": "Ohio"}', "kind": "extraction"},
        ),
        ("was not derived", {"answers": (Answer("2020-01-02", 0, 7, "date", "iso_date"),), "answer": "2020-01-02"}),
        ("was not derived", {"answers": (Answer("LAW", 0, 7, "law", "upper"),), "answer": "LAW"}),
        ("is called absent", {"answers": (), "answer": min(ABSENT_ANSWERS), "absent": ("law",)}),
    ]


@pytest.mark.parametrize(("message", "change"), broken())
def test_what_is_not_grounded_is_refused(message: str, change: dict[str, Any]) -> None:
    text = "The law of the land is old."
    row = {"annotations": [{"field": "law", "start": 0, "end": 7, "text": "The law", "value": "LAW", "confidence": 1.0}]}
    material: Material = read_material(text, {**row, "ungrounded": [], "failures": [], "questions": []}, FIELDS)
    sound = Draft("question_answer", (0, len(text)), "", "", "The law", (Answer("The law", 0, 7, "law"),), kept=(0, 7))
    check_grounded(sound, material)
    with pytest.raises(ContractError, match=message):
        check_grounded(replace(sound, **change), material)
