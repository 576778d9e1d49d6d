"""Intervals over documents: known cases, and the share of intervals that hold the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.finetuning import intervals
from tasks.finetuning.intervals import Estimate, mean_of


def test_the_value_is_the_weighted_mean_and_lies_in_its_interval() -> None:
    found = mean_of(["a", "b", "c"], [10.0, 30.0, 20.0], [10.0, 10.0, 20.0])
    assert found.value == pytest.approx(60 / 40)
    assert found.low is not None
    assert found.high is not None
    assert 1.0 <= found.low <= found.value <= found.high <= 3.0


def test_examples_of_one_document_are_one_piece_of_evidence() -> None:
    few = mean_of(["a"] * 50 + ["b"] * 50, [1.0] * 50 + [3.0] * 50, [1.0] * 100)
    many = mean_of([f"d{at}" for at in range(100)], [1.0] * 50 + [3.0] * 50, [1.0] * 100)
    assert (few.low, few.high) == (1.0, 3.0)
    assert many.low is not None
    assert many.low > 1.7


def test_one_document_gives_no_interval_and_none_an_error() -> None:
    assert mean_of(["a", "a"], [1.0, 2.0], [1.0, 1.0]) == Estimate(value=1.5)
    with pytest.raises(ValueError, match="nothing was measured"):
        mean_of([], [], [])


def test_the_truth_lies_in_about_95_of_100_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "RESAMPLES", 300)
    generator = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        values = generator.normal(loc=2.0, size=40)
        found = mean_of([f"d{at}" for at in range(40)], values.tolist(), [1.0] * 40)
        hits += found.low is not None and found.high is not None and found.low <= 2.0 <= found.high
    assert 0.88 <= hits / 200 <= 0.99


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 10), st.integers(1, 50)), min_size=1, max_size=12))
def test_the_same_rows_in_another_order_give_the_same_value(rows: list[tuple[int, float, int]]) -> None:
    def of(chosen: list[tuple[int, float, int]]) -> Estimate:
        return mean_of([str(row[0]) for row in chosen], [row[1] for row in chosen], [float(row[2]) for row in chosen])

    assert of(rows) == of(rows)
    assert of(rows[::-1]).value == pytest.approx(of(rows).value)


def test_an_estimate_in_words() -> None:
    assert Estimate(value=0.25, low=-0.1, high=0.5).show(2, signed=True) == "+0.25 (-0.10 to +0.50)"
    assert Estimate(value=1.5).show(1) == "1.5"
