"""Dropout that drops the same when a layer is computed a second time. Imported only in the training process and in tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import mlx.core as mx
from mlx import nn

_KEYS: list[mx.array] = []  # of the layers that are being computed, the innermost last


@contextmanager
def told_dropout() -> Iterator[None]:
    """Within the block, `dropping_by` rules what mlx's dropout drops; outside of it, the random state as ever."""
    original = nn.Dropout.__call__

    def call(self: nn.Dropout, hidden: mx.array) -> mx.array:
        keep = self._p_1
        if not _KEYS or keep == 1 or not self.training:
            return original(self, hidden)
        _KEYS[-1], drawn = mx.random.split(_KEYS[-1])
        return mx.random.bernoulli(keep, hidden.shape, key=drawn) * hidden * (1 / keep)

    nn.Dropout.__call__ = call  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Dropout.__call__ = original  # type: ignore[method-assign]


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
