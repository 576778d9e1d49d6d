"""The learning rate over a training, and when a loss has gone astray."""

import math

import pytest

from tasks.finetuning.schedule import LossWatch, Schedule


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [Schedule(1e-3, 100, 0.1).rate(update) for update in range(100)]
    assert 0 < rates[0] < rates[5] < rates[10] == pytest.approx(1e-3)
    assert rates[10] > rates[50] > rates[99] == pytest.approx(1e-4, rel=0.01)
    assert Schedule(1e-3, 1, 0.03).rate(0) == pytest.approx(1e-3)


def watch(losses: list[float]) -> LossWatch:
    found = LossWatch()
    for update, loss in enumerate(losses):
        found = found.after(loss, math.isfinite(loss), update)
    return found


def test_a_rising_loss_is_noticed_and_a_single_bad_update_is_not() -> None:
    falling = [5.0 - 0.1 * index for index in range(40)]
    assert not watch(falling).diverged
    assert not watch([*falling, 6.0, 1.0]).diverged
    assert watch([*falling, *[9.0] * 10]).diverged
    assert not watch([0.5, *[4.0] * 10, *falling]).diverged  # it began with easy examples


def test_numbers_that_are_none_are_noticed_when_they_stay() -> None:
    assert not watch([2.0, math.nan, math.inf, 2.0, math.nan]).diverged
    assert watch([2.0, math.nan, math.nan, math.nan]).diverged
