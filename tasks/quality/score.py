"""One number for the quality of a text, from 0 (worst) to 1, that orders texts and decides which duplicate survives.

Each signal is turned into a grade by a smooth ramp between a bad and a good value; the score is the weighted geometric mean of
the grades of the signals that the text has. Geometric, so that one hopeless grade is not outvoted by many good ones.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

WORST_GRADE = 0.02  # a grade is never 0, or one signal alone would make the score 0
DIGITS = 4  # of a stored score


@dataclass(frozen=True)
class Grade:
    """How a signal counts. bad: value of grade 0. good: value of grade 1. weight: share in the score, relative to the others."""

    signal: str
    bad: float
    good: float
    weight: float
    logarithmic: bool = False
    english_only: bool = False

    def of(self, value: float) -> float:
        """The grade of a value, from WORST_GRADE to 1: a smooth step (3t^2 - 2t^3) between bad and good."""
        low, high = (math.log(self.bad), math.log(self.good)) if self.logarithmic else (self.bad, self.good)
        value = math.log(max(value, 1e-9)) if self.logarithmic else value
        t = min(1.0, max(0.0, (value - low) / (high - low)))
        return max(WORST_GRADE, t * t * (3 - 2 * t))


# Weight 2: what tells text from lists of links and of codes. Weight 1: the other rules. Weight 0.5: rules that misfire most.
GRADES = (
    Grade("length.words", bad=8, good=150, weight=1, logarithmic=True),
    Grade("gopher.alpha_words", bad=0.15, good=0.7, weight=2),
    Grade("gopher.mean_word_length", bad=2, good=4, weight=0.5),
    Grade("gopher.mean_word_length", bad=16, good=9, weight=0.5),
    Grade("symbols.ratio", bad=0.4, good=0.1, weight=1),
    Grade("c4.policy", bad=0.7, good=0.1, weight=1),
    Grade("gopher.stop_words", bad=0, good=3, weight=1, english_only=True),
    Grade("fineweb.short_lines", bad=1, good=0.5, weight=2),
    Grade("fineweb.line_punct", bad=0, good=0.4, weight=1),
    Grade("gopher.dup_line_chars", bad=0.5, good=0.05, weight=1),
    Grade("gopher.dup_5", bad=0.8, good=0.2, weight=1),
    Grade("gopher.top_2", bad=0.3, good=0.1, weight=0.5),
)


class ScoreModel(BaseModel):
    version: int = 1


SHIPPED = ScoreModel()


def measure_score(signals: Mapping[str, float], language: str | None = None, model: ScoreModel = SHIPPED) -> float:
    """The score of a text from its signals of both tiers; 0 for a text without any graded signal."""
    total = weights = 0.0
    for grade in GRADES:
        if grade.signal in signals and (language == "en" or not grade.english_only):
            total += grade.weight * math.log(grade.of(signals[grade.signal]))
            weights += grade.weight
    return round(math.exp(total / weights), DIGITS) if weights else 0.0
