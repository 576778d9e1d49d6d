"""The processes of one training and what they do together. Imported only in the training process and in tests.

Every method here that talks to the others has to be called by all of them, in the same order: else all wait for ever. Numbers
that were added up are the same to the last bit in all of them, so that all take the same branch.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten, tree_map_with_path

from tasks.finetuning.batches import Layout, Update, share_update
from tasks.finetuning.settings import FinetuningSettings

if TYPE_CHECKING:
    from tasks.finetuning.losses import Batch, Split
    from tasks.finetuning.steps import Steps

BUCKET_BYTES = 32 * 2**20  # of gradients that are sent at once: each message costs a round trip

Measure = Callable[[Any, "Batch"], mx.array]  # of a model and a micro-batch: a vector of numbers


class PeerLost(RuntimeError):
    """Another process of the training is gone."""


@contextmanager
def watching_peers() -> Iterator[None]:
    """Raise PeerLost where mlx says that a connection is closed; it says so at once, and never waits for a dead process."""
    try:
        yield
    except RuntimeError as error:
        if "[ring]" not in str(error):
            raise
        raise PeerLost("the connection to another process of the training was lost") from error


class Team:
    """One process that trains alone, and the base of those that are several.

    rank: of this process; the first one, 0, is the leader, which alone writes and tells. size: of the team. staged: whether each
    process has some of the layers only.
    """

    rank, size, staged = 0, 1, False

    @property
    def leader(self) -> bool:
        """Whether this process is the first one."""
        return self.rank == 0

    @property
    def writes(self) -> bool:
        """Whether this process has trained weights that no one before it has."""
        return self.leader

    def describe(self) -> list[str]:
        """How the processes work together, in words, for the memory plan."""
        return []

    def take(self, model: Any) -> None:
        """Keep of a model, whose weights are not read yet, what this process computes. Raises UnfitError."""

    def sums(self, values: Sequence[float]) -> list[float]:
        """Each value, summed over the team, in double precision."""
        return [float(value) for value in values]

    def gather(self, value: float) -> list[float]:
        """The value of each process, by rank."""
        return self.sums([value if rank == self.rank else 0.0 for rank in range(self.size)])

    def any(self, flag: bool) -> bool:
        """Whether it is so in at least one process. Also a meeting point: no one passes before all have come."""
        return self.sums([float(flag)])[0] > 0

    def share(self, text: str) -> str:
        """The leader's text; what the others say does not matter."""
        return text

    def part_of(self, update: Update, places: Sequence[int], layout: Layout) -> Update:
        """The micro-batches of an update that this process computes."""
        return update

    def steps(self, model: Any, optimizer: Any, settings: FinetuningSettings, split: "Split | None") -> "Steps":
        """What computes updates."""
        from tasks.finetuning.steps import Steps

        return Steps(model, optimizer, settings, split, self)

    def add_up(self, loss: float, gradients: Any) -> tuple[float, Any, float]:
        """Loss and gradients of the whole update from those of this process, and the sum of the squares of the latter."""
        return loss, gradients, squares(gradients)

    def call(self, model: Any, inputs: mx.array, cache: Any = None) -> mx.array:
        """What this process can compute of a model without the others, to try out what the model can do."""
        output: mx.array = model(inputs, cache=cache)
        return output

    @property
    def has_head(self) -> bool:
        """Whether this process computes the end of the model."""
        return True

    @property
    def in_flight(self) -> int:
        """Micro-batches that a process keeps for their way back at once, at most."""
        return 1

    @property
    def weight_bytes(self) -> list[int]:
        """Bytes of the model's weights in each process, by rank, and of the whole model; empty where each has it whole."""
        return []

    @property
    def largest_share(self) -> tuple[float, float]:
        """The largest parts of a model that a process has: of its weights, and of its layers."""
        return 1.0, 1.0

    def evaluate(self, model: Any, batches: Iterable["Batch"], measure: Measure, counts: Sequence[int]) -> list[list[float]]:
        """Measure a model on micro-batches. counts: how many numbers `measure` gives for each."""
        return [numbers(measure(model, batch)) for batch in batches]

    def part_of_answers(self, count: int) -> list[int]:
        """Which of so many texts this process generates; see `writes_texts`."""
        return list(range(count))

    @property
    def writes_texts(self) -> bool:
        """Whether a process of this team can generate: none can that has some of the layers only."""
        return not self.staged


