"""Languages of texts: whole, in parts, and too short to tell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.quality.settings import GateSettings
from tasks.quality.signals.language import (
    _VARIETIES,
    ALLOWED,
    ANSWERS,
    allowed_members,
    has_mixed_scripts,
    load_identifier,
    measure_language,
    take_places,
)
from tasks.quality.text_view import view_text

ENGLISH = (
    "The minutes of the last meeting were approved, and the budget for the next year was discussed at length by the board. "
    "Three quotes are to be obtained before the end of June, and the lease of the old site ends in September."
)
GERMAN = (
    "Das Protokoll der letzten Sitzung wurde ohne Änderungen genehmigt, und der Haushalt für das nächste Jahr wurde beraten. "
    "Bis Ende Juni sind drei Angebote einzuholen, und der Mietvertrag für den alten Standort endet im September."
)
RUSSIAN = (
    "Протокол последнего заседания был утверждён без изменений, после чего обсуждался бюджет на следующий год. "
    "До конца июня необходимо получить три предложения, а договор аренды заканчивается в сентябре."  # noqa: RUF001
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The minutes of the last meeting were approved without any changes.", "en"),
        ("Das Protokoll der letzten Sitzung wurde ohne Änderungen genehmigt.", "de"),
        ("Le compte rendu de la dernière réunion a été approuvé sans modification.", "fr"),
        ("12345 67890 too few letters", "und"),
        ("AB-1234 CD-5678 X99 Y77 ZZZ QWE RTY UIO PAS DFG", "und"),  # letters, and no language
        ("", "und"),
    ],
)
def test_short_texts(text: str, language: str) -> None:
    found = measure_language(view_text(text))
    assert found.language == language
    if language == "und":
        assert (found.languages, found.signals) == ({}, {})
    else:
        assert found.languages == {language: 1.0}
        assert 0.5 < found.signals["language.probability"] <= 1
        assert found.signals["language.share"] == 1


def test_language_of_a_table_is_taken_from_its_cells() -> None:
    table = "| Bezeichnung | Beschreibung |\n|---|---|\n| Schreibtisch | mit höhenverstellbaren Beinen und Schublade |"
    assert measure_language(view_text(table)).language == "de"


def test_cells_do_not_outvote_prose() -> None:
    table = "| item | description |\n|---|---|\n" + "| desk | adjustable legs and a drawer for the office |\n" * 50
    assert measure_language(view_text(f"{GERMAN}\n\n{table}")).languages == {"de": 1.0}


def test_a_long_text_in_one_language() -> None:
    found = measure_language(view_text("\n\n".join([ENGLISH] * 20)))
    assert (found.language, found.languages) == ("en", {"en": 1.0})


def test_languages_in_parts() -> None:
    found = measure_language(view_text("\n\n".join([ENGLISH] * 2 + [GERMAN] * 6)))
    assert found.language == "de"
    assert list(found.languages) == ["de", "en"]
    assert found.languages["de"] == pytest.approx(0.75, abs=0.02)
    assert found.signals["language.share"] == found.languages["de"]


def test_a_part_in_another_script_is_seen_wherever_it_stands() -> None:
    # Beginning, middle and end are English.
    parts = [ENGLISH] * 4 + [RUSSIAN] * 4 + [ENGLISH] * 8
    found = measure_language(view_text("\n\n".join(parts)))
    assert set(found.languages) == {"en", "ru"}


def test_a_quotation_is_no_second_language() -> None:
    assert measure_language(view_text("\n\n".join([GERMAN] + [ENGLISH] * 14))).languages == {"en": 1.0}


def test_every_answer_of_the_model_may_be_named_in_settings_and_nothing_else() -> None:
    told = {_VARIETIES.get(str(label), str(label)) for label in load_identifier().nb_classes}
    assert told == ANSWERS | {"und"}
    assert {"gn", "ki", "ff"} <= told
    assert allowed_members(sorted(ALLOWED)) == ALLOWED
    for language in ("bo", "yi", "wo", "gug"):
        with pytest.raises(ValidationError, match=f'"{language}" is no language code that can be told; these are: ace, af, .*zu'):
            GateSettings(languages=["en", language])


def test_places() -> None:
    assert take_places("a" * 1000 + "m" * 1000 + "z" * 1000) == ("a" * 200, "m" * 200, "z" * 200)


def test_mixed_scripts() -> None:
    assert not has_mixed_scripts(ENGLISH)
    assert not has_mixed_scripts(GERMAN)
    assert not has_mixed_scripts(RUSSIAN + " PDF")
    assert has_mixed_scripts(RUSSIAN + ENGLISH)


def test_a_collective_code_includes_its_members() -> None:
    assert allowed_members(["en"]) == {"en"}
    assert {"no", "nn", "nb"} <= allowed_members(["no"])
    assert "nn" not in allowed_members(["nb"])
    assert {"bs", "hr", "sr"} <= allowed_members(["sh"])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.sampled_from([ENGLISH, GERMAN, RUSSIAN, "| a | b |", "12", "```\nx = 1\n```"]) | st.text(max_size=150), max_size=9
    )
)
def test_shares_make_a_whole(parts: list[str]) -> None:
    found = measure_language(view_text("\n\n".join(parts)))
    assert (found.language == "und") == (not found.languages) == (not found.signals)
    if found.languages:
        assert max(found.languages.values()) == found.languages[found.language] == found.signals["language.share"]
        assert sum(found.languages.values()) == pytest.approx(1, abs=0.05)
