"""The learning rate of each update, and the watch over the loss. Plain numbers."""

import math
from dataclasses import dataclass

LOWEST_SHARE = 0.1  # of the learning rate, at the end of the cosine


@dataclass(frozen=True)
class Schedule:
    """Linear warm-up to `peak`, then a cosine down to LOWEST_SHARE of it. updates: of the training. warmup: share of them."""

    peak: float
    updates: int
    warmup: float

    def rate(self, update: int) -> float:
        """The learning rate of an update, counted from 0."""
        warm = min(math.ceil(self.updates * self.warmup), self.updates - 1)
        if update < warm:
            return self.peak * (update + 1) / (warm + 1)
        done = min(1.0, (update - warm) / max(1, self.updates - warm))
        return self.peak * (LOWEST_SHARE + (1 - LOWEST_SHARE) * 0.5 * (1 + math.cos(math.pi * done)))


@dataclass(frozen=True)
class LossWatch:
    """Whether a training diverges: its smoothed loss is far above the lowest that it has been.

    smoothed, lowest: nats per token, None before there were updates enough. broken: updates in a row whose loss or
    gradient was no number.
    """

    smoothed: float | None = None
    lowest: float | None = None
    broken: int = 0

    MEMORY = 0.9  # share of the past in the smoothed loss: it follows some ten updates
    RISE, MARGIN = 1.5, 0.5  # diverged above RISE times the lowest and MARGIN more
    MOST_BROKEN = 3
    SETTLED = 20  # updates before which a low loss may have come from easy examples only

    def after(self, loss: float, finite: bool, update: int) -> "LossWatch":
        """The watch after update number `update`. finite: its loss and gradient were numbers, so it was made."""
        if not finite:
            return LossWatch(self.smoothed, self.lowest, self.broken + 1)
        smoothed = loss if self.smoothed is None else self.MEMORY * self.smoothed + (1 - self.MEMORY) * loss
        if update < self.SETTLED:
            return LossWatch(smoothed, self.lowest)
        return LossWatch(smoothed, smoothed if self.lowest is None else min(self.lowest, smoothed))

    @property
    def diverged(self) -> bool:
        """Whether to go back to where the loss was good."""
        if self.broken >= self.MOST_BROKEN:
            return True
        if self.smoothed is None or self.lowest is None:
            return False
        return self.smoothed > self.RISE * self.lowest + self.MARGIN
