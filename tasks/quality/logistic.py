"""Logistic regression with a Gaussian prior: what the refitted score and the head of the second stage are fitted by."""

from typing import Any

STEPS = 50
TOLERANCE = 1e-9


def most_probable(table: Any, truth: Any, prior: Any, precision: Any, offset: Any = 0.0) -> Any:
    """The most probable weights under a Gaussian prior, by Newton's method.

    table: (rows, weights). truth: (rows,), 0 or 1. prior, precision: (weights,), mean and 1 / variance. offset: (rows,) log-odds
    that are there already. The objective is strictly concave for positive precisions, so there is one answer.
    """
    import numpy as np

    weights = prior.copy()

    def loss(at: Any) -> float:
        odds = table @ at + offset
        return float(np.sum(np.logaddexp(0, odds) - truth * odds) + 0.5 * np.sum(precision * (at - prior) ** 2))

    for _ in range(STEPS):
        likely = 0.5 * (1 + np.tanh((table @ weights + offset) / 2))
        slope = table.T @ (likely - truth) + precision * (weights - prior)
        step = np.linalg.solve((table * (likely * (1 - likely))[:, None]).T @ table + np.diag(precision), slope)
        length = 1.0
        while length > TOLERANCE and loss(weights - length * step) > loss(weights):
            length /= 2
        weights = weights - length * step
        if np.abs(step).max() < TOLERANCE:
            break
    return weights
