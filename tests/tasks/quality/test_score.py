"""The score: bounds, direction, missing signals, explanations."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tasks.quality.score import SHIPPED, WORDS, Feature, ScoreModel, explain, log_odds, probability, score
from tasks.quality.signals.natural import NAMES

SIGNALS = st.dictionaries(st.sampled_from([f"natural.{name}" for name in NAMES]), st.floats(-1e9, 1e9))
UP = Feature(signal="natural.sentences", weight=2.0, typical=0.5, low=0.0, high=1.0, scale=0.25)
DOWN = Feature(signal="natural.dashes", weight=-4.0, typical=0.0, low=0.0, high=0.5, scale=0.1)
MODEL = ScoreModel(version=1, intercept=0.0, features=(UP, DOWN))


@settings(max_examples=100, deadline=None)
@given(SIGNALS)
def test_a_score_is_a_probability_and_its_explanation_adds_up(signals: dict[str, float]) -> None:
    assert 0 <= score(signals) <= 1
    parts = explain(signals)
    assert all(share < 0 for _, share in parts)
    up = sum(max(0.0, f.weight * f.deviation(signals)) for f in SHIPPED.features)
    assert SHIPPED.intercept + up + sum(share for _, share in parts) == pytest.approx(log_odds(signals), abs=0.01)


def test_a_missing_signal_counts_like_a_typical_one() -> None:
    assert score({}, model=MODEL) == score({"natural.sentences": 0.5, "natural.dashes": 0.0}, model=MODEL) == 0.5


def test_a_signal_counts_up_to_its_range() -> None:
    assert score({"natural.sentences": 1.0}, model=MODEL) == score({"natural.sentences": 9.0}, model=MODEL) == 0.7311
    assert score({"natural.dashes": 0.25}, model=MODEL) == 0.2689


def test_an_explanation_names_the_strongest_first_and_nothing_that_helps() -> None:
    assert explain({"natural.sentences": 0.0, "natural.dashes": 0.5}, MODEL) == [
        ("many dashes between words", -2.0),
        ("few words stand in finished sentences", -1.0),
    ]
    assert explain({"natural.sentences": 1.0}, MODEL) == []


def test_extreme_odds_do_not_overflow() -> None:
    assert (probability(-1e6), probability(1e6)) == (0.0, 1.0)


def test_the_shipped_model_knows_every_feature_and_has_words_for_it() -> None:
    signals = {feature.signal for feature in SHIPPED.features}
    assert signals == {f"natural.{name}" for name in NAMES} == set(WORDS)


def test_a_model_whose_typical_value_is_out_of_range_is_refused() -> None:
    with pytest.raises(ValidationError, match="typical value"):
        Feature(signal="natural.dashes", weight=1, typical=2, low=0, high=1, scale=1)
