"""What a model wrote about a passage is believed only if every rule lets it pass."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.annotation.model.grounding import is_grounded
from tasks.annotation.questions.faithfulness import (
    REFUSALS,
    Faithful,
    Pair,
    check_pair,
    f1,
    is_duplicate,
    is_same_answer,
    squad_tokens,
)
from tasks.annotation.questions.prompt import EXAMPLE_QUESTIONS

BEFORE = "Oakley Ltd. is another company.\n\n"
PASSAGE = (
    "Birch Tools opened its first workshop in Leeds in 1987, after two years of trading from a barn. The rent was GBP 1,200 a "
    "month, and the lease ran for ten years. Its owner, [PERSON_1], said that “steel” was bought from Acme\u2019s mill."
)
TEXT = BEFORE + PASSAGE + "\n\nThe workshop in Leeds was closed."
SPAN = (len(BEFORE), len(BEFORE) + len(PASSAGE))
LONG = PASSAGE[PASSAGE.index("1987, after") : PASSAGE.index(" [PERSON_1]")]


def check(question: str, answer: str, language: str | None = "en") -> Faithful | str:
    return check_pair(Pair(question, answer), TEXT, SPAN, language, EXAMPLE_QUESTIONS)


@pytest.mark.parametrize(
    ("question", "answer", "stands"),
    [
        ("In which year did Birch Tools open its first workshop?", "1987", "1987"),
        ("Where did  Birch Tools\nopen a workshop in 1987?", "Leeds", "Leeds"),
        ("How much was the rent of the workshop each month?", "GBP\n1,200", "GBP 1,200"),
        ("What was bought from Acme's mill?", '"steel"', "“steel”"),
        ("What did the company trade from before the workshop was opened in Leeds?", "a barn", "a barn"),
    ],
)
def test_a_faithful_pair_has_its_place(question: str, answer: str, stands: str) -> None:
    found = check(question, answer)
    assert isinstance(found, Faithful)
    assert (found.question, found.answer, found.passage) == (" ".join(question.split()), stands, SPAN)
    assert TEXT[found.start : found.end] == stands
    assert SPAN[0] <= found.start < found.end <= SPAN[1]


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("In which year did Birch Tools open its workshop?", " ", "incomplete"),
        ("", "1987", "incomplete"),
        ("Birch Tools opened its first workshop in this year.", "1987", "form"),
        ("When did Birch Tools open? Where was the workshop?", "Leeds", "form"),
        ("When did Birch Tools \ud800 open its workshop?", "1987", "form"),
        ("What opened?", "Birch Tools", "length"),
        ("When was the workshop of Birch Tools opened " + "and opened " * 40 + "?", "1987", "length"),
        ("According to the passage, when was the first workshop opened?", "1987", "vague"),
        ("What does this document say of the first workshop?", "1987", "vague"),
        ("Wann wurde laut Text the first workshop opened?", "1987", "vague"),
        ("Who is the owner of Birch Tools and its workshop?", "[PERSON_1]", "masked"),
        ("What did [PERSON_1] say was bought from the mill?", "steel", "masked"),
        ("In which year did Birch Tools open its first workshop?", "1988", "ungrounded"),
        ("Which company has an owner and a workshop?", "Oakley Ltd", "ungrounded"),  # stands outside of the passage
        ("What did Birch Tools open in Leeds in 1987?", "workshops", "ungrounded"),
        ("What did Birch Tools open in Leeds in 1987?", "work", "ungrounded"),  # cuts a word
        ("What kind of barn did Birch Tools trade from?", "a", "answer"),
        ("Which workshop did Birch Tools open in Leeds?", "the", "answer"),
        ("What happened before the workshop in Leeds?", LONG, "answer"),
        ("When was the workshop opened that Birch Tools opened in 1987?", "1987", "gives_away"),
        ("Which tools did Birch Tools make in the workshop?", "birch tools", "ungrounded"),
        ("When did Birch Tools open the second workshop, in 1999 or before?", "1987", "unsupported"),
        ("When did Cedar Tools open its first workshop?", "1987", "unsupported"),
        ("Which famous painter designed tall church windows?", "1987", "unrelated"),
    ],
)
def test_what_does_not_hold_is_refused_for_its_reason(question: str, answer: str, reason: str) -> None:
    assert check(question, answer) == reason
    assert reason in REFUSALS


def test_the_instructions_examples_do_not_leak() -> None:
    bridge = "The Tarnbrook bridge was opened in 1932. " * 4
    pair = Pair(EXAMPLE_QUESTIONS[0].upper().replace("L", "l"), "1932")
    assert check_pair(pair, bridge, (0, len(bridge)), "en", EXAMPLE_QUESTIONS) == "example"
    assert check(EXAMPLE_QUESTIONS[0], "1932") == "ungrounded"
    assert check(EXAMPLE_QUESTIONS[0], "1987") == "example"


def test_capitals_make_no_names_in_german() -> None:
    text = "Die Werkstatt in Leeds wurde 1987 eröffnet, nachdem zwei Jahre lang aus einer Scheune verkauft worden war. " * 2
    pair = Pair("In welchem Kalenderjahr wurde die Werkstatt in Leeds eröffnet?", "1987")
    assert check_pair(pair, text, (0, len(text)), "en") == "unsupported"
    assert isinstance(check_pair(pair, text, (0, len(text)), "de"), Faithful)


def test_chinese_is_checked_by_characters() -> None:
    text = "甲方是北京钢铁公司,乙方是上海贸易公司。合同于2021年5月签订,租期为十年,租金每月支付一次。"
    found = check_pair(Pair("合同的甲方是哪家公司?".replace("?", "\uff1f"), "北京钢铁公司"), text, (0, len(text)), "zh")
    assert isinstance(found, Faithful)
    assert text[found.start : found.end] == "北京钢铁公司"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The Birch Tools", "birch tools.", True),
        ("two years of trading from a barn", "two years of trading from barn", True),
        ("1987", "1987.", True),
        ("1987", "in 1987", False),
        ("1,200", "1.200", False),
        ("Birch", "", False),
        ("§", "§", True),
        ("§", "%", False),
    ],
)
def test_answers_agree_as_squad_compares_them(one: str, other: str, same: bool) -> None:
    assert is_same_answer(one, other) is is_same_answer(other, one) is same


def faithful(question: str, answer: str) -> Faithful:
    found = check(question, answer)
    assert isinstance(found, Faithful)
    return found


def test_duplicates_are_the_same_question_or_nearly_with_the_same_answer() -> None:
    first = faithful("In which year did Birch Tools open its first workshop?", "1987")
    assert is_duplicate(faithful("In which year did Birch Tools open its first workshop ?", "1987"), [first])
    assert is_duplicate(faithful("In which year did Birch Tools open the first workshop?", "1987"), [first])
    assert not is_duplicate(faithful("In which town did Birch Tools open its first workshop?", "Leeds"), [first])
    assert not is_duplicate(first, [])


WORDS = st.sampled_from(
    [*PASSAGE.split(), "?", "Oakley", "the passage", "[PERSON_1]", "1999", "\ud800", "\x00", "甲", "e\u0301", ""]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, max_size=6).map(" ".join), st.sampled_from([None, "en", "de"]))
@example("Where did Birch Tools open a workshop in 1987?", "Leeds", "en")
def test_whatever_is_written_is_faithful_or_refused(question: str, answer: str, language: str | None) -> None:
    found = check(f"{question}?", answer, language)
    if isinstance(found, str):
        assert found in REFUSALS
        return
    assert is_grounded(TEXT, found.start, found.end, answer)
    assert SPAN[0] <= found.start < found.end <= SPAN[1]
    assert found.answer == TEXT[found.start : found.end]
    assert found.question.count("?") == 1
    assert len(found.answer) <= len(PASSAGE) / 2
    assert is_duplicate(found, [found])
    assert is_same_answer(found.answer, answer)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_agreement_is_symmetric_and_f1_is_a_share(one: str, other: str) -> None:
    assert is_same_answer(one, one)
    assert is_same_answer(one, other) == is_same_answer(other, one)
    assert 0 <= f1(squad_tokens(one), squad_tokens(other)) <= 1
