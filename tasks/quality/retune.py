"""What other thresholds would decide, from signals that are stored already: nothing is measured.

The gates are asked as a run would ask them; where a run would first have to measure, the answer is that, and not a guess.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.quality.gates import Direction, Gate
from tasks.quality.order import LANGUAGE, CascadeOrder
from tasks.quality.signals.language import LEAST_ALLOWED, UNDETERMINED, allowed_members
from tasks.quality.stored import Mask, Numbers, StoredParts, Texts, is_known

TO_MEASURE = "to be measured"
LANGUAGE_GATE = "quality.language"
SCORE = "score"  # the signal of the gate that is decided last
THRESHOLDS = tuple(round(0.1 * step, 1) for step in range(10))

Scorer = Callable[[Sequence[Mapping[str, float]], Sequence[str | None]], Sequence[float]]


@dataclass(frozen=True)
class Rules:
    """What a run decides by. gates: all that are on, the score's included. languages: those that may be kept; empty for all.
    group_of: signal -> group. order: of the groups. score: signals and languages of parts -> their scores, NaN where something
    would have to be computed first."""

    gates: Sequence[Gate]
    languages: Sequence[str]
    group_of: Mapping[str, str]
    order: CascadeOrder
    score: Scorer


@dataclass(frozen=True)
class Judged:
    """reasons: of each part: None for kept, TO_MEASURE where a run would have to measure first. scores: NaN where none can be
    known. passed: parts that every gate but the score's lets pass."""

    reasons: Texts
    scores: Numbers
    passed: Mask


@dataclass(frozen=True)
class Change:
    """A document that would change sides. before, after: the reason, None for kept, or TO_MEASURE."""

    document_id: str
    before: str | None
    after: str | None


def rejected_by(gate: Gate, stored: StoredParts) -> Mask:
    """Which parts a gate rejects: `Gate.rejects`, for all of them at once."""
    values = stored.signal(gate.signal)
    beyond = {
        Direction.BELOW: np.less,
        Direction.ABOVE: np.greater,
        Direction.AT_MOST: np.less_equal,
        Direction.AT_LEAST: np.greater_equal,
    }[gate.direction](values, gate.bound)  # false for NaN
    return beyond & _is_one_of(stored, gate.languages) if gate.languages is not None else beyond


def judge(stored: StoredParts, rules: Rules) -> Judged:
    """What would be decided on every part.

    A part is rejected when a gate whose signals are known rejects it, whatever is unknown. A part that no such gate rejects and
    that lacks a group of signals is to be measured.
    """
    reasons: Texts = np.full(len(stored), None, object)
    undecided = ~is_known(stored.failed)
    reasons[~undecided] = stored.failed[~undecided]
    by_group = _rejections(stored, rules)
    known = stored.complete(rules.order.groups)
    for name in set(stored.formats.tolist()):
        mine = np.equal(stored.formats, name)
        for group in rules.order.groups_for(name or ""):
            for code, rejects in by_group.get(group, ()):
                hit = mine & undecided & rejects
                reasons[hit] = code
                undecided &= ~hit
    reasons[undecided & ~known] = TO_MEASURE
    passed = undecided & known
    scores = np.full(len(stored), np.nan)
    scores[passed] = rules.score(stored.rows_of(passed), stored.languages[passed].tolist())
    reasons[passed & np.isnan(scores)] = TO_MEASURE
    for gate in rules.gates:
        if gate.signal == SCORE:
            reasons[passed & (scores < gate.bound)] = gate.code
    return Judged(reasons, scores, passed)


def _rejections(stored: StoredParts, rules: Rules) -> dict[str, list[tuple[str, Mask]]]:
    """Group -> its gates' reasons with the parts that each rejects, in their order."""
    found: dict[str, list[tuple[str, Mask]]] = {}
    if rules.languages:
        known = is_known(stored.languages)
        found[LANGUAGE] = [(LANGUAGE_GATE, known & (_allowed_share(stored, rules.languages) < LEAST_ALLOWED))]
    for gate in rules.gates:
        if gate.signal != SCORE:
            found.setdefault(rules.group_of[gate.signal], []).append((gate.code, rejected_by(gate, stored)))
    return found


def _allowed_share(stored: StoredParts, allowed: Sequence[str]) -> Numbers:
    """`allowed_share`, for all parts at once."""
    members = allowed_members(allowed)
    shares: Numbers = np.where(_is_one_of(stored, members & {UNDETERMINED}), 1.0, 0.0)
    for language in sorted(members & stored.shares.keys()):
        shares += np.nan_to_num(stored.shares[language])
    return np.round(shares, 2)


def _is_one_of(stored: StoredParts, languages: frozenset[str]) -> Mask:
    return np.isin(stored.languages.astype(str), list(languages))


def count_reasons(reasons: Texts) -> Counter[str]:
    """How many parts each reason took."""
    return Counter(reason for reason in reasons.tolist() if reason is not None)


def of_documents(stored: StoredParts, reasons: Texts) -> dict[str, str | None]:
    """One answer for each document: kept when any part is; else to be measured when any part is; else its first part's reason."""
    found: dict[str, list[str | None]] = {}
    for document, reason in zip(stored.documents, reasons.tolist(), strict=True):
        found.setdefault(document, []).append(reason)
    return {
        document: None if None in answers else TO_MEASURE if TO_MEASURE in answers else answers[0]
        for document, answers in found.items()
    }


def compare(stored: StoredParts, judged: Judged) -> list[Change]:
    """The documents that would change sides, and those for which that takes measuring; sorted."""
    before, after = of_documents(stored, stored.reasons), of_documents(stored, judged.reasons)
    return [
        Change(document, before[document], after[document])
        for document in sorted(before)
        if after[document] == TO_MEASURE or (before[document] is None) != (after[document] is None)
    ]


def kept_by_threshold(stored: StoredParts, judged: Judged, thresholds: Sequence[float] = THRESHOLDS) -> dict[float, int]:
    """How many documents each lowest score would keep, all other gates as they are judged. Parts to be measured do not count."""
    documents = np.array(stored.documents, object)
    return {least: len(set(documents[judged.passed & (judged.scores >= least)].tolist())) for least in thresholds}
