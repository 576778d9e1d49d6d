"""The loss and the measurement, checked against the definition on single examples."""

import math
import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten
from mlx_lm import load

from tasks.finetuning.adapting import add_adapter, checkpointed_layers
from tasks.finetuning.batches import assemble
from tasks.finetuning.examples import Example
from tasks.finetuning.losses import accepts_packing, held_out, loss_sum, split_head, to_mlx
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.starter import StarterShape, build_starter

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)
TOKENS = [[5, 9, 700, 12, 0], [44, 0], [3] * 40 + [0], list(range(100, 170)), [8, 0]]
ROWS = [Example(tokens, prompt=20 if len(tokens) == 70 else 0) for tokens in TOKENS]
ALONE = [[index] for index in range(len(ROWS))]


@pytest.fixture
def model(data_root: Path) -> nn.Module:
    model = load(str(data_root / build_starter(NANO).folder))[0]
    model.freeze()
    return model


def plain_losses(model: nn.Module, example: Example) -> list[float]:
    """The loss of each trained token, one example at a time, from the definition."""
    row = list(example.tokens)
    logits = model(mx.array([row[:-1]]))[0].astype(mx.float32)
    logs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
    return [-logs[place, token].item() for place, token in enumerate(row[1:]) if place + 1 >= example.prompt]


def test_held_out_is_the_mean_over_tokens_whatever_the_batches(model: nn.Module) -> None:
    losses = [loss for row in ROWS for loss in plain_losses(model, row)]
    for micro_tokens in (1, 64, 4096):
        for split in (None, split_head(model)):
            found = held_out(model, ROWS, micro_tokens, split)
            assert (found.rows, found.tokens) == (len(ROWS), len(losses))
            assert found.loss == pytest.approx(sum(losses) / len(losses), rel=1e-5)
            assert found.perplexity == pytest.approx(math.exp(found.loss))


def test_the_stock_loss_still_counts_a_pad_per_row(model: nn.Module) -> None:
    """The reason for our own loss; when this fails, mlx-lm has mended it."""
    from mlx_lm.tuner.trainer import default_loss

    batch = mx.array([[5, 9, 700, 12, 0, 0, 0], [44, 0, 0, 0, 0, 0, 0]])
    assert default_loss(model, batch, mx.array([[0, 5], [0, 2]]))[1].item() == 7


def gradients(
    model: Any, micro_batches: list[list[list[int]]], packed: bool, chunked: bool = False
) -> tuple[float, dict[str, Any]]:
    split = split_head(model) if chunked else None
    total: dict[str, Any] = {}
    loss = 0.0
    for micro in micro_batches:
        batch = to_mlx(assemble(ROWS, micro, packed))
        value, found = nn.value_and_grad(model, lambda model, batch=batch: loss_sum(model, batch, split))(model)
        loss += value.item()
        for name, gradient in tree_flatten(found):
            total[name] = total[name] + gradient if name in total else gradient
    return loss, total


@pytest.mark.parametrize("how", ["padded", "packed", "packed in rows", "chunked", "packed and chunked", "checkpointed"])
def test_loss_and_gradient_are_those_of_one_example_after_the_other(model: nn.Module, how: str) -> None:
    add_adapter(model, FinetuningSettings(rank=4))
    for name, weight in tree_flatten(model.trainable_parameters()):  # an untrained adapter hides half of the gradient
        model.load_weights([(name, weight + 0.05)], strict=False)
    wanted_loss, wanted = gradients(model, [[row] for row in ALONE], packed=False)
    rows = [[0, 1, 2, 3, 4]] if how in ("packed", "packed and chunked") else [[0, 1, 3], [2, 4]] if "packed" in how else ALONE
    with checkpointed_layers(model, how == "checkpointed"):
        loss, found = gradients(model, [rows], packed="packed" in how, chunked="chunked" in how)
    assert loss == pytest.approx(wanted_loss, rel=1e-5)
    for name, gradient in wanted.items():
        assert mx.abs(found[name] - gradient).max().item() <= 1e-4 * max(mx.abs(gradient).max().item(), 1.0), name


def test_layers_are_as_before_after_checkpointing(model: nn.Module) -> None:
    kind = type(model.layers[0])
    original = kind.__call__
    with checkpointed_layers(model, True):
        assert kind.__call__ is not original
    assert kind.__call__ is original


class Dropping(nn.Module):
    """A layer whose output is proportional to its weight, where it is not dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = mx.arange(1.0, 65.0) / 64
        self.dropout = nn.Dropout(0.5)

    def __call__(self, hidden: mx.array) -> mx.array:
        return self.dropout(hidden * self.weight)


def test_a_checkpointed_layer_drops_the_same_on_its_way_back() -> None:
    model = nn.Module()
    model.layers = [Dropping(), Dropping()]

    def loss(model: nn.Module) -> mx.array:
        hidden = mx.ones(64)
        for layer in model.layers:
            hidden = layer(hidden)
        return hidden.sum()

    with checkpointed_layers(model, True, dropout=True):
        values = [nn.value_and_grad(model, loss)(model) for _ in range(2)]
    assert values[0][0].item() != values[1][0].item()  # drawn anew each time
    for value, gradients in values:
        for layer, gradient in zip(model.layers, gradients["layers"], strict=True):
            assert (layer.weight * gradient["weight"]).sum().item() == pytest.approx(value.item(), rel=1e-5)


def test_a_model_whose_examples_see_each_other_is_found_out(model: nn.Module) -> None:
    assert accepts_packing(model)

    class Sum(nn.Module):
        layers = (None,)

        def __call__(self, tokens: mx.array, cache: object = None) -> mx.array:
            return mx.cumsum(tokens.astype(mx.float32), axis=1)[..., None] * mx.arange(4)

    assert not accepts_packing(Sum())


def test_a_head_is_told_from_its_body_only_where_that_is_so(model: nn.Module) -> None:
    assert split_head(model) is not None
    model.model.embed_tokens.unfreeze()
    assert split_head(model) is None  # it is trained: it needs a gradient of its own
    model.freeze()
    model.lm_head = nn.Linear(16, 2048)
    assert split_head(model) is None  # it is there, and the model does not use it


@pytest.mark.parametrize("changes", [{}, {"method": "dora"}, {"adapter_precision": "bfloat16"}, {"method": "full"}])
def test_an_untrained_adapter_changes_nothing(model: nn.Module, changes: dict[str, Any]) -> None:
    before = held_out(model, ROWS, 64)
    assert add_adapter(model, FinetuningSettings(rank=4, **changes)) > 0
    assert held_out(model, ROWS, 64).loss == pytest.approx(before.loss, rel=1e-5)


def test_a_quantized_model_can_be_adapted(data_root: Path) -> None:
    model = load(str(data_root / build_starter(StarterShape(hidden=64, layers=1, heads=2, kv_heads=1, mlp=64)).folder))[0]
    before = held_out(model, ROWS, 64).loss
    size = sum(weight.nbytes for _, weight in tree_flatten(model.parameters()))
    assert add_adapter(model, FinetuningSettings(rank=2, quantize=4)) > 0
    assert sum(weight.nbytes for _, weight in tree_flatten(model.parameters())) < size / 4
    assert held_out(model, ROWS, 64).loss == pytest.approx(before, rel=0.1)
