"""A model writes questions, rules check them, the model answers them again: nothing is lost without a word, nothing made up."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langextract.core.base_model import BaseLanguageModel
from langextract.core.types import ScoredOutput

from tasks.annotation.document import TextDocument
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.memo import FOLDER
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.questions.faithfulness import REFUSALS, Pair
from tasks.annotation.questions.generator import NO_TIME, QuestionReport, QuestionWriter, connect_for, pairs_of
from tasks.annotation.questions.prompt import EXAMPLE_QUESTIONS, VERSION, said_schema, write_prompt
from tasks.annotation.questions.settings import QuestionSettings
from tasks.storage.parquet import read_rows, write_table
from tasks.storage.root import find_files
from tasks.storage.schemas import ANNOTATED

NAMES = ("Acme", "Cedar", "Delta", "Elm")
YEARS = dict(zip(NAMES, ("1981", "1982", "1983", "1984"), strict=True))
FILLING = "The workshop sells steel by weight and sends it by rail to many towns along the coast. "
TEXT = "\n\n| a | table |\n\n".join(f"{name} Ltd was founded in the year {YEARS[name]}. " + FILLING * 4 for name in NAMES)
Say = Callable[[str, str | None], str]


class Scripted(BaseLanguageModel):
    """Says what `say` makes of the first word of a passage and of the question about it, None where it is to write some."""

    def __init__(self, say: Say) -> None:
        super().__init__()
        self.say = say
        self.asked: list[tuple[str, str | None]] = []
        self.prompts: list[str] = []

    def infer(self, batch_prompts: Sequence[str], **_unused: Any) -> Iterator[Sequence[ScoredOutput]]:
        for prompt in batch_prompts:
            passage, _, question = prompt.rpartition("\nQ: ")[2].removesuffix("\nA: ").partition("\nQuestion: ")
            self.asked.append((passage.split()[0], question or None))
            self.prompts.append(prompt)
            yield [ScoredOutput(1.0, self.say(*self.asked[-1]))]


def said(*items: dict[str, Any]) -> str:
    return json.dumps({"extractions": items})


def year_of(name: str) -> dict[str, str]:
    return {"question": f"When was {name} Ltd founded?", "answer": YEARS[name]}


def sensible(name: str, question: str | None) -> str:
    return said({"answer": YEARS[name]}) if question else said(year_of(name))


def writer(say: Say, per_document: int = 8, round_trip: bool = True, **model: Any) -> tuple[QuestionWriter, Scripted]:
    chosen = ModelSettings(**{"provider": "ollama", "model": "scripted", "parallel": 1} | model)
    scripted = Scripted(say)
    asked = QuestionSettings(per_document=per_document, round_trip=round_trip)
    return QuestionWriter(chosen, asked, Budget(chosen, sleep=lambda _seconds: None), lambda _model, _fields: scripted), scripted


def written(made: QuestionWriter, text: str = TEXT, until: float | None = None) -> QuestionReport:
    report = made.write(TextDocument(text, "en"), until)
    for each in report.kept:
        assert text[each.start : each.end] == each.answer
        assert each.passage[0] <= each.start < each.end <= each.passage[1]
    assert {reason for _, reason in report.refused} <= REFUSALS.keys()
    return report


def answers(report: QuestionReport) -> list[str]:
    return [each.answer for each in report.kept]


def reasons(report: QuestionReport) -> list[str]:
    return sorted(reason for _, reason in report.refused)


def test_each_passage_is_asked_about_and_each_question_again() -> None:
    made, model = writer(sensible)
    report = written(made)
    assert answers(report) == list(YEARS.values())
    assert (report.refused, report.failures) == ([], [])
    assert model.asked == [*((name, None) for name in NAMES), *((name, year_of(name)["question"]) for name in NAMES)]
    assert not any(YEARS[name] in prompt.rpartition("\nQuestion: ")[2] for name in NAMES for prompt in model.prompts[4:])


def test_without_the_round_trip_nothing_is_asked_again() -> None:
    made, model = writer(sensible, round_trip=False)
    assert answers(written(made)) == list(YEARS.values())
    assert len(model.asked) == 4


def test_another_answer_or_none_the_second_time_refuses_a_question() -> None:
    others = {"Acme": said({"answer": "1982"}), "Cedar": said(), "Delta": said({"answer": "in the year 1983"})}
    made, _ = writer(lambda name, question: others.get(name) or sensible(name, question) if question else sensible(name, None))
    report = written(made)
    assert answers(report) == ["1984"]
    assert reasons(report) == ["round_trip"] * 3


def test_no_more_than_are_asked_for_spread_over_the_passages() -> None:
    def many(name: str, question: str | None) -> str:
        if question:
            return said({"answer": YEARS[name] if "founded" in question else "by rail"})
        return said(year_of(name), {"question": f"How is the steel of {name} sent?", "answer": "by rail"}, year_of(name))

    made, model = writer(many, per_document=3)
    report = written(made)
    assert sorted(answers(report)) == ["1982", "1984", "by rail"]
    assert reasons(report) == ["spare"] * 3
    assert len(model.asked) == 2 + 3
    report = written(writer(many, per_document=8)[0])
    assert len(report.kept) == 8
    assert reasons(report) == ["spare"] * 4
    report = written(writer(many, per_document=20)[0])
    assert reasons(report) == ["duplicate"] * 4


def test_all_that_was_written_is_kept_or_refused_and_fits_the_table(data_root: Path) -> None:
    junk = {"question": "Why \ud800?", "answer": "x" * 999}

    def say(name: str, question: str | None) -> str:
        alone = {"question": "Who founded it and why?"}
        return sensible(name, question) if question else said(junk, alone, year_of(name), {"answer": "1999"})

    report = written(writer(say)[0])
    assert len(report.kept) + len(report.refused) == 4 * 4
    assert reasons(report) == sorted(["form", "incomplete", "incomplete"] * 4)
    row = dict.fromkeys(ANNOTATED.names) | {"document_id": "a", "part": 0, "annotations": [], "ungrounded": [], "chunks": 0}
    table = write_table("annotated.parquet", [row | {"failures": []} | report.rows()], ANNOTATED)
    (stored,) = read_rows(table)
    assert [each["answer"] for each in stored["questions"]] == list(YEARS.values())
    assert len(stored["refused_questions"]) == 12
    assert max(len(each["answer"]) for each in stored["refused_questions"]) == 300


def test_a_request_that_fails_is_repeated_then_told_and_costs_only_itself() -> None:
    def say(name: str, question: str | None) -> str:
        if (name, question is None) in {("Acme", True), ("Delta", False)}:
            raise TimeoutError("no answer")
        return sensible(name, question)

    made, model = writer(say)
    report = written(made)
    assert answers(report) == ["1982", "1984"]
    assert reasons(report) == ["unchecked"]
    assert [failure.partition(":")[0].split()[0] for failure in report.failures] == ["questions", "question"]
    assert all("TimeoutError: no answer" in failure for failure in report.failures)
    assert model.asked.count(("Acme", None)) == 2
    made, model = writer(sensible)  # the next run asks about what is missing only
    assert answers(written(made)) == list(YEARS.values())
    assert {name for name, _ in model.asked} == {"Acme", "Delta"}


def test_a_run_that_was_cut_off_is_taken_up() -> None:
    def cut(name: str, question: str | None) -> str:
        if name == "Delta" and question:
            raise KeyboardInterrupt
        return sensible(name, question)

    made, _ = writer(cut)
    with pytest.raises(KeyboardInterrupt):
        written(made)
    made, model = writer(sensible)
    assert answers(written(made)) == list(YEARS.values())
    assert [name for name, question in model.asked if question] == ["Delta", "Elm"]
    assert len(model.asked) == 2
    made, model = writer(sensible)
    assert answers(written(made)) == list(YEARS.values())
    assert model.asked == []


def test_out_of_time_nothing_more_is_asked() -> None:
    made, model = writer(sensible)
    report = written(made, until=0.0)
    assert model.asked == []
    assert all(NO_TIME in failure for failure in report.failures)
    assert len(report.failures) == 4


def test_the_caps_of_the_leg_hold_and_a_document_counts_once() -> None:
    made, model = writer(sensible, max_documents=1)
    made._budget.take_document(TEXT)  # as the leg did
    assert answers(written(made)) == list(YEARS.values())
    report = written(made, f"{TEXT}\n\nAnother document.")
    assert report.kept == []
    assert "the cap of 1 documents" in report.failures[0]
    made, model = writer(sensible, max_characters_per_run=int(2.5 * len(write_prompt("x" * 400))), model="other")
    report = written(made)
    assert len(model.asked) == 2
    assert "the cap of" in report.failures[0]


def test_a_text_without_prose_costs_nothing() -> None:
    made, model = writer(sensible)
    for text in ("", "| a | b |\n|---|---|\n" * 50, "Short."):
        assert written(made, text) == QuestionReport()
    assert model.asked == []
    assert list(find_files(FOLDER)) == []


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["question", "answer"]), st.text(max_size=5) | st.sampled_from(EXAMPLE_QUESTIONS)),
        max_size=4,
    )
)
def test_whatever_a_model_says_adds_up(items: list[dict[str, str]]) -> None:
    made, _ = writer(
        lambda _name, question: sensible("Acme", question) if question else said(*items), model=str(hash(said(*items)))
    )
    report = written(made)
    assert report.kept == []
    assert len(report.refused) == 4 * len(list(pairs_of(_flat(items))))


def _flat(items: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{key: text} for item in items for key, text in item.items() if text.strip()]


def test_pairs_are_a_question_and_the_answer_behind_it() -> None:
    asked, answered = {"question": "Q?"}, {"answer": "A"}
    assert list(pairs_of([asked, answered, answered, asked, asked, answered, asked])) == [
        Pair("Q?", "A"),
        Pair("", "A"),
        Pair("Q?", ""),
        Pair("Q?", "A"),
        Pair("Q?", ""),
    ]


def test_the_prompt_and_its_schema_are_those_of_their_version() -> None:
    """Whoever changes the words raises VERSION, so that answers to the old ones are not taken for answers to the new ones."""
    assert VERSION == 1
    begin = write_prompt("A passage.")
    assert begin.startswith("Write questions about the text below, with their answers, at most 3.\n")
    assert begin.endswith('\n\nQ: Page 4 of 12\nA: {"extractions": []}\n\nQ: A passage.\nA: ')
    assert said_schema(("answer",), 1, bounded=False)["properties"]["extractions"] == {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"answer": {"type": "string"}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    }


def test_a_model_with_random_weights_breaks_nothing(tmp_path: Path) -> None:
    import mlx.core as mx

    from tasks.finetuning.starter import StarterShape, starter_files

    for name, content in starter_files(StarterShape(hidden=32, heads=2, kv_heads=1, mlp=64)).items():
        (tmp_path / name).write_bytes(content)
    model = ModelSettings(provider="mlx", model=str(tmp_path), max_tokens=64, batch=4, retries=0)
    provider = connect_for(model, ("question", "answer"))
    mx.disable_compile()  # would call a compiler for half a minute
    try:
        prompts = [write_prompt(f"{name} was founded. {FILLING}") for name in NAMES[:2]]
        outputs = [output.output for (output,) in provider.infer(batch_prompts=prompts)]
        report = written(QuestionWriter(model, QuestionSettings(per_document=4)))
    finally:
        mx.enable_compile()
    for output in outputs:
        items = json.loads(output or "")["extractions"]
        assert len(items) <= 3
        assert all(set(item) == {"question", "answer"} for item in items)
    assert report.kept == []
