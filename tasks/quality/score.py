"""The calibrated score of a text: the probability, from 0 to 1, that a person would call it natural.

A logistic regression over stored signals. Its coefficients stand in score.json and were fitted by
benchmarks/fit_quality_score.py on human labels in 19 languages (HPLT release 2 inspection). A signal counts by its distance from
its typical value, held within the range seen when fitting; a missing one counts nothing.
"""

import math
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

MODEL = Path(__file__).with_name("score.json")
DIGITS = 4  # of a stored score


class Feature(BaseModel):
    """How a signal counts. weight: log-odds per unit above the typical value. low, high: beyond them it counts no further."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signal: str
    weight: FiniteFloat
    typical: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    scale: FiniteFloat = Field(gt=0, description="Standard deviation when fitting, by which a refit measures changes.")

    @model_validator(mode="after")
    def _typical_is_within(self) -> "Feature":
        if not self.low <= self.typical <= self.high:
            raise ValueError(f"{self.signal}: the typical value {self.typical} is outside {self.low} to {self.high}")
        return self

    def deviation(self, signals: Mapping[str, float]) -> float:
        """Distance from the typical value, in units of the signal; 0 when it was not measured."""
        value = signals.get(self.signal)
        return 0.0 if value is None else min(self.high, max(self.low, value)) - self.typical


class ScoreModel(BaseModel):
    """The coefficients. fitted_on: documents, languages and versions of the fit, for people to read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    intercept: FiniteFloat
    features: tuple[Feature, ...]
    fitted_on: dict[str, str | int | float] = {}


SHIPPED = ScoreModel.model_validate_json(MODEL.read_bytes())

# What pulls a score down, in words: signal -> (words when it is high, words when it is low).
WORDS: dict[str, tuple[str, str]] = {
    "natural.capitals": ("many words in capitals", "hardly any word in capitals"),
    "natural.clauses": ("many clauses of 5 to 15 words", "few clauses of 5 to 15 words"),
    "natural.dashes": ("many dashes between words", "no dashes between words"),
    "natural.dates": ("many dates and times", "no dates"),
    "natural.distinct_phrases": ("phrases hardly repeat", "phrases repeat"),
    "natural.distinct_words": ("words hardly repeat", "words repeat"),
    "natural.ellipses": ("many cut-off snippets (...)", "no ellipses"),
    "natural.exclamations": ("many exclamation marks", "no exclamation marks"),
    "natural.foreign_script": ("letters of different scripts are mixed", "letters of one script only"),
    "natural.glued_sentences": ("sentences run together without a space", "no sentences run together"),
    "natural.grammar_words": ("short words repeat much", "few of the short words that hold sentences together"),
    "natural.joined_words": ("words run together", "no words run together"),
    "natural.letters": ("nearly all characters are letters", "few of the characters are letters"),
    "natural.list_fragments": ("many fragments of one to three words, as in lists", "few fragments"),
    "natural.longest_run": ("a long run of words without the end of a sentence", "sentences are short"),
    "natural.prices": ("many prices or percentages", "no prices"),
    "natural.punctuation_kinds": ("many kinds of punctuation", "few kinds of punctuation"),
    "natural.repeated_pairs": ("pairs of words repeat", "pairs of words hardly repeat"),
    "natural.sentences": ("nearly all words stand in finished sentences", "few words stand in finished sentences"),
    "natural.separators": ("many separators (| » •)", "no separators"),
    "natural.shared_short_words": ("beginning and middle share their short words", "beginning and middle share few short words"),
    "natural.short_words": ("many short words", "few short words"),
    "natural.small_starts": ("sentences begin with small letters", "sentences begin with capitals"),
    "natural.symbols": ("many symbols", "no symbols"),
    "natural.title_words": ("many capitalised words", "few capitalised words"),
    "natural.top_word": ("one content word is very frequent", "no content word stands out"),
    "natural.top_words": ("a few content words make up much of the text", "no content words stand out"),
    "natural.upper": ("many capital letters", "few capital letters"),
    "natural.word_length_spread": ("word lengths vary much", "word lengths vary little"),
}


def log_odds(signals: Mapping[str, float], model: ScoreModel = SHIPPED) -> float:
    """Logarithm of the odds that a text is natural."""
    return model.intercept + math.fsum(feature.weight * feature.deviation(signals) for feature in model.features)


def probability(odds: float) -> float:
    """The logistic function of log-odds, without overflow."""
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else 1 - 1 / (1 + math.exp(odds))


def score(signals: Mapping[str, float], language: str | None = None, model: ScoreModel = SHIPPED) -> float:
    """Probability that a person would call the text natural, from its stored signals; DIGITS digits.

    The features are the same in every language, so `language` changes nothing today.
    """
    return round(probability(log_odds(signals, model)), DIGITS)


def explain(signals: Mapping[str, float], model: ScoreModel = SHIPPED) -> list[tuple[str, float]]:
    """What pulled the score down, in words, with its log-odds (all negative), the strongest first."""
    found = []
    for feature in model.features:
        deviation = feature.deviation(signals)
        share = round(feature.weight * deviation, DIGITS)
        if share < 0:
            high, low = WORDS.get(feature.signal, (f"high {feature.signal}", f"low {feature.signal}"))
            found.append((high if deviation > 0 else low, share))
    return sorted(found, key=lambda each: (each[1], each[0]))
