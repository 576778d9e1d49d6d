"""Rows of QUALITY from rows of SIGNALS; plain decisions, no work in workers."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tasks.quality.cascade import Cascade, Rejection, decide, decide_language
from tasks.quality.gates import SCORE, Gate, gates_of
from tasks.quality.judging import Judging
from tasks.quality.measure import Measured
from tasks.quality.memo import measured_of
from tasks.quality.order import CascadeOrder
from tasks.quality.score import explain
from tasks.quality.score import score as score_of
from tasks.quality.second.stage import LOG_ODDS, describe_again, score_again
from tasks.quality.settings import AuditSettings, GateSettings

Row = dict[str, Any]
Key = tuple[str, int]  # document_id, part
_NOT_AGAIN: Row = {"signals": {}, "reason": None, "detail": None}
EXPLAINED = 3  # of what pulled a score down


def cascade_of(settings: GateSettings, order: CascadeOrder, to_the_end: bool = False) -> Cascade:
    """The cascade that follows from the settings. to_the_end: measure everything even if the settings do not ask for it."""
    gates = tuple(gate for gate in gates_of(settings) if gate.signal != SCORE)
    return Cascade(gates, tuple(settings.languages), order, to_the_end or not settings.early_termination)


def score_gates(settings: GateSettings) -> tuple[Gate, ...]:
    """The gate on the score, if it is on."""
    return tuple(gate for gate in gates_of(settings) if gate.signal == SCORE)


def is_audited(document_id: str, audit: AuditSettings) -> bool:
    """Whether a document belongs to the audit sample, if it is rejected; depends on the document and the seed alone."""
    digest = hashlib.sha256(f"{audit.seed}:{document_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < audit.share * 2**64


def decide_rows(
    measured: Sequence[Row],
    settings: GateSettings,
    audit: AuditSettings,
    judging: Judging,
    again: Mapping[Key, Row] = MappingProxyType({}),
) -> list[Row]:
    """What all gates decide, one row per row of SIGNALS; a part that could not be measured keeps its reason.

    A rejected row of the audit sample gets a score, and its detail says whether a later gate rejects it as well. again: what the
    second stage found (rows of SECOND), by part.
    """
    cascade, last = cascade_of(settings, judging.order), score_gates(settings)
    rows = []
    for row in measured:
        if row["reason"] is not None:
            rows.append(_row(row, row["reason"], row["detail"]))
            continue
        known = measured_of(row)
        rejection = cascade.walk(known, row["format"]).rejection
        complete = len(known.groups) == len(cascade.groups(row["format"]))
        score = score_of(known.signals, known.language, judging.model) if complete else None
        second = again.get((row["document_id"], row["part"]), _NOT_AGAIN)
        looked = None
        if LOG_ODDS in second["signals"]:
            score = score_again(known.signals, second["signals"][LOG_ODDS], judging.model)
            looked = describe_again(second["signals"], score)
        by_score = _by_score(last, score, known.signals, judging, looked) if score is not None else None
        if rejection is None and second["reason"] is not None:  # it was to decide, and failed
            rows.append(_row(row, second["reason"], second["detail"], score=score))
        elif rejection is None:
            rows.append(_row(row, *_ending(by_score), score=score))
        elif is_audited(row["document_id"], audit):
            later = _later(rejection, known, cascade, row["format"]) or by_score
            verdict = f"later also {later.reason}" if later else "no later gate rejects it"
            rows.append(_row(row, rejection.reason, f"{rejection.detail}; audit: {verdict}", score=score, audit=True))
        else:
            rows.append(_row(row, rejection.reason, rejection.detail, score=score))
    return rows


def _by_score(
    gates: Sequence[Gate], score: float, signals: Mapping[str, float], judging: Judging, looked: str | None = None
) -> Rejection | None:
    """A rejection for the score, with what pulled it down the most. looked: what the second stage did, in words."""
    rejection = decide(gates, {SCORE: score})
    if rejection is None:
        return None
    pulled = [words for words, _ in explain(signals, judging.model)[:EXPLAINED]]
    words = "; ".join([*([looked] if looked else []), *pulled])
    return Rejection(rejection.reason, f"{rejection.detail}: {words}" if words else rejection.detail)


def _later(first: Rejection, known: Measured, cascade: Cascade, format_name: str) -> Rejection | None:
    """The first rejection for another reason."""
    language = decide_language(known, cascade.languages)
    if language and language.reason != first.reason:
        return language
    others = [gate for group in cascade.groups(format_name) for gate in cascade.gates_of(group) if gate.code != first.reason]
    return decide(others, known.signals, known.language)


def _ending(rejection: Rejection | None) -> tuple[str | None, str | None]:
    return (rejection.reason, rejection.detail) if rejection else (None, None)


def _row(source: Row, reason: str | None, detail: str | None, score: float | None = None, audit: bool = False) -> Row:
    return {
        "document_id": source["document_id"],
        "part": source["part"],
        "score": score,
        "audit": audit,
        "reason": reason,
        "detail": detail,
    }
