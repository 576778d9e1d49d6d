"""The team whose processes have a block of layers each. Imported only in the training process and in tests.

Every process has the whole dataset and cuts the same micro-batches from it, so that only hidden states and their gradients
travel. mlx has no gradient through `send`: each process takes the gradient of its own block, with what comes back from the next
process in the place of the gradient of the rest.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten, tree_map

from tasks.finetuning.losses import Batch, Split, caches, loss_sum, number
from tasks.finetuning.parallel.cutting import Block, cut
from tasks.finetuning.parallel.schedule import turns
from tasks.finetuning.parallel.team import Group, Measure, numbers, split_at, squares, watching_peers
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.steps import Steps


class StagedTeam(Group):
    """Each process has some of the layers; micro-batches go through all of them, several on their way at once."""

    staged = True

    def __init__(self, group: mx.distributed.Group) -> None:
        super().__init__(group)
        self._out = mx.new_stream(mx.cpu)  # a stream of its own: a process goes on while what it sent is under way
        self._sent: deque[mx.array] = deque()
        self._block: Block | None = None
        self.first_trained = 0

    @property
    def block(self) -> Block:
        """What this process has of the model that it took."""
        if self._block is None:
            raise ValueError("no model was taken")
        return self._block

    @property
    def last(self) -> bool:
        """Whether this process has the end of the model."""
        return self.rank == self.size - 1

    @property
    def writes(self) -> bool:
        """See Team."""
        return True

    def describe(self) -> list[str]:
        """See Team."""
        blocks = ", ".join(f"{block.start + 1}-{block.stop}" for block in self.block.blocks)
        share = max(self.block.weight_bytes) / self.block.whole_bytes
        return [
            f"{self.size} processes have a block of layers each ({blocks}; at most {share:.0%} of the weights), and "
            "micro-batches go through them one behind the other.",
            "No process has the whole model: answers in JSON and sample texts are left out of the measurements.",
        ]

    def take(self, model: Any) -> None:
        """See Team."""
        self._block = cut(model, self.rank, self.size)
        trained = self.gather(float(bool(tree_flatten(model.trainable_parameters()))))
        self.first_trained = next((rank for rank, found in enumerate(trained) if found), self.size)

    def steps(self, model: Any, optimizer: Any, settings: FinetuningSettings, split: Split | None) -> Steps:
        """See Team."""
        return StagedSteps(model, optimizer, settings, split, self)

    def add_up(self, loss: float, gradients: Any) -> tuple[float, Any, float]:
        """See Team. Each process keeps the gradients of its own weights."""
        total, square = self.sums([loss, squares(gradients)])
        return total, gradients, square

    def call(self, model: Any, inputs: mx.array, cache: Any = None) -> mx.array:
        """See Team. What the block makes of any hidden states, which are the same for the same token."""
        block = self.block
        if self.rank:
            block.flow.arriving = mx.sin(inputs[..., None] * mx.arange(1, block.width + 1)).astype(block.dtype)
        output: mx.array = model(inputs, cache=cache)
        return output if self.last else self.leaving()

    @property
    def has_head(self) -> bool:
        """See Team."""
        return self.last

    def evaluate(self, model: Any, batches: Iterable[Batch], measure: Measure, counts: Sequence[int]) -> list[list[float]]:
        """See Team."""
        own = []
        for batch, count in zip(batches, counts, strict=True):
            inputs, _, _, segments = batch
            self.block.flow.arriving = self.receive(inputs)
            if self.last:
                own.append(numbers(measure(model, batch)))
                continue
            model(inputs, cache=caches(model, segments))
            self.send(self.leaving(), self.rank + 1)
            own.append([0.0] * count)
        self.all_sent()
        return split_at(self.sums([value for values in own for value in values]), counts)

    @property
    def in_flight(self) -> int:
        """See Team."""
        return self.size

    @property
    def weight_bytes(self) -> list[int]:
        """See Team."""
        return [*self.block.weight_bytes, self.block.whole_bytes]

    @property
    def largest_share(self) -> tuple[float, float]:
        """See Team."""
        layers = [len(block) for block in self.block.blocks]
        return max(self.block.weight_bytes) / self.block.whole_bytes, max(layers) / sum(layers)

    def receive(self, inputs: mx.array) -> mx.array | None:
        """The hidden states of a micro-batch, from the process before; None in the first one. inputs: its tokens."""
        if self.rank == 0:
            return None
        hidden = self.announce(inputs, self.rank - 1)
        with watching_peers():
            mx.eval(hidden)
        return hidden

    def announce(self, inputs: mx.array, rank: int) -> mx.array:
        """Hidden states of a micro-batch, or their gradient, that another process will send: they are waited for when they are
        used first."""
        shape = (*inputs.shape, self.block.width)
        return mx.distributed.recv(shape, self.block.dtype, rank, group=self._group, stream=mx.cpu)

    def send(self, array: mx.array, rank: int) -> None:
        """Send an array to a neighbour, without waiting until it has it; at most as many as there are processes are under way."""
        with watching_peers():
            message = mx.distributed.send(array, rank, group=self._group, stream=self._out)
            mx.async_eval(message)
            self._sent.append(message)
            if len(self._sent) > self.size:
                mx.eval(self._sent.popleft())

    def all_sent(self) -> None:
        """Wait until everything is sent: what the processes add up goes the same ways."""
        with watching_peers():
            mx.eval(list(self._sent))
        self._sent.clear()

    def leaving(self) -> mx.array:
        """What the block gave in the call of the model that was the last one."""
        found, self.block.flow.leaving = self.block.flow.leaving, None
        if found is None:
            raise ValueError("the model did not come to the end of this block")
        return found


class StagedSteps(Steps):
    """Updates of a process that has some of the layers. Only the optimizer's half is compiled: what talks to others cannot be."""

    def __init__(self, model: Any, optimizer: Any, settings: FinetuningSettings, split: Split | None, team: StagedTeam) -> None:
        super().__init__(model, optimizer, settings, split, team)
        self._staged, self._split = team, split

    def _compute(self, batches: Iterable[Batch], tokens: int) -> tuple[float, Any]:
        """See Steps. The loss is 0 in all processes but the last."""
        team, cut_batches = self._staged, list(batches)
        trained = team.rank >= team.first_trained
        total: Any = tree_map(mx.zeros_like, self._model.trainable_parameters())
        loss = 0.0
        under_way: deque[tuple[mx.array, Any]] = deque()
        for way, place in turns(team.rank, team.size, len(cut_batches)):
            if way == "forward":
                under_way.append(self._forward(cut_batches[place], tokens, trained))
                continue
            result, gradients = under_way.popleft()
            back = None
            if trained:
                own, back = gradients
                total = tree_map(mx.add, total, own)
            with watching_peers():
                mx.eval(total, back, result)  # here, so that what this micro-batch keeps for its way back goes
            if back is not None:
                team.send(back, team.rank - 1)
            if team.last:
                loss += number(result)
        team.all_sent()
        return loss, total

    def _forward(self, batch: Batch, tokens: int, trained: bool) -> tuple[mx.array, Any]:
        """Take a micro-batch through the block and send on what comes out. The loss or what was sent, and the gradients of the
        weights and of what came in (None where no one needs it), which are not computed yet."""
        team, model = self._staged, self._model
        arriving = team.receive(batch[0])
        weights = model.trainable_parameters()
        through = self._to_the_end if team.last else self._through

        def run(weights: Any, hidden: mx.array | None) -> tuple[mx.array, mx.array]:
            model.update(weights)
            team.block.flow.arriving = hidden
            return through(batch, tokens)

        gradients: Any = None
        if not trained:
            _, out = run(weights, arriving)
        elif team.rank > team.first_trained:
            (_, out), gradients = mx.value_and_grad(run, argnums=(0, 1))(weights, arriving)
        else:
            (_, out), own = mx.value_and_grad(run, argnums=0)(weights, arriving)
            gradients = own, None
        model.update(weights)
        team.block.flow.arriving = None
        if not team.last:
            team.send(out, team.rank + 1)
        return out, gradients

    def _to_the_end(self, batch: Batch, tokens: int) -> tuple[mx.array, mx.array]:
        loss = loss_sum(self._model, batch, self._split) / tokens
        return loss, loss  # the second one is not differentiated: it is handed on as it is

    def _through(self, batch: Batch, _tokens: int) -> tuple[mx.array, mx.array]:
        """A number whose gradient is that of the whole loss, and what leaves the block. The number itself is never computed."""
        team = self._staged
        inputs, _, _, segments = batch
        self._model(inputs, cache=caches(self._model, segments))
        out = team.leaving()
        if team.rank < team.first_trained:
            return out, out
        return (out * team.announce(inputs, team.rank + 1)).sum(), out
