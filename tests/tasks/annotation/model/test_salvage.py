"""Broken answers: every whole item is recovered, nothing raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.model.salvage import salvage

FIELDS = ("party", "date")
WHOLE = '{"extractions": [{"party": "Acme"}, {"date": "1 May 2020"}]}'
BOTH = [("party", "Acme"), ("date", "1 May 2020")]


def _found(answer: str) -> list[tuple[str, str]]:
    return [(item.field, item.text) for item in salvage(answer, FIELDS).items]


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        (WHOLE, False),
        (f"```json\n{WHOLE}\n```", False),
        (f"<think>a {{ brace</think>\n{WHOLE}", False),
        (json.dumps(json.loads(WHOLE), indent=2), False),
        (f"Here is what I found: {WHOLE} I hope it helps.", False),
        (f"```json\n{WHOLE}", False),  # an unclosed fence
        (WHOLE[:-1], True),
        (WHOLE[:-2], True),
        (WHOLE[:-2] + ",]}", False),  # a comma too many
        (WHOLE[:-2] + ', {"party": "Bet', True),  # cut off
        ('[{"party": "Acme"}, {"date": "1 May 2020"}]', False),  # without the wrapper
        ('{"party": "Acme", "date": "1 May 2020"}', False),
        ('{"extractions": {"party": "Acme", "date": "1 May 2020"}}', False),
        ('{"note": "[{", "extractions": ["a { b", null, {"party": "Acme"}, {"date": "1 May 2020"}]}', False),
        (
            '{"extractions": [{"party": null}, {"party": ["Acme", null]}, {"date": "1 May 2020", "date_attributes": {"a": 1}}]}',
            False,
        ),
        (
            '{"extractions": [{"extraction_class": "party", "extraction_text": "Acme"}, '
            '{"extraction_class": "date", "extraction_text": "1 May 2020"}]}',
            False,
        ),
    ],
)
def test_whole_items_are_recovered(answer: str, broken: bool) -> None:
    assert _found(answer) == BOTH
    assert salvage(answer, FIELDS).broken == broken


@pytest.mark.parametrize("answer", ["", "I found nothing.", "null", "[1]", '{"extractions": null}', "{" * 5000, '{"a":' * 3000])
def test_what_is_no_answer_is_broken(answer: str) -> None:
    result = salvage(answer, FIELDS)
    assert result.broken
    assert not result.items


def test_an_empty_list_is_an_answer() -> None:
    result = salvage('{"extractions": []}', FIELDS)
    assert not result.broken
    assert not result.items


def test_keys_that_are_no_field_do_not_count() -> None:
    result = salvage('{"extractions": [{"colour": "red"}, {"party": 5}]}', FIELDS)
    assert [item.text for item in result.items] == ["5"]


def test_places_of_items_are_places_in_the_answer() -> None:
    answer = f"Well: {WHOLE}"
    assert [answer[item.start : item.end] for item in salvage(answer, FIELDS).items] == [
        '{"party": "Acme"}',
        '{"date": "1 May 2020"}',
    ]


VALUES = st.text(min_size=1, max_size=20).filter(str.strip)


@given(st.lists(st.tuples(st.sampled_from(FIELDS), VALUES), max_size=6), st.data())
def test_a_cut_answer_keeps_every_item_before_the_cut(items: list[tuple[str, str]], data: st.DataObject) -> None:
    answer = json.dumps({"extractions": [{name: value} for name, value in items]}, ensure_ascii=False)
    at = data.draw(st.integers(0, len(answer)))
    whole = [item for item in salvage(answer, FIELDS).items if item.end <= at]
    if '"extractions": [' in answer[:at]:
        assert list(salvage(answer[:at], FIELDS).items) == whole


@given(st.text(alphabet='{}[]",:\\ abparty`', max_size=200))
def test_no_answer_raises(answer: str) -> None:
    salvage(answer, FIELDS)
