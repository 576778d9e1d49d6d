"""A model of which this process computes a contiguous block of layers. Imported only in the training process and in tests.

The model keeps its own code, so that masks, scales and the order of things are its own. Layers of other processes are replaced by
stand-ins: the one before the block hands in what the process before sent, whatever it is given itself, and the one behind the
block keeps what the block gave. What stands before and behind them in the model is then never computed, and mlx, which computes
nothing and reads nothing that is not asked for, never reads its weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import mlx.core as mx
from mlx.nn.layers.base import Module
from mlx.nn.layers.embedding import Embedding
from mlx.nn.layers.quantized import QuantizedEmbedding
from mlx.utils import tree_flatten

from tasks.finetuning.examples import UnfitError
from tasks.finetuning.parallel.schedule import divide

PROBE = [3, 7, 5, 2, 9]  # tokens of a short example, to see how a model calls its layers
ADVICE = "set finetuning.parallel to data, or to off"
# What a model may say of a stand-in in the place of a layer that it expects more of.
NO_SUCH_LAYER = (AttributeError, TypeError, ValueError, IndexError, KeyError)


class Flow:
    """The hidden states that come into the block and go out of it: (rows, width of the row, width of the model)."""

    arriving: mx.array | None = None
    leaving: mx.array | None = None


class _StandIn(Module):
    """In the place of a layer; has its plain attributes, which some models ask their layers for."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        for name, value in vars(layer).items():
            if isinstance(value, bool | int | float | str) and not name.startswith("_"):
                setattr(self, name, value)


class Absent(_StandIn):
    """In the place of a layer of another process. enters: it stands right before the block. leaves: right behind it."""

    def __init__(self, layer: Any, flow: Flow, *, enters: bool, leaves: bool) -> None:
        super().__init__(layer)
        self._flow, self._enters, self._leaves = flow, enters, leaves

    def __call__(self, hidden: mx.array, *_: Any, **__: Any) -> mx.array:
        """What comes, or what came from the process before."""
        if self._leaves:
            self._flow.leaving = hidden
        return self._flow.arriving if self._enters and self._flow.arriving is not None else hidden


def _call(layer: Any, *args: Any, **kwargs: Any) -> Any:
    return layer(*args, **kwargs)


@dataclass(frozen=True)
class _Call:
    """How a model called a layer. given: its hidden states. gave: what was given back instead of the layer's result. fits: that
    had the same shape. others: the other arrays that it was given."""

    layer: int
    given: Any
    gave: mx.array
    fits: bool
    others: list[mx.array]


class _Watched(_StandIn):
    """In the place of a layer while it is looked at how the model calls it; gives random hidden states back."""

    def __init__(self, layer: Any, number: int, seed: int, calls: list[_Call]) -> None:
        super().__init__(layer)
        self._original = partial(_call, layer)  # no module of this one: its weights are not its own
        self._number, self._seed, self._calls = number, seed, calls

    def __call__(self, hidden: mx.array, *args: Any, **kwargs: Any) -> mx.array:
        result = self._original(hidden, *args, **kwargs)  # not computed, only asked for its shape
        fits = isinstance(result, mx.array) and (result.shape, result.dtype) == (hidden.shape, hidden.dtype)
        key = mx.random.key(1000 * self._seed + self._number)
        gave = mx.random.normal(hidden.shape, key=key).astype(hidden.dtype)
        others = [leaf for leaf in _leaves([args, kwargs]) if isinstance(leaf, mx.array)]
        self._calls.append(_Call(self._number, hidden, gave, fits, others))
        return gave


@dataclass(frozen=True)
class Block:
    """What this process has of a model. blocks: the layers of each process, by rank. weight_bytes: of each process, by rank; an
    embedding that is the head too is with the first process and with the last. whole_bytes: of all weights. width, dtype: of
    hidden states."""

    flow: Flow
    blocks: list[range]
    weight_bytes: list[int]
    whole_bytes: int
    width: int
    dtype: mx.Dtype


