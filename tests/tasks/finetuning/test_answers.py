"""Marks for answers in JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.finetuning.answers import Marks, mark_answer, read_json

REFERENCE = '{"party": ["Heron Ltd.", "Wren GmbH"], "date": "2024-05-03", "law": null}'


@pytest.mark.parametrize(
    ("answer", "marks"),
    [
        (REFERENCE, Marks(True, 3, 3, 3)),
        ('{"date": "2024-05-03", "party": ["Wren  GmbH", "Heron Ltd."]}', Marks(True, 3, 3, 3)),
        ('```json\n{"date": "2024-05-03", "party": "Heron Ltd."}\n```', Marks(False, 2, 2, 3)),
        ('{"date": "2024-05-04", "party": [], "law": "Utah"}', Marks(False, 0, 2, 3)),
        ('{"law": "2024-05-03"}', Marks(False, 0, 1, 3)),
        ('{"party": ["Heron Ltd.", "Heron Ltd."]}', Marks(False, 1, 2, 3)),
        ('{"party": ["Heron Ltd."', Marks(False, 0, 0, 3)),  # cut off
        ("I do not know.", Marks(False, 0, 0, 3)),
        ("", Marks(False, 0, 0, 3)),
    ],
)
def test_an_answer_is_marked_field_by_field(answer: str, marks: Marks) -> None:
    assert mark_answer(answer, REFERENCE) == marks


def test_nothing_expected_and_nothing_given_is_exact() -> None:
    assert mark_answer('{"law": null}', '{"law": null, "date": ""}') == Marks(True, 0, 0, 0)
    assert mark_answer("none", '{"law": null}') == Marks(False, 0, 0, 0)


def test_a_reference_in_words_is_compared_as_words() -> None:
    assert mark_answer(" the  third of May", "the third of May") == Marks(True, 1, 1, 1)
    assert mark_answer("the fourth of May", "the third of May") == Marks(False, 0, 1, 1)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
def test_every_object_equals_itself_whatever_stands_around_it(found: dict[str, Any]) -> None:
    text = json.dumps(found)
    marks = mark_answer(f"Here it is: {text} - done", text)
    assert marks.exact
    assert marks.right == marks.given == marks.expected


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert read_json(text) is None or isinstance(read_json(text), dict | list)


def test_a_thousand_brackets_are_no_json() -> None:
    assert read_json("[" * 3000) is None
