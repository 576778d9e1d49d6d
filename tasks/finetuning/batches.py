"""Which examples are computed together: nothing dropped, little padding, the order drawn anew for each epoch. numpy only.

An update is one step of the optimizer and has exactly the examples that the user asked for (the last one of an epoch has the
rest). It is computed in micro-batches, each as large as memory and speed want it: rows of similar length, or rows that several
examples share. mlx-lm's own batching pads half of a mixed dataset (its sort by length sorts by a constant), drops the last batch
and keeps the same examples together in every epoch.
"""

import math
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.finetuning.examples import Example

if TYPE_CHECKING:
    import numpy as np

WINDOW = 16  # updates whose examples are sorted by length together: little padding, and still a random order
# An update takes this many runs of neighbours by length, so that it sees short and long examples; none is shorter than LEAST_RUN.
RUNS, LEAST_RUN = 4, 4
# What a micro-batch costs beside its tokens, in tokens: its fixed time over the time of a token. About 40 were measured on a CPU
# and 175 read from published steps of an 8B model on a GPU.
OVERHEAD = 64
ROW_TOKENS = 2048  # most tokens of a shared row: the attention of a row grows with the square of its length

Row = list[int]  # positions of the examples that share a row; one where rows are not shared
MicroBatch = list[Row]
Update = list[MicroBatch]


@dataclass(frozen=True)
class Layout:
    """How updates are made. batch_size: examples per update. micro_tokens: most tokens of a micro-batch, padding included, if
    one example alone does not have more. packed: examples share rows."""

    batch_size: int
    micro_tokens: int
    packed: bool = False


def updates_per_epoch(examples: int, batch_size: int) -> int:
    """Updates of an epoch; the last one may be smaller."""
    return math.ceil(examples / batch_size)


def count_updates(examples: int, batch_size: int, epochs: float, most: int | None) -> int:
    """Updates for so many epochs, at least 1, at most `most`."""
    updates = max(1, math.ceil(updates_per_epoch(examples, batch_size) * epochs))
    return updates if most is None else min(updates, most)


def plan_epoch(places: Sequence[int], layout: Layout, seed: int, epoch: int) -> list[Update]:
    """The updates of an epoch: every position of `places` once. places: what each example takes of a row."""
    cut = _packed if layout.packed else _grouped
    return [cut(update, places, layout.micro_tokens) for update in _draw(places, layout.batch_size, seed, epoch)]


def share_update(update: Update, places: Sequence[int], layout: Layout, rank: int, size: int) -> Update:
    """The micro-batches that one of `size` processes computes of an update: its examples, dealt out so that all have about as
    many places; none where there are fewer examples than processes."""
    shares: list[list[int]] = [[] for _ in range(size)]
    filled = [0] * size
    for index in sorted((index for micro in update for row in micro for index in row), key=lambda index: (-places[index], index)):
        emptiest = filled.index(min(filled))
        shares[emptiest].append(index)
        filled[emptiest] += places[index]
    if not shares[rank]:
        return []
    return (_packed if layout.packed else _grouped)(shares[rank], places, layout.micro_tokens)


def plan_in_order(places: Sequence[int], micro_tokens: int) -> list[MicroBatch]:
    """The micro-batches of a measurement: every position once, sorted by length, always the same."""
    return _grouped(range(len(places)), places, micro_tokens)


