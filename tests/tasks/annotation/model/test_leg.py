"""Whatever a model answers, through LangExtract: no document is lost, what is lost of it is told, nothing is made up."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langextract.core.base_model import BaseLanguageModel
from langextract.core.types import ScoredOutput

from tasks.annotation.document import TextDocument
from tasks.annotation.errors import ModelError, SchemaError
from tasks.annotation.model import memo
from tasks.annotation.model.budget import Budget
from tasks.annotation.model.grounding import is_grounded
from tasks.annotation.model.leg import LegReport, ModelSource, connect_provider
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import AnnotationSchema, FieldExample, FieldSpec
from tasks.storage.root import find_files, read_bytes, write_bytes

SCHEMA = AnnotationSchema(
    name="deal",
    description="A sale.",
    fields=(
        FieldSpec(
            name="party",
            description="Who buys or sells.",
            cardinality="many",
            max_length=60,
            examples=(FieldExample(text="Birch Tools sells.", value="Birch Tools"), FieldExample(text="Nobody.", value=None)),
        ),
        FieldSpec(name="clause", description="The clause on price.", max_length=2000),
    ),
)
# Paragraphs of which no two fit into a piece.
PARAGRAPHS = [f"{name} sells steel. " + "It is sold by weight. " * 7 for name in ("Acme", "Cedar", "Delta", "Elm")]
TEXT = "\n\n".join(PARAGRAPHS)


class Scripted(BaseLanguageModel):
    """Says what `say` makes of the text that it is asked about; keeps the texts."""

    def __init__(self, say: Callable[[str], str]) -> None:
        super().__init__()
        self.say = say
        self.asked: list[str] = []

    def infer(self, batch_prompts: Sequence[str], **_unused: Any) -> Iterator[Sequence[ScoredOutput]]:
        for prompt in batch_prompts:
            text = prompt.rpartition("\nQ: ")[2].removesuffix("\nA: ")
            self.asked.append(text)
            yield [ScoredOutput(1.0, self.say(text))]


def _answer(*items: tuple[str, object]) -> str:
    return json.dumps({"extractions": [{field: value} for field, value in items]}, ensure_ascii=False)


def _first_word(text: str) -> str:
    return _answer(("party", text.split(maxsplit=1)[0]))


def _source(say: Callable[[str], str], **settings: Any) -> tuple[ModelSource, Scripted]:
    plain = {"provider": "ollama", "model": "scripted", "max_chunk_characters": 200, "overlap_characters": 0, "parallel": 1}
    chosen = ModelSettings(**plain | settings)
    model = Scripted(say)
    return ModelSource(chosen, Budget(chosen, sleep=lambda _seconds: None), lambda _settings, _schema: model), model


def _read(source: ModelSource, text: str) -> tuple[list[tuple[str, str]], LegReport]:
    candidates, report = source.read(TextDocument(text), SCHEMA)
    assert all(
        candidate.source == "model" and candidate.value == text[candidate.start : candidate.end] for candidate in candidates
    )
    return [(candidate.field, text[candidate.start : candidate.end]) for candidate in candidates], report


def test_without_a_provider_nothing_is_read() -> None:
    assert ModelSource(ModelSettings()).read(TextDocument(TEXT), SCHEMA) == ([], LegReport())


def test_every_piece_is_asked_about_once() -> None:
    source, model = _source(_first_word)
    found, report = _read(source, TEXT)
    assert found == [("party", name) for name in ("Acme", "Cedar", "Delta", "Elm")]
    assert (report.chunks, report.failures, report.coverage, report.ungrounded) == (4, (), 1.0, ())
    assert [asked.split()[0] for asked in model.asked] == ["Acme", "Cedar", "Delta", "Elm"]


@pytest.mark.parametrize("text", ["", " \n\n "])
def test_a_text_without_words_is_not_asked_about(text: str) -> None:
    source, model = _source(_first_word)
    assert source.read(TextDocument(text), SCHEMA) == ([], LegReport(coverage=1.0))
    assert model.asked == []


def _broken(text: str) -> str:
    if text.startswith("Delta"):
        raise TimeoutError("no answer")
    return _first_word(text)


@pytest.mark.parametrize(
    ("say", "kept", "told"),
    [
        (_broken, False, "TimeoutError: no answer"),
        (lambda text: "" if text.startswith("Delta") else _first_word(text), False, "no whole JSON"),
        (lambda text: "Sorry." if text.startswith("Delta") else _first_word(text), False, "no whole JSON"),
        (lambda text: _first_word(text)[:-3] if text.startswith("Delta") else _first_word(text), False, "no whole JSON"),
        (
            lambda text: _first_word(text)[:-2] + ', {"par' if text.startswith("Delta") else _first_word(text),
            True,
            "1 values of it",
        ),
    ],
)
def test_a_piece_that_fails_is_asked_about_again_then_told(say: Callable[[str], str], kept: bool, told: str) -> None:
    source, model = _source(say)
    found, report = _read(source, TEXT)
    assert [value for _, value in found] == ["Acme", "Cedar", *(["Delta"] if kept else []), "Elm"]
    assert sum(asked.startswith("Delta") for asked in model.asked) == 2
    assert len(report.failures) == 1
    assert report.failures[0].startswith(f"characters {TEXT.index('Delta')} to ")
    assert told in report.failures[0]
    assert report.coverage == pytest.approx(0.75, abs=0.01)


def test_a_piece_that_fails_once_is_not_lost() -> None:
    tries = iter([TimeoutError()])

    def say(text: str) -> str:
        for error in tries:
            raise error
        return _first_word(text)

    source, _ = _source(say)
    found, report = _read(source, TEXT)
    assert len(found) == 4
    assert report.failures == ()


def test_null_and_empty_items_cost_only_themselves() -> None:
    source, _ = _source(
        lambda text: _answer(("party", None), ("party", ""), ("clause", []), ("party", text.split()[0]), ("x", "y"))
    )
    found, report = _read(source, TEXT)
    assert len(found) == 4
    assert report.failures == ()


def test_an_answer_that_goes_round_in_circles_is_cut() -> None:
    source, _ = _source(lambda _text: _answer(*[("party", f"Acme {number % 7}") for number in range(1500)]), retries=0)
    found, report = _read(source, "Acme 0 and Acme 1 sell steel.")
    assert found == [("party", "Acme 0"), ("party", "Acme 1")]
    assert "the answer has 1500 values" in report.failures[0]


PIECES = st.text(alphabet='ab .\n\u241f\u200b\x1c\x1f\u0301_0甲。!"`{}[]\\\r\ufeff', max_size=6) | st.sampled_from(
    ["\nQ: ", "\nA: ", "Mr. "]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(PIECES, max_size=80).map("".join), st.lists(st.tuples(st.sampled_from(["party", "clause", "x"]), PIECES), max_size=4)
)
def test_no_text_and_no_value_raise(text: str, items: list[tuple[str, str]]) -> None:
    source, model = _source(lambda _text: _answer(*items), retries=0)
    candidates, report = source.read(TextDocument(text), SCHEMA)
    assert all(is_grounded(text, each.start, each.end, text[each.start : each.end]) for each in candidates)
    if model.asked:  # else it was remembered
        assert len(model.asked) == report.chunks
    assert report.failures == ()


def test_an_empty_answer_is_an_answer() -> None:
    source, _ = _source(lambda _text: _answer())
    assert source.read(TextDocument(TEXT), SCHEMA) == ([], LegReport(chunks=4, coverage=1.0))


def test_a_value_of_600_words_is_found_or_told_in_no_time() -> None:
    words = [f"word{number}" for number in range(600)]
    text = "The price is as follows. " + " ".join(words) + " End."
    for said, is_there in ((" ".join(words[:250]), True), (" ".join(reversed(words)), False)):
        source, _ = _source(lambda _text, said=said: _answer(("clause", said)), model=said[:9], max_chunk_characters=20_000)
        found, report = _read(source, text)
        assert found == ([("clause", said)] if is_there else [])
        assert [each.text for each in report.ungrounded] == ([] if is_there else [said])


def test_a_value_longer_than_its_field_is_none() -> None:
    source, _ = _source(lambda text: _answer(("party", text)))
    assert _read(source, TEXT)[0] == []


def test_few_shot_text_does_not_become_a_result() -> None:
    source, _ = _source(lambda text: _answer(("party", "Birch Tools"), ("party", text.split()[0])))
    found, report = _read(source, TEXT)
    assert "Birch Tools" not in [value for _, value in found]
    assert [(each.field, each.text) for each in report.ungrounded] == [("party", "Birch Tools")]


def test_half_a_character_is_told_as_one_that_a_table_can_hold() -> None:
    source, _ = _source(lambda _text: '{"extractions": [{"party": "Ac\\ud800me"}]}')
    found, report = _read(source, "Acme sells steel.")
    assert found == []
    assert pyarrow.array([each["text"] for each in report.rows()["ungrounded"]]).to_pylist() == ["Ac?me"]


def test_near_misses_are_told_apart() -> None:
    source, _ = _source(lambda _text: _answer(("party", "ACME"), ("party", "Acme Holdings"), ("party", "Acme")))
    found, report = _read(source, "Acme sells steel to Acme.")
    assert found == [("party", "Acme")]
    assert [each.text for each in report.ungrounded] == ["ACME", "Acme Holdings"]


def test_chinese_aligns() -> None:
    text = "甲方是北京钢铁公司。乙方是上海贸易公司。"
    source, _ = _source(lambda _text: _answer(("party", "北京钢铁公司"), ("party", "上海贸易公司")))
    assert _read(source, text)[0] == [("party", "北京钢铁公司"), ("party", "上海贸易公司")]


def test_a_value_over_a_border_is_found_once() -> None:
    text = "It is sold by weight. " * 8 + "Acme Steel and Iron Works sells. " + "It is sold by weight. " * 8
    source, _ = _source(
        lambda text: _answer(*[("party", "Acme Steel and Iron Works")] * ("Acme Steel and Iron Works" in text)),
        overlap_characters=60,
    )
    found, report = _read(source, text)
    assert found == [("party", "Acme Steel and Iron Works")]
    assert report.coverage == 1.0


def test_places_over_several_passes_are_voted_on() -> None:
    turns = iter(["Acme", "steel", "Acme", "Acme"])
    source, _ = _source(lambda _text: _answer(("party", next(turns))), passes=4)
    candidates = source.propose(TextDocument("Acme sells steel."), SCHEMA)
    assert [candidate.confidence for candidate in candidates] == [pytest.approx(0.7 * 0.75), pytest.approx(0.7 * 0.25)]


def test_a_run_that_was_cut_off_is_taken_up() -> None:
    def cut(text: str) -> str:
        if text.startswith("Delta"):
            raise KeyboardInterrupt
        return _first_word(text)

    source, _ = _source(cut)
    with pytest.raises(KeyboardInterrupt):
        source.read(TextDocument(TEXT), SCHEMA)
    source, model = _source(_first_word)
    found, report = _read(source, TEXT)
    assert [asked.split()[0] for asked in model.asked] == ["Delta", "Elm"]
    assert len(found) == 4
    assert report.coverage == 1.0


def test_answers_are_kept_while_a_document_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "SAVE_SECONDS", 0.0)
    kept: list[int] = []

    def say(text: str) -> str:
        kept.append(sum(len(json.loads(read_bytes(path))) for path in find_files("memo/annotation")))
        return _first_word(text)

    _read(_source(say)[0], TEXT)
    assert kept == [0, 1, 2, 3]


def test_the_cap_on_characters_ends_a_run_and_the_next_takes_it_up() -> None:
    source, model = _source(_first_word)
    source.read(TextDocument(PARAGRAPHS[0]), SCHEMA)  # of another document
    sent = source._budget.spent.characters
    source, model = _source(_first_word, max_characters_per_run=int(2.5 * sent))
    found, report = _read(source, TEXT)
    assert len(found) == len(model.asked) == 2
    assert report.coverage == pytest.approx(0.5, abs=0.01)
    assert len(report.failures) == 2
    assert "the cap of" in report.failures[0]
    source, model = _source(_first_word, max_characters_per_run=int(2.5 * sent))
    assert len(_read(source, TEXT)[0]) == 4
    assert len(model.asked) == 2


def test_the_cap_on_documents_leaves_known_ones_alone() -> None:
    source, model = _source(_first_word, max_documents=1)
    assert _read(source, TEXT)[1].coverage == 1.0
    assert _read(source, PARAGRAPHS[0])[1].coverage == 0.0
    assert _read(source, TEXT)[1].coverage == 1.0
    assert len(model.asked) == 4


def test_a_server_that_is_down_is_left_alone_after_a_while() -> None:
    def down(_text: str) -> str:
        raise ConnectionError("refused")

    source, model = _source(down, retries=0)
    reports = [_read(source, f"{number}\n\n{TEXT}")[1] for number in range(5)]
    assert len(model.asked) == 10
    assert [report.coverage for report in reports] == [0.0] * 5
    assert "not asked: 10 requests in a row had failed" in reports[-1].failures[0]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a": 1}', b"\xff"])
def test_a_damaged_memo_is_made_again(content: bytes) -> None:
    source, model = _source(_first_word)
    _read(source, TEXT)
    (path,) = find_files("memo/annotation")
    whole = read_bytes(path)
    write_bytes(path, content)
    _read(source, TEXT)
    assert len(model.asked) == 8
    assert read_bytes(path) == whole


def test_another_schema_or_model_asks_anew() -> None:
    source, model = _source(_first_word)
    _read(source, TEXT)
    source.read(TextDocument(TEXT), SCHEMA.model_copy(update={"description": "A gift."}))
    assert len(model.asked) == 8
    source, model = _source(_first_word, model="other")
    _read(source, TEXT)
    assert len(model.asked) == 4


def test_the_prompt_says_what_the_fields_are() -> None:
    source, model = _source(_first_word)
    prompts: list[str] = []
    plain = model.infer
    model.infer = lambda batch_prompts, **rest: (prompts.extend(batch_prompts), plain(batch_prompts, **rest))[1]  # type: ignore[method-assign]
    source.read(TextDocument("Acme sells."), SCHEMA)
    assert prompts == [
        "Find the values of the fields below in a text of this kind: A sale.\n"
        "Copy each value exactly as it stands in the text, in the order of the text. "
        "Leave a field out when the text has no value for it.\nFields:\n"
        "- party (text, may occur several times): Who buys or sells.\n"
        "- clause (text): The clause on price.\n\n"
        "Examples\n"
        'Q: Birch Tools sells.\nA: {"extractions": [{"party": "Birch Tools"}]}\n\n'
        'Q: Nobody.\nA: {"extractions": []}\n\n'
        "Q: Acme sells.\nA: "
    ]


def test_a_schema_without_examples_works() -> None:
    schema = AnnotationSchema(name="bare", description="Bare.", fields=(FieldSpec(name="party", description="Who."),))
    source, _ = _source(_first_word)
    assert [candidate.field for candidate in source.propose(TextDocument("Acme sells."), schema)] == ["party"]


def test_a_field_that_langextract_would_misread_is_refused() -> None:
    schema = AnnotationSchema(name="bad", description="Bad.", fields=(FieldSpec(name="party_attributes", description="Who."),))
    with pytest.raises(SchemaError, match="party_attributes"):
        _source(_first_word)[0].read(TextDocument("Acme sells."), schema)


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    settings = ModelSettings(provider="mlx", model=str(tmp_path / "none"))
    with pytest.raises(ModelError, match="there is no folder"):
        connect_provider(settings, SCHEMA)
    settings = ModelSettings(provider="openai", model="gpt", api_key_env="DOCTUNE_TEST_NO_SUCH_KEY")
    with pytest.raises(ModelError, match="DOCTUNE_TEST_NO_SUCH_KEY"):
        connect_provider(settings, SCHEMA)
