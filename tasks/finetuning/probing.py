"""Two steps on the device, which foretell the memory and time of a training. Only for the training process and tests.

One update each with one and with two rows of the full width; each in two micro-batches, because adding up gradients needs memory.
Peak memory is linear in the rows: this foretold the peak of eight rows within 5 %.
"""

import time
from typing import Any

import mlx.core as mx

from tasks.finetuning.adapting import checkpointed_layers, trainable_weights
from tasks.finetuning.loop import make_optimizer
from tasks.finetuning.losses import Batch, Split
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Probe
from tasks.finetuning.steps import Steps

MICRO_BATCHES = 2


def measure_steps(
    model: Any, settings: FinetuningSettings, width: int, *, checkpointing: bool, packed: bool, split: Split | None
) -> Probe:
    """Measure steps of a model that is ready for training; its weights are as before afterwards. width: places of a row."""
    before = trainable_weights(model)
    with checkpointed_layers(model, checkpointing, settings.dropout > 0):
        peaks, seconds = zip(*(_measure(model, settings, rows, width, packed, split) for rows in (1, 2)), strict=True)
    model.load_weights(list(before.items()), strict=False)
    mx.clear_cache()
    per_row = max(0.0, peaks[1] - peaks[0])
    return Probe(fixed=peaks[0] - per_row, per_row=per_row, seconds=min(seconds[1] / 2, seconds[0]))


def _measure(
    model: Any, settings: FinetuningSettings, rows: int, width: int, packed: bool, split: Split | None
) -> tuple[float, float]:
    """Bytes at the peak of an update in micro-batches of so many rows, and seconds for one of these."""
    was_training = model.training
    model.train()
    optimizer = make_optimizer(settings)
    optimizer.init(model.trainable_parameters())
    steps = Steps(model, optimizer, settings, split)
    batches = [any_batch(rows, width, packed)] * MICRO_BATCHES
    mx.clear_cache()
    mx.reset_peak_memory()
    steps.update(batches, MICRO_BATCHES * rows * width, 0.0)  # compiles
    began = time.perf_counter()
    steps.update(batches, MICRO_BATCHES * rows * width, 0.0)
    seconds = (time.perf_counter() - began) / MICRO_BATCHES
    model.train(was_training)
    return float(mx.get_peak_memory()), seconds


def any_batch(rows: int, width: int, packed: bool) -> Batch:
    """A micro-batch of this shape without meaning."""
    tokens = (mx.arange(rows * (width + 1)) % 97).reshape(rows, width + 1)
    segments = mx.ones((rows, width), mx.int32) if packed else None
    return tokens[:, :-1], tokens[:, 1:], mx.ones((rows, width)), segments
