"""Learns the order of the cascade from what runs measured: ascending cost over rejection probability.

A group costs its time for every part that reaches it and saves what comes after it for every part that it rejects. For
independent filters the expected cost is least when they are sorted by cost / rejection probability, the "rank" of Hellerstein
and Stonebraker, Predicate Migration: Optimizing Queries with Expensive Predicates (SIGMOD 1993). Where one group must come
before others (the language before the stop words), it is taken together with those that pay for it: Horn, Single-Machine Job
Sequencing with Treelike Precedence Ordering (SIAM J. Appl. Math. 23, 1972).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.quality.gates import Gate
from tasks.quality.order import LANGUAGE, LAST, NEED_LANGUAGE, CascadeOrder, GroupCost, LearnedOrder
from tasks.quality.retune import LANGUAGE_GATE, SCORE, rejected_by
from tasks.quality.stored import Mask, Numbers, StoredParts

FEWEST_PARTS = 30  # of a format, for an order of its own
DIGITS = 6  # of what is written


@dataclass(frozen=True)
class Expectation:
    """What a part of a format is expected to cost in the cascade, in milliseconds. format_name: "" for all together."""

    format_name: str
    parts: int
    before: float
    after: float


def learn_order(
    stored: StoredParts,
    steps: tuple[Sequence[tuple[str, int]], Mapping[str, Numbers]],
    gates: Sequence[Gate],
    group_of: Mapping[str, str],
    current: CascadeOrder,
    version: int,
    run: str,
) -> tuple[LearnedOrder, list[Expectation]]:
    """The order that the measurements ask for, and what it is expected to save.

    steps: parts, and group -> seconds per part (tasks/quality/stored.py). current: the order in force, and version the number
    it has as a file, 0 for the shipped one; the new one gets a higher number only when it differs. Raises ValueError when there
    is nothing to learn from.
    """
    seconds = _aligned(stored, steps, current.groups)
    unmeasured = [group for group in current.groups if np.isnan(seconds[group]).all()]
    if unmeasured:
        raise ValueError(f"the newest run has measured no {', '.join(unmeasured)}: nothing to learn an order from")
    everything = np.ones(len(stored), bool)
    rejects = _group_rejects(stored, gates, group_of, current.groups)
    overall = _costs(stored, everything, seconds, rejects, current.groups, {})
    general = {cost.group: cost for cost in overall}
    expectations = [_expect("", len(stored), overall, current.groups)]
    formats = {}
    for name in sorted(set(filter(None, stored.formats.tolist()))):
        mine = np.equal(stored.formats, name)
        if mine.sum() >= FEWEST_PARTS:
            costs = _costs(stored, mine, seconds, rejects, current.groups, general)
            formats[name] = tuple(sort_groups(costs))
            expectations.append(_expect(name, int(mine.sum()), costs, current.groups_for(name)))
    learned = LearnedOrder(
        version=max(1, version),
        run=run,
        documents=len(set(stored.documents)),
        groups=tuple(sort_groups(overall)),
        formats=formats,
    )
    new = learned.order()
    if version and (new.groups, new.formats) != (current.groups, current.formats):
        learned = learned.model_copy(update={"version": version + 1})
    return learned, expectations


def sort_groups(costs: Sequence[GroupCost]) -> list[GroupCost]:
    """By rank, with what must come first in front of what needs it, and the features of the score last."""
    ranked = sorted((cost for cost in costs if cost.group != LAST), key=lambda cost: (_rank([cost]), cost.group))
    blocks = [[cost] for cost in ranked if cost.group not in NEED_LANGUAGE]
    dependents = [cost for cost in ranked if cost.group in NEED_LANGUAGE]
    language = next((block for block in blocks if block[0].group == LANGUAGE), None)
    for cost in dependents:
        if language is not None and _rank([cost]) < _rank(language):
            language.append(cost)
        else:
            blocks.append([cost])
    in_order = sorted(blocks, key=lambda block: (_rank(block), block[0].group != LANGUAGE, block[0].group))
    return [*(cost for block in in_order for cost in block), *(cost for cost in costs if cost.group == LAST)]


def expected_milliseconds(costs: Sequence[GroupCost]) -> float:
    """What a part costs in this order: each group's time, times the share of parts that no group before it rejected."""
    total, passing = 0.0, 1.0
    for cost in costs:
        total += passing * cost.milliseconds
        passing *= 1 - cost.rejects
    return total


def _rank(block: Sequence[GroupCost]) -> float:
    """Expected cost over rejection probability, of groups that are asked one after the other."""
    passing = float(np.prod([1 - cost.rejects for cost in block]))
    return expected_milliseconds(block) / (1 - passing) if passing < 1 else np.inf


def _expect(name: str, parts: int, costs: Sequence[GroupCost], before: Sequence[str]) -> Expectation:
    by_group = {cost.group: cost for cost in costs}
    now = [by_group[group] for group in before]
    return Expectation(name, parts, expected_milliseconds(now), expected_milliseconds(sort_groups(costs)))


def _aligned(
    stored: StoredParts, steps: tuple[Sequence[tuple[str, int]], Mapping[str, Numbers]], groups: Sequence[str]
) -> dict[str, Numbers]:
    """Group -> seconds for each stored part, NaN where they are not known."""
    keys, columns = steps
    at = {key: row for row, key in enumerate(zip(stored.documents, stored.parts, strict=True))}
    rows = np.array([at.get(key, -1) for key in keys], np.int64)
    seconds = {group: np.full(len(stored), np.nan) for group in groups}
    for group in groups:
        if group in columns:
            seconds[group][rows[rows >= 0]] = columns[group][rows >= 0]
    return seconds


def _group_rejects(
    stored: StoredParts, gates: Sequence[Gate], group_of: Mapping[str, str], groups: Sequence[str]
) -> dict[str, Mask]:
    """Group -> the parts that one of its gates rejects. The language's own gate counts by what the run decided."""
    rejects = {group: np.zeros(len(stored), bool) for group in groups}
    rejects[LANGUAGE] = np.equal(stored.reasons, LANGUAGE_GATE)
    for gate in gates:
        if gate.signal != SCORE:
            rejects[group_of[gate.signal]] |= rejected_by(gate, stored)
    return rejects


def _costs(
    stored: StoredParts,
    mine: Mask,
    seconds: Mapping[str, Numbers],
    rejects: Mapping[str, Mask],
    groups: Sequence[str],
    general: Mapping[str, GroupCost],
) -> list[GroupCost]:
    """Cost and rejection share of each group over the parts for which it was measured.

    The share is smoothed by Laplace's rule, (rejected + 1) / (measured + 2), so that a group that has rejected nothing yet
    still has its turn, the cheapest first. Of a late group only those parts are known that the groups before it let pass.
    general: what to take where a format has no measurement of a group.
    """
    costs = []
    for group in groups:
        timed = mine & ~np.isnan(seconds[group])
        measured = mine & stored.measured(group)
        if not timed.any():
            costs.append(general[group])
            continue
        milliseconds = float(seconds[group][timed].mean()) * 1000
        share = (int((rejects[group] & measured).sum()) + 1) / (int(measured.sum()) + 2)
        costs.append(GroupCost(group=group, milliseconds=round(milliseconds, DIGITS), rejects=round(share, DIGITS)))
    return costs