def _draw(places: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    import numpy as np

    generator = np.random.default_rng((seed, epoch))
    order = generator.permutation(len(places)).tolist()
    run = min(batch_size, max(LEAST_RUN, batch_size // RUNS))
    updates: list[list[int]] = []
    for start in range(0, len(order), batch_size * WINDOW):
        window = sorted(order[start : start + batch_size * WINDOW], key=lambda index: places[index])
        runs = [window[first : first + run] for first in range(0, len(window), run)]
        mixed = [index for position in generator.permutation(len(runs)).tolist() for index in runs[position]]
        updates += [mixed[first : first + batch_size] for first in range(0, len(mixed), batch_size)]
    return updates


def round_up(places: int, packed: bool = False) -> int:
    """The width of rows for so many places. A multiple of 4 for shared rows, of about a sixteenth of it
    for others, so that shapes recur."""
    step = 4 if packed else max(4, 2 ** (places.bit_length() - 5))
    return math.ceil(places / step) * step


def _grouped(update: Sequence[int], places: Sequence[int], micro_tokens: int) -> Update:
    """Cut an update, sorted by length, where the tokens with their padding and OVERHEAD for each micro-batch are fewest."""
    order = sorted(update, key=lambda index: (places[index], index))
    cost = [0.0]
    began = [0]
    for end in range(1, len(order) + 1):
        width = round_up(places[order[end - 1]])
        best, start = math.inf, end - 1
        for first in range(end - 1, -1, -1):
            tokens = (end - first) * width
            if tokens > micro_tokens and first < end - 1:
                break
            if cost[first] + tokens + OVERHEAD < best:
                best, start = cost[first] + tokens + OVERHEAD, first
        cost.append(best)
        began.append(start)
    found: Update = []
    end = len(order)
    while end:
        found.append([[index] for index in order[began[end] : end]])
        end = began[end]
    return found[::-1]


def _packed(update: Sequence[int], places: Sequence[int], micro_tokens: int) -> Update:
    """Share as few rows as hold the update, evenly filled: the longest example left goes to the emptiest row."""
    order = sorted(update, key=lambda index: (-places[index], index))
    room = max(min(micro_tokens, ROW_TOKENS), places[order[0]])
    rows = _fill(order, places, math.ceil(sum(places[index] for index in order) / room), room)
    return [[row] for _, row in rows]


def _fill(order: Sequence[int], places: Sequence[int], count: int, room: int) -> list[tuple[int, Row]]:
    rows: list[tuple[int, Row]] = [(0, []) for _ in range(max(1, count))]
    for index in order:
        filled, row = rows.pop(0)
        if filled + places[index] > room:  # not even the emptiest row has room
            return _fill(order, places, count + 1, room)
        insort(rows, (filled + places[index], [*row, index]))
    return [row for row in rows if row[1]]


@dataclass(frozen=True)
class Arrays:
    """A micro-batch as numpy arrays of shape (rows, width). inputs, targets: int32 tokens. weights: float32, 1 for a target that
    is trained on, else 0. segments: int32, which example of its row a place belongs to, counted from 1, 0 for padding; None where
    rows are not shared."""

    inputs: "np.ndarray[Any, Any]"
    targets: "np.ndarray[Any, Any]"
    weights: "np.ndarray[Any, Any]"
    segments: "np.ndarray[Any, Any] | None"


def assemble(examples: Sequence[Example], micro: MicroBatch, packed: bool = False) -> Arrays:
    """A micro-batch of these examples as arrays."""
    import numpy as np

    width = max(sum(examples[index].places for index in row) for row in micro)
    shape = (len(micro), round_up(max(1, width), packed))
    inputs, targets, segments = (np.zeros(shape, np.int32) for _ in range(3))
    weights = np.zeros(shape, np.float32)
    for number, row in enumerate(micro):
        start = 0
        for segment, index in enumerate(row, 1):
            example = examples[index]
            end = start + example.places
            inputs[number, start:end] = example.tokens[:-1]
            targets[number, start:end] = example.tokens[1:]
            weights[number, start + max(0, example.prompt - 1) : end] = 1
            segments[number, start:end] = segment
            start = end
    return Arrays(inputs, targets, weights, segments if packed else None)


def padding_share(places: Sequence[int], updates: Sequence[Update], packed: bool = False) -> float:
    """Share of the computed places that hold no token, 0 to 1."""
    computed = 0
    for micro in (micro for update in updates for micro in update):
        computed += len(micro) * round_up(max(1, *(sum(places[index] for index in row) for row in micro)), packed)
    used = sum(places[index] for update in updates for micro in update for row in micro for index in row)
    return 1 - used / max(1, computed)
