"""What the user said of documents, and the score that has learned from it.

A labels file is JSONL, one verdict a line: {"document_id": sha256 in hex, "part": 0, "keep": true, "language": "en" or null,
"signals": {name: value}, "labelled_at": text or null}. The signals are those stored when it was judged, so that a refit needs
nothing but the file. Of several verdicts on a part the last one holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasks.quality.score import SHIPPED, ScoreModel
from tasks.storage.root import read_bytes

LABELS = "labels/quality.jsonl"  # below the data root
WEIGHT_SPREAD = 0.15  # prior standard deviation of a coefficient, in log-odds per standard deviation of its signal
INTERCEPT_SPREAD = 0.7  # of the intercept: what "natural" means to a user differs more than how it shows
STEPS = 50
TOLERANCE = 1e-9
DIGITS = 6  # of a stored coefficient


class Label(BaseModel):
    """A verdict of the user on a document part."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    document_id: str = Field(pattern=r"^[0-9a-f]{64}$")
    part: int = Field(ge=0)
    keep: bool
    language: str | None = None
    signals: dict[str, float] = {}
    labelled_at: str | None = None


class BadLabel(ValueError):
    """A line of a labels file is no label; the message names the line and what is wrong with it."""


@dataclass(frozen=True)
class LabelledSignals:
    """The stored signals of a part with the user's verdict."""

    signals: Mapping[str, float]
    keep: bool


def read_labels(lines: Iterable[str]) -> list[Label]:
    """The labels of a file, one per part, sorted. Raises BadLabel; empty lines are skipped."""
    found: dict[tuple[str, int], Label] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            label = Label.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the line"
            raise BadLabel(f"line {number}: {place}: {first['msg']}") from error
        found[label.document_id, label.part] = label
    return [found[key] for key in sorted(found)]


def refit(model: ScoreModel, rows: Sequence[LabelledSignals]) -> ScoreModel:
    """The model after the user's verdicts: the most probable coefficients under a Gaussian prior centred on `model`.

    Newton's method; the objective is strictly concave, so there is one answer. It does not depend on the order of the rows.
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
    weights = prior.copy()

    def loss(at: np.ndarray) -> float:
        odds = table @ at
        return float(np.sum(np.logaddexp(0, odds) - keep * odds) + 0.5 * np.sum(precision * (at - prior) ** 2))

    for _ in range(STEPS):
        likely = 0.5 * (1 + np.tanh(table @ weights / 2))
        slope = table.T @ (likely - keep) + precision * (weights - prior)
        step = np.linalg.solve((table * (likely * (1 - likely))[:, None]).T @ table + np.diag(precision), slope)
        length = 1.0
        while length > TOLERANCE and loss(weights - length * step) > loss(weights):
            length /= 2
        weights = weights - length * step
        if np.abs(step).max() < TOLERANCE:
            break
    features = tuple(
        feature.model_copy(update={"weight": round(float(weight) / feature.scale, DIGITS)})
        for feature, weight in zip(model.features, weights[:-1], strict=True)
    )
    return model.model_copy(update={"intercept": round(float(weights[-1]), DIGITS), "features": features})


def refit_on_labels() -> ScoreModel:
    """The shipped model after the verdicts in the labels file below the data root. Raises BadLabel, which is a ValueError."""
    try:
        lines = read_bytes(LABELS).decode().splitlines()
    except FileNotFoundError:
        return SHIPPED
    except UnicodeDecodeError as error:
        raise BadLabel(f"{LABELS}: is not UTF-8") from error
    labels = [label for label in read_labels(lines) if label.signals]
    return refit(SHIPPED, [LabelledSignals(label.signals, label.keep) for label in labels])
