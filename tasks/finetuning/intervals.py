"""How sure a measured number is: 95 % intervals by drawing documents anew, with replacement. numpy only.

Examples of one document are alike, so they are drawn together (cluster bootstrap; Field and Welsh, 2007, "Bootstrapping
clustered data"). A comparison of two models is drawn on the same documents for both, so what is hard for both cancels out.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

RESAMPLES, SEED, TAIL = 2000, 0, 2.5  # TAIL: percent left out on each side
FEWEST_GROUPS = 2


class Estimate(BaseModel):
    """A number with its 95 % interval; low and high are None when fewer than two documents leave nothing to draw from."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float | None = None
    high: float | None = None

    def show(self, digits: int = 4, signed: bool = False) -> str:
        """The number and its interval in words."""
        form = f"{'+' if signed else ''}.{digits}f"
        interval = "" if self.low is None else f" ({format(self.low, form)} to {format(self.high, form)})"
        return format(self.value, form) + interval


def estimate(groups: Sequence[str], columns: Sequence[Sequence[float]], statistic: "Callable[[Array], Array]") -> Estimate:
    """A statistic of sums over rows, with its interval over groups of rows.

    groups: the group of each row. columns: numbers per row. statistic: from sums of shape (columns, draws) to (draws,). Rows of
    which the statistic cannot be told (0 divided by 0) count as 0. Raises ValueError without rows.
    """
    import numpy as np

    if not groups:
        raise ValueError("nothing was measured, so nothing can be estimated")
    names, of_row = np.unique(np.asarray(groups), return_inverse=True)
    sums = np.zeros((len(names), len(columns)))
    np.add.at(sums, of_row, np.asarray(columns, float).T)

    def at(totals: "Array") -> "Array":
        with np.errstate(invalid="ignore", divide="ignore"):
            told: Array = np.nan_to_num(np.asarray(statistic(totals.T), float))
        return told

    value = float(at(sums.sum(axis=0, keepdims=True))[0])
    if len(names) < FEWEST_GROUPS:
        return Estimate(value=value)
    generator = np.random.default_rng(SEED)
    drawn = np.empty((RESAMPLES, len(columns)))
    for number in range(RESAMPLES):
        drawn[number] = sums[generator.integers(len(names), size=len(names))].sum(axis=0)
    low, high = np.percentile(at(drawn), [TAIL, 100 - TAIL])
    return Estimate(value=value, low=float(low), high=float(high))


def mean_of(groups: Sequence[str], totals: Sequence[float], weights: Sequence[float]) -> Estimate:
    """The weighted mean: sum of totals over sum of weights (nats over tokens, say)."""
    return estimate(groups, [totals, weights], lambda sums: sums[0] / sums[1])
