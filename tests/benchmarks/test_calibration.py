"""Metrics of probabilities."""

import numpy as np
import pytest

from benchmarks.metrics.calibration import auc, average_precision, brier, draw_reliability, interval, reliability

TRUTH = np.array([True, False, True, False, False])
SCORES = np.array([0.9, 0.8, 0.8, 0.3, 0.1])


def test_ranking() -> None:
    assert auc(TRUTH, SCORES) == pytest.approx(5.5 / 6)
    assert average_precision(TRUTH, SCORES) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert np.isnan(auc(np.array([True, True]), np.array([0.1, 0.2])))


def test_probabilities() -> None:
    assert brier(TRUTH, SCORES) == pytest.approx((0.01 + 0.64 + 0.04 + 0.09 + 0.01) / 5)
    assert [(each.count, each.observed) for each in reliability(TRUTH, SCORES, bins=2)] == [(3, 0.0), (2, 1.0)]
    low, high = interval(brier, TRUTH, SCORES, rounds=200)
    assert low < brier(TRUTH, SCORES) < high


def test_a_plot_says_its_numbers() -> None:
    assert "2 documents: predicted 0.85, observed 1.00" in draw_reliability(reliability(TRUTH, SCORES, bins=2))
