"""Steps on single characters."""

import pytest

from tasks.normalization.characters import clean_controls, clean_soft_hyphens, compose, expand_ligatures
from tasks.normalization.normalize import normalize_text
from tasks.normalization.settings import NormalizationSettings

ZWNJ, ZWJ, ZWSP = "\u200c", "\u200d", "\u200b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\u2028d\x85e\vf", "a\nb\nc\nd\ne\nf"),
        ("a\x00b\x07c\ufeffd\u200ee\u2066f\x7fg\ud800", "abcdefg"),
        ("tab\there\fpage", "tab\there\fpage"),
        (f"zero{ZWSP}width{ZWNJ} {ZWJ}x", "zerowidth x"),
        ("exam\x02\nple", "exam-\nple"),
        ("exam\ufffe\r\nple", "exam-\nple"),
    ],
)
def test_controls_and_zero_width_characters_go(text: str, expected: str) -> None:
    assert clean_controls(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"\u0645\u06cc{ZWNJ}\u062e\u0648\u0627\u0647\u0645",  # Persian
        f"\u0915\u094d{ZWJ}\u0937",  # Devanagari
        f"\U0001f469{ZWJ}\U0001f4bb",  # emoji
        f"\u2764\ufe0f{ZWJ}\U0001f525",  # emoji with a variation selector
        f"\u1797\u17b6\u179f\u17b6{ZWSP}\u1781\u17d2\u1798\u17c2\u179a",  # Khmer words
    ],
)
def test_joiners_that_shape_words_stay(text: str) -> None:
    assert clean_controls(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hy\u00adphen", "hyphen"),
        ("hy\u00ad\n  phen", "hyphen"),
        ("end\u00ad\n\nnew", "end\n\nnew"),
        ("end\u00ad\n- item", "end\n- item"),
    ],
)
def test_soft_hyphens_go(text: str, expected: str) -> None:
    assert clean_soft_hyphens(text) == expected


def test_only_latin_presentation_forms_are_expanded() -> None:
    assert expand_ligatures("o\ufb03ce \ufb01le \ufb02at \ufb00 \ufb04 \ufb06") == "office file flat ff ffl st"
    assert expand_ligatures("c\u0153ur \u00e6on \u00df \ufb13") == "c\u0153ur \u00e6on \u00df \ufb13"


def test_composed_form_and_plain_spaces() -> None:
    assert compose("cafe\u0301 10\u202f000\u00a0EUR \u3000x") == "caf\u00e9 10 000 EUR \u3000x"
    assert compose("x\u00b2 \u2122 \uff21") == "x\u00b2 \u2122 \uff21"  # compatibility characters carry meaning


def test_soft_hyphens_of_a_printed_page_are_hyphens() -> None:
    options = NormalizationSettings()
    assert normalize_text("X\u00adray of 2017\u00ad2021", "pdf", options).text == "X-ray of 2017-2021"
    assert normalize_text("an exam\u00ad\nple", "pdf", options).text == "an example"
    assert normalize_text("exam\u00adple", "html", options).text == "example"
