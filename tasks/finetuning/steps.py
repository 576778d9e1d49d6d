"""One update of the optimizer, in micro-batches. Imported only in the training process and in tests."""

import math
from collections.abc import Iterable
from functools import partial
from typing import Any

import mlx.core as mx
import numpy as np
from mlx import optimizers
from mlx.nn.utils import value_and_grad
from mlx.utils import tree_map

from tasks.finetuning.losses import Batch, Split, loss_sum, number
from tasks.finetuning.parallel.team import ALONE, Team
from tasks.finetuning.settings import FinetuningSettings


class Steps:
    """The compiled halves of an update: the gradient of a micro-batch, and the step of the optimizer."""

    def __init__(
        self,
        model: Any,
        optimizer: optimizers.Optimizer,
        settings: FinetuningSettings,
        split: Split | None = None,
        team: Team = ALONE,
    ) -> None:
        """Both are bound to this model and this state of the optimizer: make another one after either was restored."""
        self._model, self._optimizer, self._clip, self._team = model, optimizer, settings.clip_norm, team
        # The model is an output too: taking a gradient puts its weights into it anew. Dropout draws anew in each micro-batch.
        state = [model.state, mx.random.state] if settings.dropout else [model.state]
        share_and_gradient = value_and_grad(model, partial(_share, split=split))

        @partial(mx.compile, inputs=state, outputs=state)
        def gradient(batch: Batch, tokens: mx.array, before: Any) -> tuple[mx.array, Any]:
            loss, found = share_and_gradient(model, batch, tokens)
            return loss, found if before is None else tree_map(mx.add, found, before)

        @partial(mx.compile, inputs=[model.state, optimizer.state], outputs=[model.state, optimizer.state])
        def step(gradients: Any, factor: mx.array) -> None:
            optimizer.update(model, tree_map(lambda each: (each * factor).astype(each.dtype), gradients))

        self._gradient, self._step = gradient, step

    def update(self, batches: Iterable[Batch], tokens: int, rate: float) -> tuple[float, bool]:
        """One update, of this process's micro-batches and the others'. tokens: all trained targets of all of them. Returns the
        mean loss of these, and whether loss and gradient were finite; with others the weights stay as they are."""
        loss, gradients, square = self._team.add_up(*self._compute(batches, tokens))
        length = float(np.sqrt(np.float32(square)))
        if not (math.isfinite(loss) and math.isfinite(length)):
            return loss, False
        factor = min(1.0, self._clip / max(length, 1e-12)) if self._clip else 1.0
        self._optimizer.learning_rate = mx.array(rate)
        self._step(gradients, mx.array(factor))
        mx.eval(self._model.trainable_parameters(), self._optimizer.state)
        return loss, True

    def _compute(self, batches: Iterable[Batch], tokens: int) -> tuple[float, Any]:
        """Loss and gradients of this process's micro-batches, as parts of the mean over the whole update."""
        gradients, losses = None, []
        for batch in batches:
            part, gradients = self._gradient(batch, mx.array(float(tokens)), gradients)
            mx.eval(part, gradients)  # here, so that only one micro-batch is in memory
            losses.append(number(part))
        if gradients is None:  # fewer examples than processes
            gradients = tree_map(mx.zeros_like, self._model.trainable_parameters())
        return sum(losses), gradients


def _share(model: Any, batch: Batch, tokens: mx.array, split: Split | None) -> mx.array:
    """A micro-batch's part of the mean loss of its update."""
    return loss_sum(model, batch, split) / tokens
