"""What an examination of a model found, row by row, and what two of them prove when they are laid beside each other.

Plain numbers: a decision that is made again later, or with another rival, needs no model for what was measured already.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from tasks.finetuning.intervals import Estimate, estimate, mean_of

if TYPE_CHECKING:
    from tasks.finetuning.intervals import Array

EXAMINATIONS = "examinations.json"
LARGEST_LOSS = 700.0  # e to this power is still a number


class Scored(BaseModel):
    """An example that was read. nats: the loss summed over its tokens. tokens: those with a loss."""

    model_config = ConfigDict(frozen=True)

    example: str
    group: str
    nats: float
    tokens: int


class Answered(BaseModel):
    """An example that was answered: the marks of tasks/finetuning/answers.py."""

    model_config = ConfigDict(frozen=True)

    example: str
    group: str
    exact: bool
    right: int
    given: int
    expected: int


class Examination(BaseModel):
    """One model on one set of examples. general: the prompts that come with doctune, each a group of its own."""

    model_config = ConfigDict(frozen=True)

    rows: list[Scored]
    general: list[Scored]
    answers: list[Answered]


class Examinations(BaseModel):
    """Of an adapter: on which split, the base model alone (`before`) and with the adapter (`after`)."""

    model_config = ConfigDict(frozen=True)

    split: str
    before: Examination
    after: Examination


class Proof(BaseModel):
    """What a training changed, with 95 % intervals over documents (over prompts, for the general ones).

    perplexity: e to the loss. loss_gain: loss before minus loss after, nats per token; above 0 is better. general: loss on
    continuations of general prompts, nats per token; general_change above 0 means that something was forgotten. exact_match,
    field_f1: of answers in JSON, 0 to 1; None when the dataset holds out no example that asks for some. documents, answers: how
    many were measured.
    """

    model_config = ConfigDict(frozen=True)

    documents: int
    loss_before: Estimate
    loss_after: Estimate
    perplexity_before: Estimate
    perplexity_after: Estimate
    loss_gain: Estimate
    general_before: Estimate
    general_after: Estimate
    general_change: Estimate
    answers: int = 0
    exact_match_before: Estimate | None = None
    exact_match_after: Estimate | None = None
    field_f1_before: Estimate | None = None
    field_f1_after: Estimate | None = None
    field_f1_gain: Estimate | None = None

    def flat(self) -> dict[str, float]:
        """The numbers by name; low and high ends of intervals as names of their own."""
        numbers: dict[str, float] = {"measured_documents": float(self.documents), "measured_answers": float(self.answers)}
        for name in type(self).model_fields:
            found = getattr(self, name)
            if isinstance(found, Estimate):
                numbers[name] = found.value
                if found.low is not None and found.high is not None:
                    numbers |= {f"{name}_low": found.low, f"{name}_high": found.high}
        return numbers


class NotComparable(ValueError):
    """Two examinations are not of the same examples."""


def prove(before: Examination, after: Examination) -> Proof:
    """What changed from one examination to the other; nothing is said of answers where one of them has none, because no process
    of a staged training can write any. Raises NotComparable."""
    _check_same(before, after)
    answered = {}
    both = bool(before.answers and after.answers)
    if both:
        answered = {
            "exact_match_before": exact_match(before.answers),
            "exact_match_after": exact_match(after.answers),
            "field_f1_before": field_f1(before.answers),
            "field_f1_after": field_f1(after.answers),
            "field_f1_gain": field_f1_gain(before.answers, after.answers),
        }
    loss_before, loss_after = loss(before.rows), loss(after.rows)
    return Proof(
        documents=len({row.group for row in before.rows}),
        loss_before=loss_before,
        loss_after=loss_after,
        perplexity_before=perplexity(loss_before),
        perplexity_after=perplexity(loss_after),
        loss_gain=loss_gain(before.rows, after.rows),
        general_before=loss(before.general),
        general_after=loss(after.general),
        general_change=loss_gain(after.general, before.general),
        answers=len(before.answers) if both else 0,
        **answered,
    )


def _check_same(first: Examination, second: Examination) -> None:
    for name in ("rows", "general", "answers"):
        one, other = ([row.example for row in getattr(each, name)] for each in (first, second))
        if one != other and (name != "answers" or (one and other)):
            raise NotComparable(f"two examinations are not of the same {name}")


def loss(rows: Sequence[Scored]) -> Estimate:
    """Mean loss in nats per token."""
    return mean_of([row.group for row in rows], [row.nats for row in rows], [row.tokens for row in rows])


def perplexity(found: Estimate) -> Estimate:
    """e to the loss; its interval is that of the loss, as the exponential keeps the order."""
    ends = {name: None if end is None else power(end) for name, end in (("low", found.low), ("high", found.high))}
    return Estimate(value=power(found.value), **ends)


def power(nats: float) -> float:
    """e to this power, the largest one that is a number at most."""
    return math.exp(min(nats, LARGEST_LOSS))


def loss_gain(worse: Sequence[Scored], better: Sequence[Scored]) -> Estimate:
    """How many nats per token the second one loses less than the first one, on the same rows."""
    gains = [one.nats - other.nats for one, other in zip(worse, better, strict=True)]
    return mean_of([row.group for row in worse], gains, [row.tokens for row in worse])


def exact_match(answers: Sequence[Answered]) -> Estimate:
    """Share of answers that are exactly the expected ones."""
    return mean_of([each.group for each in answers], [float(each.exact) for each in answers], [1.0] * len(answers))


def field_f1(answers: Sequence[Answered]) -> Estimate:
    """F1 over all values of all answers (micro average)."""
    return estimate([each.group for each in answers], _marks(answers), _f1)


def field_f1_gain(before: Sequence[Answered], after: Sequence[Answered]) -> Estimate:
    """How much higher the F1 of the second one is, on the same examples."""
    columns = [*_marks(before), *_marks(after)]
    return estimate([each.group for each in before], columns, lambda sums: _f1(sums[2:]) - _f1(sums[:2]))


def _marks(answers: Sequence[Answered]) -> list[list[float]]:
    return [[2.0 * each.right for each in answers], [float(each.given + each.expected) for each in answers]]


def _f1(sums: "Array") -> "Array":
    import numpy as np

    found: Array = np.nan_to_num(sums[0] / sums[1])  # no value expected and none given: nothing to get right
    return found
