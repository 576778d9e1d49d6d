"""Models of several architectures, cut in blocks: together they compute what the whole model does."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

import mlx.core as mx
from mlx.nn.layers.base import Module
from mlx.utils import tree_flatten
from mlx_lm import load

from tasks.finetuning.adapting import add_adapter
from tasks.finetuning.examples import UnfitError
from tasks.finetuning.losses import accepts_packing, split_head
from tasks.finetuning.parallel.cutting import Block, cut
from tasks.finetuning.parallel.staged import StagedTeam
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.starter import StarterShape, build_starter

COMMON = {
    "hidden_size": 16,
    "num_hidden_layers": 5,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "vocab_size": 50,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "max_position_embeddings": 64,
    "tie_word_embeddings": False,
}
MODELS: dict[str, dict[str, Any]] = {
    "llama": {"tie_word_embeddings": True},
    "qwen2": {},
    "qwen3": {},
    "gemma2": {"query_pre_attn_scalar": 8},
    "gemma3_text": {"sliding_window": 2, "sliding_window_pattern": 2, "query_pre_attn_scalar": 8},
    "qwen3_moe": {
        "num_experts": 2,
        "num_experts_per_tok": 1,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
        "moe_intermediate_size": 16,
        "norm_topk_prob": True,
    },
}
TOKENS = [[3, 9, 4, 1, 30, 7], [8, 8, 2, 40, 5, 6]]


def build(kind: str) -> Any:
    """A small model of an architecture with random weights, always the same."""
    architecture: Any = import_module(f"mlx_lm.models.{kind}")
    mx.random.seed(3)
    model = architecture.Model(architecture.ModelArgs.from_dict({"model_type": kind, **COMMON, **MODELS[kind]}))
    add_adapter(model, FinetuningSettings(rank=2))
    return model


def through(model: Any, block: Block, arriving: mx.array | None) -> tuple[mx.array, mx.array | None]:
    """What a model gives, and what leaves its block, when this comes in."""
    block.flow.arriving = arriving
    return model(mx.array(TOKENS)), block.flow.leaving


@pytest.mark.parametrize("kind", MODELS)
def test_blocks_together_are_the_model(kind: str) -> None:
    whole = build(kind)
    wanted = whole(mx.array(TOKENS))
    names = [name for name, _ in tree_flatten(whole.trainable_parameters())]
    hidden: mx.array | None = None
    trained: list[str] = []
    for rank in range(3):
        model = build(kind)
        block = cut(model, rank, 3)
        given, hidden = through(model, block, hidden)
        trained += [name for name, _ in tree_flatten(model.trainable_parameters())]
    assert sorted(trained) == sorted(names)
    assert mx.allclose(given, wanted, rtol=1e-5, atol=1e-5).item()
    assert [number for each in block.blocks for number in each] == list(range(5))
    assert block.whole_bytes == sum(leaf.nbytes for _, leaf in tree_flatten(build(kind).parameters()))
    assert max(block.weight_bytes) < 0.75 * block.whole_bytes


@pytest.mark.parametrize("kind", ["llama", "qwen3"])
def test_a_block_alone_tells_what_the_model_can_do(kind: str) -> None:
    for rank in range(2):
        model = build(kind)
        team = StagedTeam(mx.distributed.init())  # of this process alone, which plays both
        team.rank, team.size = rank, 2
        team.take(model)
        assert accepts_packing(model, team)
        assert (split_head(model, team) is not None) == (rank == 1)


class Layer(Module):
    """A layer that makes something else of hidden states."""

    def __call__(self, hidden: mx.array, *others: Any) -> Any:
        """Twice as much, and the others on top."""
        return hidden * 2 + sum(other.mean() for other in others)


class Pair(Layer):
    """A layer that gives more than hidden states."""

    def __call__(self, hidden: mx.array, *others: Any) -> Any:
        """Two things."""
        return hidden, hidden


def straight(layers: list[Any], hidden: mx.array) -> mx.array:
    for layer in layers:
        hidden = layer(hidden)
    return hidden


def between(layers: list[Any], hidden: mx.array) -> mx.array:
    for layer in layers:
        hidden = layer(hidden) + 1
    return hidden


def remembering(layers: list[Any], hidden: mx.array) -> mx.array:
    first = layers[0](hidden)
    return layers[2](layers[1](first), first * 2)


def backwards(layers: list[Any], hidden: mx.array) -> mx.array:
    return straight(layers[::-1], hidden)


class Model(Module):
    """A model that goes through its layers in its own way."""

    def __init__(self, layers: list[Any], way: Callable[[list[Any], mx.array], mx.array]) -> None:
        super().__init__()
        self.layers, self.way = layers, way

    def __call__(self, inputs: mx.array, cache: Any = None) -> mx.array:
        """Hidden states of width 4."""
        return self.way(self.layers, mx.broadcast_to(inputs[..., None], (*inputs.shape, 4)).astype(mx.float32))


def layers() -> list[Any]:
    return [Layer() for _ in range(3)]


@pytest.mark.parametrize(
    "model",
    [
        Model(layers(), between),
        Model(layers(), remembering),
        Model(layers(), backwards),
        Model([Pair(), Pair(), Pair()], straight),
        Model([Layer()] * 3, straight),
    ],
    ids=["between", "remembering", "backwards", "pairs", "shared"],
)
def test_what_cannot_be_cut_is_refused(model: Any) -> None:
    with pytest.raises(UnfitError, match=r"set finetuning\.parallel to data, or to off"):
        cut(model, 0, 2)


def test_what_can_be_cut_is_not(data_root: Any) -> None:
    assert cut(Model(layers(), straight), 1, 2).width == 4


@pytest.mark.parametrize("rank", [0, 1])
def test_weights_of_other_processes_are_not_read(data_root: Path, rank: int) -> None:
    folder = data_root / build_starter(StarterShape(layers=12)).folder
    mx.clear_cache()
    before = mx.get_active_memory()
    model = load(str(folder), lazy=True)[0]
    add_adapter(model, FinetuningSettings(rank=1))
    block = cut(model, rank, 2)
    arriving = mx.zeros((2, 6, block.width)) if rank else None
    mx.eval(*(each for each in through(model, block, arriving)[rank == 0 :: 2] if each is not None))
    block.flow.arriving = block.flow.leaving = None
    read = mx.get_active_memory() - before
    assert block.weight_bytes[rank] * 0.9 < read < block.weight_bytes[rank] * 1.1
    assert block.weight_bytes[rank] < 0.6 * block.whole_bytes


def test_there_must_be_a_layer_for_each_process() -> None:
    with pytest.raises(UnfitError, match=r"3 layers, fewer than 4 processes"):
        cut(Model(layers(), straight), 0, 4)