ALONE = Team()


class Group(Team):
    """Several processes that are connected by mlx, all alike to their parent."""

    def __init__(self, group: mx.distributed.Group) -> None:
        self._group = group
        self.rank, self.size = group.rank(), group.size()

    def sums(self, values: Sequence[float]) -> list[float]:
        """See Team."""
        return numbers(self._sum(mx.array([float(value) for value in values], dtype=mx.float64)))

    def share(self, text: str) -> str:
        """See Team."""
        said = text.encode() if self.leader else b""
        length = int(self.sums([len(said)])[0])
        if not length:
            return ""
        told = np.frombuffer(said, np.uint8) if self.leader else np.zeros(length, np.uint8)
        return np.array(self._sum(mx.array(told))).tobytes().decode()

    def _sum(self, array: mx.array) -> mx.array:
        with watching_peers():
            found = mx.distributed.all_sum(array, group=self._group, stream=mx.cpu)
            mx.eval(found)  # here: what is evaluated later is evaluated in an order of mlx's own, which the others may not share
        return found


class DataTeam(Group):
    """Each process has the whole model and computes a part of each step; gradients are added up."""

    def describe(self) -> list[str]:
        """See Team."""
        return [f"{self.size} processes share the examples of each step and add up their gradients."]

    def part_of(self, update: Update, places: Sequence[int], layout: Layout) -> Update:
        """See Team."""
        return share_update(update, places, layout, self.rank, self.size)

    def add_up(self, loss: float, gradients: Any) -> tuple[float, Any, float]:
        """See Team."""
        summed: dict[str, mx.array] = {}
        for bucket in _buckets(tree_flatten(gradients)):
            joined = self._sum(mx.concatenate([leaf.reshape(-1) for _, leaf in bucket]))
            start = 0
            for name, leaf in bucket:
                summed[name] = joined[start : start + leaf.size].reshape(leaf.shape)
                start += leaf.size
        found = tree_map_with_path(lambda name, _: summed[name], gradients)
        return self.sums([loss])[0], found, squares(found)

    def evaluate(self, model: Any, batches: Iterable["Batch"], measure: Measure, counts: Sequence[int]) -> list[list[float]]:
        """See Team. Each process measures some of the micro-batches, whole ones: the numbers are those of one process."""
        own = [
            numbers(measure(model, batch)) if number % self.size == self.rank else [0.0] * count
            for number, (batch, count) in enumerate(zip(batches, counts, strict=True))
        ]
        return split_at(self.sums([value for values in own for value in values]), counts)

    def part_of_answers(self, count: int) -> list[int]:
        """See Team."""
        return list(range(self.rank, count, self.size))


def make_team(settings: FinetuningSettings) -> Team:
    """The team that this process belongs to, as its parent started it (`launch.start`). Raises RuntimeError."""
    if settings.parallel == "off":
        return ALONE
    group: mx.distributed.Group = mx.distributed.init(strict=True, backend="ring")
    if settings.parallel == "data":
        return DataTeam(group)
    from tasks.finetuning.parallel.staged import StagedTeam

    return StagedTeam(group)


def squares(gradients: Any) -> float:
    """The sum of the squares of all gradients, in float32."""
    leaves: Any = tree_flatten(gradients)
    found: Any = sum((mx.square(leaf.astype(mx.float32)).sum() for _, leaf in leaves), mx.array(0.0)).item()
    return float(found)


def split_at(values: Sequence[float], counts: Sequence[int]) -> list[list[float]]:
    """A list cut in pieces of these lengths."""
    ends = np.cumsum(counts).tolist()
    return [list(values[end - count : end]) for end, count in zip(ends, counts, strict=True)]


def numbers(vector: mx.array) -> list[float]:
    """The numbers of a vector."""
    mx.eval(vector)
    found: Any = vector.tolist()
    return [float(value) for value in found]


def _buckets(leaves: Any) -> Iterator[list[tuple[str, mx.array]]]:
    """Neighbours of the same type, at most BUCKET_BYTES together if one alone is not larger."""
    bucket: list[tuple[str, mx.array]] = []
    for name, leaf in leaves:
        full = sum(each.nbytes for _, each in bucket) + leaf.nbytes > BUCKET_BYTES
        if bucket and (full or bucket[0][1].dtype != leaf.dtype):
            yield bucket
            bucket = []
        bucket.append((name, leaf))
    if bucket:
        yield bucket
