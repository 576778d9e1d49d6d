"""The head of the second stage: from an embedding to what it adds to the log-odds of the first score."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator

from tasks.quality.logistic import most_probable
from tasks.storage.root import read_bytes, write_bytes

HEAD_FILE = "quality/head.json"  # below the data root
COMPONENTS = 64  # directions of the embeddings that are looked at, those of the largest variance
# What may be the standard deviation of what a head adds, in log-odds.
SPREADS = (0.1, 0.25, 0.5, 1.0, 2.0)
INTERCEPT_SPREAD = 0.5
FOLDS = 5
FEWEST = 20  # labelled texts, and of each verdict FEWEST_OF_EACH, from which a head can be fitted
FEWEST_OF_EACH = 5
DIGITS = 8  # of a stored weight


class EmbeddingHead(BaseModel):
    """A linear head. model: digest of the model whose embeddings it reads; model_name: for people. score_version: of the first
    score to which it adds. least, most: bounds of what it adds, as seen when fitting. fitted_on: counts and figures, for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    model_name: str
    score_version: int
    weights: tuple[FiniteFloat, ...] = Field(min_length=1)
    intercept: FiniteFloat
    least: FiniteFloat
    most: FiniteFloat
    fitted_on: dict[str, str | int | float] = {}

    @model_validator(mode="after")
    def _bounds_are_in_order(self) -> Self:
        if self.least > self.most:
            raise ValueError(f"least ({self.least}) is above most ({self.most})")
        return self

    def log_odds(self, vector: Sequence[float]) -> float:
        """What is added to the log-odds of the first score. Raises ValueError for a vector of another length."""
        total = math.fsum(weight * value for weight, value in zip(self.weights, vector, strict=True))
        return min(self.most, max(self.least, self.intercept + total))

    def digest(self) -> str:
        """sha256 (hex) of what it computes."""
        return hashlib.sha256(self.model_dump_json(exclude={"model_name", "fitted_on"}).encode()).hexdigest()


@dataclass(frozen=True)
class Examples:
    """Labelled texts as arrays of one row each. vectors: (texts, dimensions). odds: log-odds of the first score. truth: whether
    the text is good enough. folds: numbers; a text is predicted by a head that has seen none of its fold."""

    vectors: Any
    odds: Any
    truth: Any
    folds: Any

    def __len__(self) -> int:
        return len(self.truth)


def fit(examples: Examples) -> tuple[Any, float, float]:
    """Weights and intercept for raw vectors, and the spread that was chosen for them.

    The dimensions are standardized and reduced to their first COMPONENTS principal components; a ridge-penalized logistic
    regression is fitted beside the first score's log-odds. The penalty is the largest that predicts across the folds as well as
    the best one, but for a standard error (Breiman et al., Classification and Regression Trees, 1984, section 3.4.3).
    """
    losses = {spread: _losses(examples, predict_folds(examples, spread)) for spread in SPREADS}
    best = min(losses.values(), key=lambda each: float(each.mean()))
    spread = next(each for each in SPREADS if _mean_within_error(losses[each] - best))
    weights, intercept = _fit(examples, spread)
    return weights, intercept, spread


def _mean_within_error(differences: Any) -> bool:
    error = differences.std() / math.sqrt(len(differences))
    return bool(differences.mean() <= error)


def predict_folds(examples: Examples, spread: float) -> Any:
    """What heads add to each text, each fitted without the text's fold; log-odds."""
    import numpy as np

    added = np.zeros(len(examples))
    for fold in np.unique(examples.folds):
        inside = examples.folds == fold
        weights, intercept = _fit(_where(examples, ~inside), spread)
        added[inside] = examples.vectors[inside] @ weights + intercept
    return added


def _where(examples: Examples, mask: Any) -> Examples:
    return Examples(examples.vectors[mask], examples.odds[mask], examples.truth[mask], examples.folds[mask])


def _losses(examples: Examples, added: Any) -> Any:
    import numpy as np

    odds = examples.odds + added
    return np.logaddexp(0, odds) - examples.truth * odds


def _fit(examples: Examples, spread: float) -> tuple[Any, float]:
    import numpy as np

    mean, scale = examples.vectors.mean(axis=0), examples.vectors.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0) * math.sqrt(examples.vectors.shape[1])
    centred = (examples.vectors - mean) / scale  # the mean square of a row's length is 1
    directions = np.linalg.svd(centred, full_matrices=False)[2][:COMPONENTS]
    table = np.hstack([centred @ directions.T, np.ones((len(examples), 1))])
    prior = np.zeros(table.shape[1])
    precision = np.r_[np.full(len(directions), spread**-2), INTERCEPT_SPREAD**-2]
    found = most_probable(table, examples.truth.astype(float), prior, precision, examples.odds)
    weights = (directions.T @ found[:-1]) / scale
    return weights, float(found[-1] - mean @ weights)


def load_head() -> EmbeddingHead | None:
    """The head that was learned below the data root; None when none was. Raises ValueError when its file is damaged."""
    try:
        return EmbeddingHead.model_validate_json(read_bytes(HEAD_FILE))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise ValueError(f"{HEAD_FILE} is no head of a second stage: run `doctune gates --learn-head` again: {error}") from error


def save_head(head: EmbeddingHead) -> None:
    """Make this the head of the next runs below this data root."""
    write_bytes(HEAD_FILE, (head.model_dump_json(indent=1) + "\n").encode())
