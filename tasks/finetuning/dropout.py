"""Dropout that drops the same when a layer is computed a second time. Imported only in the training process and in tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import mlx.core as mx
from mlx.nn.layers.dropout import Dropout

_KEYS: list[mx.array] = []  # of the layers that are being computed, the innermost last


@contextmanager
def told_dropout() -> Iterator[None]:
    """Within the block, `dropping_by` rules what mlx's dropout drops; outside of it, the random state as ever."""
    dropout: Any = Dropout
    original = dropout.__call__

    def call(self: Any, hidden: mx.array) -> mx.array:
        keep = self._p_1
        if not _KEYS or keep == 1 or not self.training:
            found: mx.array = original(self, hidden)
            return found
        _KEYS[-1], drawn = mx.random.split(_KEYS[-1])
        dropped: mx.array = mx.random.bernoulli(keep, hidden.shape, key=drawn) * hidden * (1 / keep)
        return dropped

    dropout.__call__ = call
    try:
        yield
    finally:
        dropout.__call__ = original


@contextmanager
def dropping_by(key: mx.array) -> Iterator[None]:
    """Within the block, what is dropped follows from this key: the same each time."""
    _KEYS.append(key)
    try:
        yield
    finally:
        _KEYS.pop()


def draw_key() -> mx.array:
    """A key from the random state."""
    return mx.random.randint(0, 2**31 - 1, (2,)).astype(mx.uint32)
