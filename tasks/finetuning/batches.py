"""Batches of token lists: grouped by length, nothing dropped, the order drawn anew for each epoch. numpy only.

mlx-lm's own batching pads half of a mixed dataset (its sort by length sorts by a constant), drops the last batch and keeps the
same examples together in every epoch; its `train` takes another one, which is this.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

PAD_TO = 32  # widths are multiples of this, plus the token that is only a target: few shapes, so buffers are used again
GROUPED_BATCHES = 16  # batches whose examples are sorted by length together: little padding, and still a random order


def count_steps(examples: int, batch_size: int, epochs: float, most: int | None) -> int:
    """Training steps for so many epochs, at least 1, at most `most`."""
    steps = max(1, math.ceil(math.ceil(examples / batch_size) * epochs))
    return steps if most is None else min(steps, most)


def plan_epoch(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """The batches of an epoch as positions in `lengths`: every position once, examples of similar length together."""
    import numpy as np

    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(lengths)).tolist()
    batches: list[list[int]] = []
    reach = batch_size * GROUPED_BATCHES
    for start in range(0, len(order), reach):
        group = sorted(order[start : start + reach], key=lambda index: lengths[index])
        batches += [group[first : first + batch_size] for first in range(0, len(group), batch_size)]
    return [batches[index] for index in generator.permutation(len(batches)).tolist()]


def plan_in_order(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """The batches of a measurement: every position once, sorted by length, always the same."""
    order = sorted(range(len(lengths)), key=lambda index: (lengths[index], index))
    return [order[first : first + batch_size] for first in range(0, len(order), batch_size)]


def pad(rows: Sequence[Sequence[int]]) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Token lists as an int32 array (rows, width), zeros behind their end, and their (0, length) as mlx-lm's losses expect."""
    import numpy as np

    lengths = [len(row) for row in rows]
    width = 1 + PAD_TO * math.ceil(max(lengths) / PAD_TO)
    array = np.zeros((len(rows), width), np.int32)
    for index, row in enumerate(rows):
        array[index, : len(row)] = row
    return array, np.array([(0, length) for length in lengths], np.int32)


def endless_batches(lengths: Sequence[int], batch_size: int, seed: int) -> Iterator[list[int]]:
    """The batches of epoch 0, 1, 2 and so on."""
    epoch = 0
    while True:
        yield from plan_epoch(lengths, batch_size, seed, epoch)
        epoch += 1
