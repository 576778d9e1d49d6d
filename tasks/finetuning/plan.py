"""The memory plan: how much is computed at once, and why. Plain numbers; what is measured comes from outside."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from tasks.finetuning.batches import ROW_TOKENS, round_up
from tasks.finetuning.memory import MARGIN, ModelShape, Work, estimate_peak
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Attempt, Probe
from tasks.runtime.progress import format_duration

# More tokens at once cost memory and gain no speed: on two cores it is full at some 500, published steps on a GPU at some 2,000.
CPU_TOKENS, ACCELERATOR_TOKENS = 2048, 4096
FILL = 0.85  # of the budget: measured peaks came out up to 5 % above what two steps foretold
SURELY_ENOUGH = 0.25  # of the budget: with an estimate below it nothing is measured
SHORTEST = 64  # tokens that examples are not cut below

Measure = Callable[[int, bool], Probe]  # width of a row, with checkpointing


class Plan(BaseModel):
    """How a training computes an update.

    micro_tokens: most tokens at once. checkpointing: layers are computed twice. longest: tokens of the longest example, None when
    none was cut. peak_bytes: foreseen. budget_bytes: what it may use. measured: by steps on the device, not by the formula.
    eta_seconds: for all updates, None before it is known. why: in words.
    """

    model_config = ConfigDict(frozen=True)

    micro_tokens: int
    checkpointing: bool
    cut_to: int | None
    peak_bytes: int | None
    budget_bytes: int
    measured: bool
    eta_seconds: float | None
    why: list[str]


class Size(BaseModel):
    """What is computed at once: micro_tokens of it, in rows that hold the longest example, which has `longest` tokens and takes
    `row` places."""

    model_config = ConfigDict(frozen=True)

    micro_tokens: int
    row: int
    longest: int
    checkpointing: bool


class DoesNotFit(RuntimeError):
    """Not even one example at a time fits; the message says what would help."""


@dataclass(frozen=True)
class Planner:
    """What a plan follows from. shape: None where config.json does not state it. longest: tokens of the longest example.

    updates: how many. tokens: places of all of them, padding included. packed: examples share rows. chunked: the loss is computed
    piece by piece. accelerated: not on a CPU. attempt: what an earlier try ran out of memory with. most_tokens: at once, whatever
    there is room for. in_flight: micro-batches that are kept at once.
    """

    shape: ModelShape | None
    settings: FinetuningSettings
    budget_bytes: int
    longest: int
    tokens: int
    packed: bool
    chunked: bool
    accelerated: bool
    attempt: Attempt = field(default_factory=Attempt)
    most_tokens: int | None = None
    in_flight: int = 1

    def plan(self, measure: Measure | None) -> Plan:
        """The plan; `measure` is called only where the formula is not sure enough. Raises DoesNotFit."""
        longest = min(self.longest, self.attempt.longest or self.longest)
        choices = {"on": [True], "off": [False], "auto": [False, True]}[self.settings.gradient_checkpointing]
        if self.attempt.checkpointing:
            choices = [True]
        by_formula = next(filter(None, (self._estimated(longest, checkpointing) for checkpointing in choices)), None)
        enough = by_formula is not None and (by_formula.peak_bytes or 0) <= SURELY_ENOUGH * self.budget_bytes
        asked = self.settings.memory_plan
        # After a death for want of memory nothing is tried out again: the attempt says what is left.
        if measure is None or asked == "estimated" or self.attempt != Attempt() or (asked == "auto" and enough):
            return by_formula or self._made(self._sizes(longest)[-1][0], choices[-1], longest, None)
        if by_formula and by_formula.checkpointing:  # without it, already the measurement could die
            choices = [True]
        for checkpointing, cut in [*((each, longest) for each in choices), *((choices[-1], each) for each in _halves(longest))]:
            for tokens, width in self._sizes(cut) if self.packed else self._sizes(cut)[:1]:
                if plan := self._measured(tokens, width, cut, checkpointing, measure(width, checkpointing)):
                    return plan
        raise DoesNotFit(
            f"not even one example of {SHORTEST} tokens fits into {self.budget_bytes / 2**30:.1f} GiB, 80 % of the memory that "
            "was available: name a smaller or quantized model, or set finetuning.quantize"
        )

    def _sizes(self, longest: int) -> list[tuple[int, int]]:
        """Sizes of micro-batches, the wanted one and ever smaller ones: tokens, and the width of a row."""
        tokens = self.settings.micro_batch_tokens or (ACCELERATOR_TOKENS if self.accelerated else CPU_TOKENS)
        if self.attempt.micro_tokens:
            tokens = min(tokens, self.attempt.micro_tokens)
        if self.most_tokens:
            tokens = min(tokens, self.most_tokens)
        if self.packed:
            tokens = min(tokens, ROW_TOKENS)
        least = round_up(longest - 1, self.packed)
        sizes = []
        while tokens > least:
            sizes.append((tokens, tokens if self.packed else least))
            tokens //= 2
        return [*sizes, (least, least)]

    def _why_no_more(self) -> str:
        """Why micro-batches are not larger, where there is room for the wanted size."""
        if self.attempt.micro_tokens:
            return "more at once ran out of memory"
        if self.most_tokens:
            return "so that each process has some to compute while others are under way"
        return "as the settings say" if self.settings.micro_batch_tokens else "more at once costs memory and gains no speed"

    def _estimated(self, longest: int, checkpointing: bool) -> Plan | None:
        """By the formula: the largest micro-batch up to the wanted one that fits, None when none does or no shape is known."""
        if self.shape is None:
            return None
        for tokens, width in self._sizes(longest):
            rows = min(max(1, tokens // width), self.settings.batch_size or 1)
            work = Work(rows, width, checkpointing, self.chunked, self.in_flight)
            peak = int(MARGIN * estimate_peak(self.shape, self.settings, work))
            if peak <= FILL * self.budget_bytes:
                return self._made(tokens, checkpointing, longest, peak)
        return None

    def _measured(self, tokens: int, width: int, longest: int, checkpointing: bool, probe: Probe) -> Plan | None:
        rows = math.floor((FILL * self.budget_bytes - probe.fixed) / max(1.0, probe.per_row))
        if rows < 1:
            return None
        tokens = min(tokens, rows * width) if tokens > width else width
        at_once = min(max(1.0, tokens / width), float(self.settings.batch_size or 1))
        peak = int(probe.fixed + probe.per_row * at_once)
        return self._made(tokens, checkpointing, longest, peak, probe.seconds / width * self.tokens)

    def _made(self, tokens: int, checkpointing: bool, longest: int, peak: int | None, seconds: float | None = None) -> Plan:
        """seconds: for the whole training, where it was measured."""
        measured = seconds is not None
        why = [
            *_about_batches(self.settings, tokens, self.packed, self._why_no_more()),
            _about_peak(peak, self.budget_bytes, measured),
            "Layers are computed twice and keep only their input in between, to spare memory: training takes about 40 % longer."
            if checkpointing
            else "Layers keep what they compute for the way back: there is memory for it.",
        ]
        if self.chunked:
            why.append("The loss is computed piece by piece: the logits of a large vocabulary are never all there.")
        if longest < self.longest:
            why.append(
                f"Examples longer than {longest} tokens are cut in pieces, because there is no memory for longer. None is lost."
            )
        if seconds is not None:
            why.append(f"About {format_duration(seconds)} for the training, by the steps that were measured.")
        return Plan(
            micro_tokens=tokens,
            checkpointing=checkpointing,
            cut_to=longest if longest < self.longest else None,
            peak_bytes=peak,
            budget_bytes=self.budget_bytes,
            measured=measured,
            eta_seconds=seconds,
            why=why,
        )


def _halves(longest: int) -> list[int]:
    """Ever shorter lengths that examples may be cut to."""
    return [longest >> power for power in range(1, longest.bit_length()) if longest >> power >= SHORTEST]


def _about_batches(settings: FinetuningSettings, tokens: int, packed: bool, reason: str) -> list[str]:
    rows = "in rows that examples share" if packed else "those of similar length together"
    return [
        f"Each step trains on {settings.batch_size} examples, {rows}, at most {tokens:,} tokens at once ({reason}); gradients "
        "are added up until the step is complete.",
        f"Rank {settings.rank}." if settings.method != "full" else "All weights are trained.",
    ]


def _about_peak(peak: int | None, budget: int, measured: bool) -> str:
    of = f"of {budget / 2**30:.1f} GiB, which is 80 % of the memory that was available"
    if peak is None:
        return f"The peak is not foreseen: there is neither a formula for this model nor a measurement. It may use {of[3:]}."
    how = "from two steps measured on this device" if measured else f"by a formula, with a margin of {MARGIN}"
    return f"Foreseen peak: {peak / 2**30:.2f} GiB {of}; {how}."


def next_attempt(tried: Size, before: Attempt) -> Attempt | None:
    """What to try after a death for want of memory: half the micro-batch, then checkpointing, then examples half as long; None
    when nothing is left. An update keeps its examples: of micro-batches half as large it has twice as many."""
    if tried.micro_tokens > tried.row:
        return before.model_copy(update={"micro_tokens": max(tried.row, tried.micro_tokens // 2)})
    if not tried.checkpointing:
        return before.model_copy(update={"micro_tokens": tried.row, "checkpointing": True})
    shorter = tried.longest // 2
    if shorter < SHORTEST:
        return None
    return before.model_copy(update={"micro_tokens": shorter, "longest": shorter, "checkpointing": True})
