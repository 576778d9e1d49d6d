"""Settings of the gates: profiles, own thresholds, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from tasks.quality.profiles import PROFILES
from tasks.quality.settings import GateSettings
from tasks.storage.stage import digest_of


def test_a_threshold_is_ones_own_or_the_profiles_or_off() -> None:
    settings = GateSettings(profile="strict", max_symbols=0.4, max_code="off")
    assert settings.bound("max_symbols") == 0.4
    assert settings.bound("max_code") is None
    assert settings.bound("max_figures") == PROFILES["strict"]["max_figures"]
    with pytest.raises(KeyError, match="languages"):
        settings.bound("languages")


def test_zero_is_a_threshold() -> None:
    assert GateSettings(max_symbols=0).bound("max_symbols") == 0


def test_equal_thresholds_have_equal_cache_keys() -> None:
    spelled_out = {name: "off" if bound is None else bound for name, bound in PROFILES["strict"].items()}
    assert digest_of(GateSettings(**spelled_out)) == digest_of(GateSettings(profile="strict"))
    assert digest_of(GateSettings(languages=["en", "de"])) == digest_of(GateSettings(languages=["de", "en", "de"]))
    different = [
        GateSettings(),
        GateSettings(min_words=31),
        GateSettings(languages=["en"]),
        GateSettings(early_termination=False),
    ]
    assert len({digest_of(settings) for settings in different}) == len(different)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_is_allowed_by_its_own_fields(profile: str) -> None:
    thresholds = {name: "off" if bound is None else bound for name, bound in PROFILES[profile].items()}
    settings = GateSettings(profile=profile, **thresholds)
    assert {name: settings.bound(name) for name in thresholds} == PROFILES[profile]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"min_words": -1}, "min_words.*whole number of at least 0"),
        ({"min_words": "many"}, 'min_words.*"off"'),
        ({"min_words": 30.5}, "min_words.*whole number"),
        ({"max_symbols": 1.1}, "max_symbols.*from 0 to 1"),
        ({"min_stop_words": 9}, "min_stop_words.*from 0 to 8"),
        ({"max_newlines_per_word": float("nan")}, "max_newlines_per_word.*at least 0"),
        ({"min_words": 10, "max_words": 5}, r"min_words \(10\) is above max_words \(5\)"),
        ({"max_words": 5}, r"min_words \(30\) is above max_words \(5\)"),
        ({"min_mean_word_length": 20}, r"min_mean_word_length \(20\) is above max_mean_word_length \(15\)"),
        ({"profile": "legal"}, "profile.*'office', 'web', 'code' or 'strict'"),
        ({"languages": ["EN"]}, 'languages.*"EN" is no language code'),
        ({"languages": ["english"]}, 'languages.*"english"'),
        ({"no_such": 1}, "no_such"),
    ],
)
def test_senseless_settings_are_refused_by_name(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        GateSettings(**settings)
    assert caught.match("(?s)" + words)
    assert caught.value.error_count() == 1


def test_texts_too_short_to_tell_can_be_chosen() -> None:
    assert GateSettings(languages=["en", "und"]).languages == ["en", "und"]


def test_the_form_shows_a_range_a_way_to_switch_off_and_the_bounds_of_every_profile() -> None:
    properties = GateSettings.model_json_schema()["properties"]
    assert list(properties)[:3] == ["profile", "languages", "early_termination"]
    assert properties["max_symbols"]["anyOf"] == [
        {"maximum": 1, "minimum": 0, "type": "number"},
        {"const": "off", "type": "string"},
        {"type": "null"},
    ]
    assert properties["max_symbols"]["default"] is None
    assert "office 0.3, web 0.3, code 0.5, strict 0.15" in properties["max_symbols"]["description"]
    assert "office off" in properties["max_words"]["description"]
    assert set(properties) - set(PROFILES["office"]) == {
        *("profile", "languages", "early_termination"),
        *("embedding_model", "second_stage_low", "second_stage_high"),
    }
