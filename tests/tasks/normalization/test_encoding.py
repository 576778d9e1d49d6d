"""Encoding damage."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.normalization.encoding import count_damage, repair_encoding
from tasks.normalization.normalize import normalize_text
from tasks.normalization.settings import NormalizationSettings

SOUND = [
    "He said \u201cdon\u2019t\u201d \u2013 and left.",
    "Un caf\u00e9 \u00e0 la carte, s\u2019il vous pla\u00eet; d\u00e9j\u00e0 vu.",
    "\u042d\u0442\u043e \u0440\u0443\u0441\u0441\u043a\u0438\u0439 \u0442\u0435\u043a\u0441\u0442.",
    "\u201c\u201d\u2019\u00e7\u04e8\u00a9\u00bc\u0432\u0431\u0424\u0428\u00f6\u00c9\u00b5",  # a list of characters, not a text
    "\u8fd9\u662f\u4e2d\u6587\u3002 \u3053\u308c\u306f\u65e5\u672c\u8a9e\u3002",
    "100 \u20ac, 5 \u00b0C, \u00b112 \u00b5m, \u00a7 3, x\u00b2",
]


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_stays(text: str) -> None:
    assert repair_encoding(text) == text


@pytest.mark.parametrize("text", SOUND[:2])
@pytest.mark.parametrize("wrong", ["cp1252", "latin-1"])
def test_text_read_with_a_wrong_encoding_is_repaired(text: str, wrong: str) -> None:
    damaged = text.encode().decode(wrong, "replace")
    if "\ufffd" not in damaged:
        assert count_damage(damaged) > 0
        assert repair_encoding(damaged) == text


def test_a_damaged_place_beside_sound_ones_is_repaired() -> None:
    assert (
        repair_encoding("\u201cIt isn\u00e2\u20ac\u2122t\u201d, \u0438 \u0432\u0441\u0451.")
        == "\u201cIt isn\u2019t\u201d, \u0438 \u0432\u0441\u0451."
    )


def test_damage_is_counted_before_and_after() -> None:
    text = "It isn\u00e2\u20ac\u2122t.\nLost: \ufffd and \ufffd."
    normalized = normalize_text(text, "text", NormalizationSettings())
    assert normalized.text == "It isn\u2019t.\nLost: \ufffd and \ufffd."
    assert normalized.encoding_damage == {"before": 1, "after": 0, "replacement_characters": 2}


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(max_codepoint=0x2122, exclude_categories=["Cs"]), max_size=40))
def test_any_text_comes_back_with_its_lines(text: str) -> None:
    assert repair_encoding(text).count("\n") == text.count("\n")
