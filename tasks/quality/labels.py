"""The score that has learned from what the user said of documents (label_file.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks.quality.label_file import read_labels
from tasks.quality.logistic import most_probable
from tasks.quality.score import SHIPPED, ScoreModel

WEIGHT_SPREAD = 0.15  # prior standard deviation of a coefficient, in log-odds per standard deviation of its signal
INTERCEPT_SPREAD = 0.7  # of the intercept: what "natural" means to a user differs more than how it shows
DIGITS = 6  # of a stored coefficient


@dataclass(frozen=True)
class LabelledSignals:
    """The stored signals of a part with the user's verdict."""

    signals: Mapping[str, float]
    keep: bool


def refit(model: ScoreModel, rows: Sequence[LabelledSignals]) -> ScoreModel:
    """The model after the user's verdicts: the most probable coefficients under a Gaussian prior centred on `model`.

    It does not depend on the order of the rows.
    """
    import numpy as np

    if not rows:
        return model
    table = np.array([[f.deviation(row.signals) / f.scale for f in model.features] + [1.0] for row in rows])
    keep = np.array([row.keep for row in rows], dtype=float)
    order = np.lexsort([*table.T, keep])
    table, keep = table[order], keep[order]
    prior = np.array([f.weight * f.scale for f in model.features] + [model.intercept])
    precision = np.array([WEIGHT_SPREAD**-2] * len(model.features) + [INTERCEPT_SPREAD**-2])
    weights = most_probable(table, keep, prior, precision)
    features = tuple(
        feature.model_copy(update={"weight": round(float(weight) / feature.scale, DIGITS)})
        for feature, weight in zip(model.features, weights[:-1], strict=True)
    )
    return model.model_copy(update={"intercept": round(float(weights[-1]), DIGITS), "features": features})


def refit_on_labels() -> ScoreModel:
    """The shipped model after the verdicts in the labels file below the data root. Raises ValueError for a damaged file.

    A verdict on a text without any signal of the model says nothing of what makes a text natural, and is left out.
    """
    asked = {feature.signal for feature in SHIPPED.features}
    labels = [label for label in read_labels().values() if asked & label.signals.keys()]
    return refit(SHIPPED, [LabelledSignals(label.signals, label.keep) for label in labels])