def cut(model: Any, rank: int, size: int) -> Block:
    """Leave of a model, loaded lazily, what the process with this rank computes, and read its weights. Raises UnfitError."""
    layers = _find_layers(model)
    if size > len(layers):
        raise UnfitError(f"the model has {len(layers)} layers, fewer than {size} processes: lower finetuning.processes")
    width, dtype = _check(model, layers)
    sizes = [_bytes(layer.parameters()) for layer in layers]
    embedding, rest, tied = _outside(model)
    first, last = _bytes(embedding), _bytes(rest) + (_bytes(embedding) if tied else 0)
    blocks = divide(sizes, first, last, size)
    held = [sum(sizes[number] for number in block) for block in blocks]
    held[0] += first
    held[-1] += last
    flow, own = Flow(), blocks[rank]
    for number, layer in enumerate(layers):
        if number not in own:
            layers[number] = Absent(layer, flow, enters=number == own.start - 1, leaves=number == own.stop)
    for number in own:
        mx.eval(layers[number].parameters())
    mx.eval([embedding] if rank == 0 else [], [rest, embedding if tied else {}] if rank == size - 1 else [])
    return Block(flow, blocks, held, sum(sizes) + _bytes(embedding) + _bytes(rest), width, dtype)


def _leaves(weights: Any) -> list[Any]:
    named: Any = tree_flatten(weights)
    return [leaf for _, leaf in named]


def _bytes(weights: Any) -> int:
    return sum(leaf.nbytes for leaf in _leaves(weights))


def _find_layers(model: Any) -> list[Any]:
    """The list, somewhere in the model, that holds its layers: `model.layers` may be a copy of it."""
    wanted = [id(layer) for layer in model.layers]
    modules: Any = model.named_modules()
    lists = [value for _, module in modules for value in module.values() if isinstance(value, list)]
    if len(set(wanted)) == len(wanted):
        for found in lists:
            if [id(layer) for layer in found] == wanted:
                return found
    raise UnfitError(f"the layers of this model cannot be divided among processes: some are used more than once; {ADVICE}")


def _check(model: Any, layers: list[Any]) -> tuple[int, mx.Dtype]:
    """Width and number format of hidden states, after looking at how the model calls its layers: once each and in their order,
    each with what the one before gave, untouched, and with nothing else that hangs on what came before. Raises UnfitError.
    """
    once, again = _watch(model, layers, 1), _watch(model, layers, 2)
    in_order = [call.layer for call in once] == [call.layer for call in again] == list(range(len(layers)))
    if not (
        in_order
        and all(call.fits for call in once)
        and all(call.given is before.gave for before, call in pairwise(once))
        and all(_same(one.others, other.others) for one, other in zip(once, again, strict=True))
    ):
        raise UnfitError(f"the layers of this model pass more to each other than hidden states, and cannot be divided; {ADVICE}")
    return once[0].given.shape[-1], once[0].given.dtype


def _watch(model: Any, layers: list[Any], seed: int) -> list[_Call]:
    """How a model calls its layers. seed: of what these seem to give."""
    originals, calls = list(layers), list[_Call]()
    for number, layer in enumerate(originals):
        layers[number] = _Watched(layer, number, seed, calls)
    try:
        model(mx.array([PROBE]))
    except NO_SUCH_LAYER as error:
        raise UnfitError(f"the layers of this model cannot be divided among processes ({error}); {ADVICE}") from error
    finally:
        layers[:] = originals
    return calls


def _same(one: Sequence[mx.array], other: Sequence[mx.array]) -> bool:
    return len(one) == len(other) and all(bool(mx.array_equal(*pair).item()) for pair in zip(one, other, strict=True))


def _outside(model: Any) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Weights outside the layers: those of embeddings, and all others; and whether the first are the head too."""
    inside = {id(leaf) for layer in model.layers for leaf in _leaves(layer.parameters())}
    named: Any = tree_flatten(model.parameters())
    outside = {name: leaf for name, leaf in named if id(leaf) not in inside}
    modules: Any = model.named_modules()
    embeddings = {name: module for name, module in modules if isinstance(module, Embedding | QuantizedEmbedding)}
    embedding = {name: leaf for name, leaf in outside.items() if name.rpartition(".")[0] in embeddings}
    rest = {name: leaf for name, leaf in outside.items() if name not in embedding}
    rows = max((leaf.shape[0] for leaf in embedding.values()), default=0)
    tied = not any(leaf.ndim == 2 and leaf.shape[0] == rows for leaf in rest.values())
    return embedding, rest, tied
