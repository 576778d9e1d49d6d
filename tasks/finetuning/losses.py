"""The loss of a micro-batch with mlx: no padding counted, prompts left out, examples that share a row kept apart.

Imported only in the training process and in tests.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import mlx.core as mx
from mlx import nn

from tasks.finetuning.batches import Arrays, assemble, plan_in_order
from tasks.finetuning.examples import Example
from tasks.finetuning.memory import CHUNK_PLACES
from tasks.finetuning.parallel.team import ALONE, Team
from tasks.finetuning.spec import HeldOut

PROBES = ([3, 7, 5, 2, 9], [8, 1, 6, 4, 2, 7, 3])  # two short examples to try a model with
# Greatest relative difference that rounding makes in these formats; an example that sees another differs by far more.
TOLERANCES = {mx.float32: 1e-4, mx.bfloat16: 5e-2, mx.float16: 1e-2}

Batch = tuple[mx.array, mx.array, mx.array, mx.array | None]  # inputs, targets, weights, segments: see batches.Arrays
Split = tuple[Callable[..., mx.array], Callable[[mx.array], mx.array]]  # a model's body, and its head on top


class SegmentMask:
    """Stands where mlx-lm's models expect a cache, and hands out the mask of rows that examples share.

    Each place sees the places before it in its own example. Positions go on along the row, which is the same to a model whose
    attention knows distances only (rotary embeddings); `accepts_packing` finds out whether that is so.
    """

    offset = 0

    def __init__(self, segments: mx.array) -> None:
        self._segments = segments

    def make_mask(self, length: int, return_array: bool = False, window_size: int | None = None) -> mx.array:
        """The mask (rows, 1, length, length), true where a place may look. window_size: how far back, in layers with a limit."""
        places = mx.arange(length)
        back = places[:, None] - places[None]
        seen = back >= 0 if window_size is None else mx.logical_and(back >= 0, back < window_size)
        same = self._segments[:, :, None] == self._segments[:, None, :]
        return mx.logical_and(same, seen)[:, None]

    def update_and_fetch(self, keys: mx.array, values: mx.array) -> tuple[mx.array, mx.array]:
        """Keys and values as they are: nothing is remembered between calls."""
        return keys, values


def number(scalar: mx.array) -> float:
    """The value of an array without dimensions."""
    value: Any = scalar.item()
    return float(value)


def to_mlx(arrays: Arrays) -> Batch:
    """Numpy arrays as those of mlx."""
    segments = None if arrays.segments is None else mx.array(arrays.segments)
    return mx.array(arrays.inputs), mx.array(arrays.targets), mx.array(arrays.weights), segments


def caches(model: Any, segments: mx.array | None) -> Any:
    """What a model is called with as its caches, so that examples that share a row do not see each other."""
    return None if segments is None else [SegmentMask(segments)] * len(model.layers)


def loss_sum(model: Any, batch: Batch, split: Split | None = None) -> mx.array:
    """Sum of the losses of all trained targets of a micro-batch, in nats. split: compute it piece by piece (`split_head`)."""
    inputs, targets, weights, segments = batch
    if split is None:
        logits = model(inputs, cache=caches(model, segments))
        return (nn.losses.cross_entropy(logits, targets).astype(mx.float32) * weights).sum()
    body, head = split
    hidden = body(inputs, cache=caches(model, segments))
    flat = [part.reshape(-1, *part.shape[2:]) for part in (hidden, targets, weights)]
    total = mx.array(0.0)
    for first in range(0, flat[0].shape[0], CHUNK_PLACES):
        total = total + _chunk_loss(head, *(part[first : first + CHUNK_PLACES] for part in flat))
    return total


def _chunk_loss(head: Callable[[mx.array], mx.array], hidden: mx.array, targets: mx.array, weights: mx.array) -> mx.array:
    def loss(hidden: mx.array) -> mx.array:  # only what has a gradient is an argument: integers have none
        return (nn.losses.cross_entropy(head(hidden).astype(mx.float32), targets) * weights).sum()

    return mx.checkpoint(loss)(hidden)  # the logits are computed again on the way back instead of being kept


def split_head(model: Any, team: Team = ALONE) -> Split | None:
    """A model as its body and its head, None where they cannot be told apart or the head is trained, and in processes without it.

    Tried rather than trusted: head(body(x)) must be what the model gives.
    """
    body = getattr(model, "model", None)
    head = getattr(model, "lm_head", None)
    if head is None and body is not None and hasattr(body, "embed_tokens"):
        head = body.embed_tokens.as_linear
        trained: dict[str, Any] = body.embed_tokens.trainable_parameters()
    else:
        trained = getattr(head, "trainable_parameters", dict)()
    if not callable(body) or not callable(head) or trained or not team.has_head:
        return None
    tokens = mx.array([PROBES[0]])
    try:
        whole, parts = team.call(model, tokens), head(body(tokens))
    except (AttributeError, TypeError, ValueError, IndexError):
        return None
    return (body, head) if whole.shape == parts.shape and _close(parts, whole) else None


def accepts_packing(model: Any, team: Team = ALONE) -> bool:
    """Whether examples that share a row do not see each other in this model, or in this process's part of it: tried on two short
    ones, against each alone."""
    tokens = [token for probe in PROBES for token in probe]
    segments = [number for number, probe in enumerate(PROBES, 1) for _ in probe]
    was_training = model.training
    model.eval()
    try:
        together = team.call(model, mx.array([tokens]), caches(model, mx.array([segments])))[0]
        alone = mx.concatenate([team.call(model, mx.array([probe]))[0] for probe in PROBES])
        return _close(together, alone)
    except (AttributeError, TypeError, ValueError, IndexError, NotImplementedError):
        return False  # its layers expect a true cache
    finally:
        model.train(was_training)


def _close(found: mx.array, wanted: mx.array) -> bool:
    tolerance = TOLERANCES.get(wanted.dtype, 5e-2)
    found, wanted = found.astype(mx.float32), wanted.astype(mx.float32)
    return bool((mx.abs(found - wanted).max() <= tolerance * mx.abs(wanted).max()).item())


def held_out(
    model: Any, examples: Sequence[Example], micro_tokens: int, split: Split | None = None, team: Team = ALONE
) -> HeldOut:
    """Loss and perplexity over all trained tokens of all examples, each token counting the same, whatever the micro-batches."""
    was_training = model.training
    model.eval()
    micros = plan_in_order([example.places for example in examples], micro_tokens)
    batches = (to_mlx(assemble(examples, micro)) for micro in micros)
    sums = team.evaluate(model, batches, partial(_exact, split=split), [1] * len(micros))
    total = sum(value for (value,) in sums)
    model.train(was_training)
    count = sum(example.trained for example in examples)
    loss = total / max(count, 1)
    return HeldOut(loss=loss, perplexity=math.exp(min(loss, 700.0)), rows=len(examples), tokens=count)


def _exact(model: Any, batch: Batch, split: Split | None) -> mx.array:
    """The loss sum, a vector of one number, with logits in float32: half precision rounds a loss to two digits."""
    if split is not None:
        return loss_sum(model, batch, split)[None]
    inputs, targets, weights, _ = batch
    losses = nn.losses.cross_entropy(model(inputs).astype(mx.float32), targets) * weights
    return losses.sum()[None]
