"""A value is grounded if and only if the text at its offsets equals it after folding."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.model.grounding import FoldedText, Named, cuts_word, fold, ground, is_grounded


def _places(text: str, value: str) -> list[str]:
    return [text[start:end] for start, end in FoldedText.of(text, 0, len(text)).occurrences(value)]


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        ("between Birch  Tools,\n Inc. and", "Birch Tools, Inc.", ["Birch  Tools,\n Inc."]),
        ("the \u201cBuyer\u201d agrees", '"Buyer"', ["\u201cBuyer\u201d"]),
        ("Rhine\u2013Main", "Rhine-Main", ["Rhine\u2013Main"]),
        ("Cafe\u0301 Noir", "Caf\u00e9 Noir", ["Cafe\u0301 Noir"]),
        ("Caf\u00e9 Noir", "Cafe\u0301 Noir", ["Caf\u00e9 Noir"]),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00", ["\u1112\u1161\u11ab\u1100\u1173\u11af"]),
        ("\u0958\u0958", "\u0958", ["\u0958", "\u0958"]),  # grows under NFC
        ("ALICE and Alice", "Alice", ["Alice"]),
        ("Alice", "Alice Cooper", []),  # what LangExtract would call match_lesser
        ("Malice", "Alice", []),
        ("Alices", "Alice", []),
        ("in 20150303", "2015", []),
        ("USD500", "500", ["500"]),
        ("甲方是北京公司。", "北京公司", ["北京公司"]),
        ("김철수는 학생", "김철수", ["김철수"]),
        ("e\u0301", "e", []),  # a letter without its accent is another letter
        ("a a a", "a", ["a", "a", "a"]),
        ("anything", "", []),
        ("anything", " \n", []),
    ],
)
def test_places_of_a_value(text: str, value: str, places: list[str]) -> None:
    assert _places(text, value) == places


def test_what_is_grounded_and_what_is_not() -> None:
    assert is_grounded("of  Ohio.", 2, 8, "Ohio")
    assert not is_grounded("of Ohio.", 3, 8, "Ohio")
    assert not is_grounded("of Ohio.", 3, 3, "")


def test_repeated_values_get_their_places_in_order() -> None:
    text = "Acme sells. Birch buys. Acme delivers. Acme pays."
    named = [Named("party", name) for name in ("Acme", "Birch", "Acme", "Acme", "Acme")]
    places, nowhere = ground(text, (0, len(text)), named, 10)
    assert [(place.start, text[place.start : place.end]) for place in places] == [
        (0, "Acme"),
        (12, "Birch"),
        (24, "Acme"),
        (39, "Acme"),
    ]
    assert nowhere == []


def test_two_fields_may_have_the_same_place() -> None:
    places, _ = ground("Ohio", (0, 4), [Named("law", "Ohio"), Named("place", "Ohio")], 0)
    assert [(place.named.field, place.start) for place in places] == [("law", 0), ("place", 0)]


def test_a_value_may_cross_the_border_of_its_piece_but_not_lie_beyond() -> None:
    text = "by Birch Tools, Inc. of Ohio"
    places, nowhere = ground(text, (0, 10), [Named("party", "Birch Tools, Inc."), Named("law", "Ohio")], 28)
    assert [(place.start, place.end) for place in places] == [(3, 20)]
    assert [each.text for each in nowhere] == ["Ohio"]


def test_a_place_inside_of_the_piece_goes_before_one_over_its_border() -> None:
    text = "New York. The law of New York"
    places, _ = ground(text, (4, len(text)), [Named("law", "New York")], 10)
    assert [place.start for place in places] == [21]


def test_a_long_value_costs_no_more_than_its_length() -> None:
    words = [f"word{number}" for number in range(600)]
    text = " ".join(words * 3)
    assert _places(text, " ".join(words)) == [" ".join(words)] * 3
    assert _places(text, " ".join(reversed(words))) == []


@given(st.text(max_size=60), st.text(min_size=1, max_size=6))
def test_every_place_is_grounded(text: str, value: str) -> None:
    for start, end in FoldedText.of(text, 0, len(text)).occurrences(value):
        assert is_grounded(text, start, end, value)
        assert text[start:end] == text[start:end].strip()


@given(st.text(alphabet="aáb \n\u0301\u1100\u1161\u201c-\u2013甲1", max_size=40), st.data())
def test_what_stands_in_the_text_is_found(text: str, data: st.DataObject) -> None:
    text = unicodedata.normalize("NFC", text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    value = text[start:end]
    composes = unicodedata.normalize("NFC", text[:start]) + fold(value) != fold(value) and unicodedata.combining(
        text[start : start + 1] or "a"
    )
    if fold(value) and not composes and not any(cuts_word(text, *place) for place in [(start, end)]):
        assert any(fold(place) == fold(value) for place in _places(text, value))
