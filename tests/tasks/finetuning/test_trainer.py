"""The loss and the measurement, checked against the definition on single examples."""

import math
import os
from pathlib import Path

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

import mlx.core as mx
import mlx.nn as nn
from mlx_lm import load

from tasks.finetuning.batches import pad
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.trainer import DivergedError, Reporter, add_adapter, held_out, learning_rate, masked_loss

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)
ROWS = [[5, 9, 700, 12, 0], [44, 0], [3] * 40 + [0], list(range(100, 170)), [8, 8, 0]]


@pytest.fixture
def model(data_root: Path) -> nn.Module:
    return load(str(data_root / build_starter(NANO).folder))[0]


def plain_losses(model: nn.Module, row: list[int]) -> list[float]:
    """The loss of each token after the first, one example at a time, from the definition."""
    logits = model(mx.array([row[:-1]]))[0].astype(mx.float32)
    logs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
    return [-logs[place, token].item() for place, token in enumerate(row[1:])]


def test_held_out_is_the_mean_over_tokens_whatever_the_batches(model: nn.Module) -> None:
    losses = [loss for row in ROWS for loss in plain_losses(model, row)]
    for batch_size in (1, 2, 5):
        found = held_out(model, ROWS, batch_size)
        assert (found.rows, found.tokens) == (len(ROWS), len(losses))
        assert found.loss == pytest.approx(sum(losses) / len(losses), rel=1e-5)
        assert found.perplexity == pytest.approx(math.exp(found.loss))


def test_the_training_loss_counts_no_padding(model: nn.Module) -> None:
    batch, lengths = (mx.array(array) for array in pad(ROWS[:2]))
    loss, count = masked_loss(model, batch, lengths)
    losses = plain_losses(model, ROWS[0]) + plain_losses(model, ROWS[1])
    assert count.item() == len(losses) == 5
    assert loss.item() == pytest.approx(sum(losses) / len(losses), rel=1e-5)


def test_the_stock_loss_still_counts_a_pad_per_row(model: nn.Module) -> None:
    """The reason for our own loss; when this fails, mlx-lm has mended it."""
    from mlx_lm.tuner.trainer import default_loss

    batch, lengths = (mx.array(array) for array in pad(ROWS[:2]))
    assert default_loss(model, batch, lengths)[1].item() == 7


def test_an_untrained_adapter_changes_nothing(model: nn.Module) -> None:
    before = held_out(model, ROWS, 2)
    assert add_adapter(model, FinetuningSettings(rank=4)) > 0
    assert held_out(model, ROWS, 2) == before


def test_the_learning_rate_rises_and_falls() -> None:
    rate = learning_rate(FinetuningSettings(learning_rate=1e-3, warmup_fraction=0.1), 100)
    values = [float(rate(mx.array(step))) for step in range(100)]
    assert 0 < values[0] < values[5] < values[10] == pytest.approx(1e-3)
    assert values[10] > values[50] > values[99] == pytest.approx(1e-4, rel=0.01)
    assert float(learning_rate(FinetuningSettings(learning_rate=1e-3), 1)(mx.array(0))) == pytest.approx(1e-3)


def test_a_loss_that_is_no_number_ends_the_training() -> None:
    events: list[dict[str, object]] = []
    report = {"iteration": 1, "trained_tokens": 9, "learning_rate": 1.0, "tokens_per_second": 1.0}
    reporter = Reporter(events.append)
    reporter.on_train_loss_report(report | {"train_loss": 2.5})
    with pytest.raises(DivergedError, match="lower the learning rate"):
        reporter.on_train_loss_report(report | {"train_loss": math.nan})
    assert reporter.losses[0] == (1, 2.5)
    assert len(events) == 2
