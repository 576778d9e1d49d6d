"""Training and measuring with mlx; imported only in the training process and in tests.

The loop is mlx-lm's `train`; batches and loss are ours, through the hooks that it offers.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx import nn, optimizers
from mlx.utils import tree_flatten
from mlx_lm.tuner.callbacks import TrainingCallback
from mlx_lm.tuner.trainer import TrainingArgs, train
from mlx_lm.tuner.utils import linear_to_lora_layers

from tasks.finetuning.batches import endless_batches, pad, plan_in_order
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Event, HeldOut

Rows = Sequence[Sequence[int]]
CACHE_BYTES = 256 * 2**20  # buffers kept between steps; mlx-lm's default gives all back after every step
LOWEST_SHARE = 0.1  # of the learning rate, at the end of the cosine


class DivergedError(RuntimeError):
    """The training loss is not a finite number."""


def token_losses(model: Any, batch: mx.array, lengths: mx.array) -> tuple[mx.array, mx.array]:
    """The loss of each target (rows, width - 1), and which targets are real tokens, as floats 0 and 1.

    mlx-lm 0.32's default loss also counts the first pad of each row as a target.
    """
    targets = batch[:, 1:]
    places = mx.arange(1, targets.shape[1] + 1)
    real = mx.logical_and(places >= lengths[:, 0:1], places < lengths[:, 1:]).astype(mx.float32)
    losses = nn.losses.cross_entropy(model(batch[:, :-1]), targets).astype(mx.float32)
    return losses, real


def masked_loss(model: Any, batch: mx.array, lengths: mx.array) -> tuple[mx.array, mx.array]:
    """Mean loss over the real tokens of a batch, and their number: what mlx-lm's `train` asks for."""
    losses, real = token_losses(model, batch, lengths)
    count = real.sum()
    return (losses * real).sum() / mx.maximum(count, 1), count


def held_out(model: Any, rows: Rows, batch_size: int) -> HeldOut:
    """Loss and perplexity over all tokens of all rows, each token counting the same, whatever the batches."""
    was_training = model.training
    model.eval()
    total, count = 0.0, 0
    for indices in plan_in_order([len(row) for row in rows], batch_size):
        losses, real = token_losses(model, *_arrays(rows, indices))
        masked = (losses * real).sum()
        mx.eval(masked, real)
        total += float(masked.item())  # type: ignore[arg-type]
        count += int(real.sum().item())  # type: ignore[arg-type]
    model.train(was_training)
    loss = total / max(count, 1)
    return HeldOut(loss=loss, perplexity=math.exp(min(loss, 700.0)), rows=len(rows), tokens=count)


def _arrays(rows: Rows, indices: Sequence[int]) -> tuple[mx.array, mx.array]:
    batch, lengths = pad([rows[index] for index in indices])
    return mx.array(batch), mx.array(lengths)


def batch_hook(seed: int) -> Callable[..., Iterator[tuple[mx.array, mx.array]]]:
    """Our batches behind the signature of mlx-lm's `iterate_batches`: endless and drawn by the seed to train, else in order."""

    def iterate(dataset: Rows, batch_size: int, max_seq_length: int, loop: bool = False, **_: Any) -> Iterator[Any]:
        lengths = [len(row) for row in dataset]
        plan = endless_batches(lengths, batch_size, seed) if loop else iter(plan_in_order(lengths, batch_size))
        for indices in plan:
            yield _arrays(dataset, indices)

    return iterate


class Reporter(TrainingCallback):
    """Turns mlx-lm's reports into events, and ends a training whose loss is not a number."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self.losses: list[tuple[int, float]] = []
        self.valid_losses: list[tuple[int, float]] = []
        self.trained_tokens = 0

    def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
        """A point of the training loss: the mean since the last point."""
        step, loss = int(train_info["iteration"]), float(train_info["train_loss"])
        self.losses.append((step, loss))
        self.trained_tokens = int(train_info["trained_tokens"])
        self._tell(
            {
                "event": "step",
                "step": step,
                "train_loss": loss,
                "learning_rate": float(train_info["learning_rate"]),
                "tokens_per_second": float(train_info["tokens_per_second"]),
                "peak_memory_mib": mx.get_peak_memory() / 2**20,
            }
        )
        if not math.isfinite(loss):
            raise DivergedError(f"the training loss became {loss} at step {step}: lower the learning rate")

    def on_val_loss_report(self, val_info: dict[str, Any]) -> None:
        """A point of the loss on the valid split, all of it; it is measured before the step with this number."""
        step, loss = int(val_info["iteration"]), float(val_info["val_loss"])
        self.valid_losses.append((step, loss))
        self._tell({"event": "valid", "step": step, "valid_loss": loss, "seconds": float(val_info["val_time"])})


def lora_parameters(settings: FinetuningSettings) -> dict[str, float]:
    """The `lora_parameters` of adapter_config.json."""
    return {"rank": settings.rank, "scale": settings.scale, "dropout": settings.dropout}


def add_adapter(model: Any, settings: FinetuningSettings) -> int:
    """Put an untrained adapter on the model, which changes nothing yet; return the number of its parameters."""
    mx.random.seed(settings.seed)
    model.freeze()
    linear_to_lora_layers(model, settings.layers, lora_parameters(settings))
    weights: list[tuple[str, mx.array]] = tree_flatten(model.trainable_parameters())  # type: ignore[assignment]
    return sum(weight.size for _, weight in weights)


def learning_rate(settings: FinetuningSettings, steps: int) -> Callable[[mx.array], mx.array]:
    """Linear warm-up, then a cosine down to LOWEST_SHARE, over optimizer steps."""
    peak = settings.learning_rate
    warm = min(math.ceil(steps * settings.warmup_fraction), steps - 1)
    cosine = optimizers.cosine_decay(peak, max(steps - warm, 1), peak * LOWEST_SHARE)
    if warm == 0:
        return cosine
    rise = optimizers.linear_schedule(peak / (warm + 1), peak, warm)
    return optimizers.join_schedules([rise, cosine], [warm])


def train_adapter(
    model: Any, rows: Rows, valid: Rows, settings: FinetuningSettings, *, steps: int, adapter_file: Path, reporter: Reporter
) -> None:
    """Train the adapter on the model and write it. Raises DivergedError."""
    train(
        model,
        optimizers.AdamW(learning_rate=learning_rate(settings, steps), weight_decay=0.0),
        rows,
        valid or None,
        TrainingArgs(
            batch_size=settings.batch_size,
            iters=steps,
            val_batches=-1,
            steps_per_report=settings.steps_per_report,
            steps_per_eval=settings.steps_per_evaluation,
            steps_per_save=steps + 1,
            max_seq_length=settings.max_seq_length,
            adapter_file=str(adapter_file),
            clear_cache_threshold=CACHE_BYTES,
        ),
        loss=masked_loss,
        iterate_batches=batch_hook(settings.seed),
        training_callback=reporter,
    )
    model.eval()
