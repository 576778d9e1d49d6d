"""Rows of QUALITY from rows of signals; plain decisions, no work in workers."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.quality.cascade import Rejection, decide, decide_language
from tasks.quality.gates import basic_gates, deep_gates, score_gate
from tasks.quality.score import score as score_of
from tasks.quality.settings import AuditSettings, BasicGateSettings, GateSettings

Row = dict[str, Any]


def is_audited(document_id: str, audit: AuditSettings) -> bool:
    """Whether a document belongs to the audit sample, if it is rejected; depends on the document and the seed alone."""
    digest = hashlib.sha256(f"{audit.seed}:{document_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < audit.share * 2**64


def decide_basic_rows(basic: Sequence[Row], gates: BasicGateSettings, audit: AuditSettings) -> list[Row]:
    """What the cheap gates decide, one row per row of cheap signals. A part that could not be measured keeps its reason."""
    chosen = basic_gates(gates)
    rows = []
    for measured in basic:
        if measured["reason"] is not None:
            rows.append(_row(measured, measured["reason"], measured["detail"]))
            continue
        rejection = decide(chosen, measured["signals"])
        audited = rejection is not None and is_audited(measured["document_id"], audit)
        rows.append(_row(measured, *_ending(rejection), audit=audited))
    return rows


def decide_rows(basic: Sequence[Row], basic_decisions: Sequence[Row], deep: Sequence[Row], settings: GateSettings) -> list[Row]:
    """What all gates decide, one row per row of `basic_decisions`.

    A row of the audit sample keeps its reason and gets a score; its detail says whether a later gate rejects it as well.
    """
    cheap = {_key(row): row["signals"] for row in basic}
    costly = {_key(row): row for row in deep}
    rows = []
    for decided in basic_decisions:
        measured = costly.get(_key(decided))
        if measured is None:
            rows.append(_row(decided, decided["reason"], decided["detail"]))
            continue
        if measured["reason"] is not None:
            ending = (decided["reason"], decided["detail"]) if decided["audit"] else (measured["reason"], measured["detail"])
            rows.append(_row(decided, *ending))
            continue
        score, rejection = _judge(cheap[_key(decided)], measured, settings)
        if decided["audit"]:
            later = f"later also {rejection.reason}" if rejection else "no later gate rejects it"
            rows.append(_row(decided, decided["reason"], f"{decided['detail']}; audit: {later}", score=score, audit=True))
        else:
            rows.append(_row(decided, *_ending(rejection), score=score))
    return rows


def _judge(cheap: Mapping[str, float], measured: Row, settings: GateSettings) -> tuple[float, Rejection | None]:
    language = measured["language"]
    score = score_of({**cheap, **measured["signals"]}, language)
    return score, (
        decide_language(language, settings.languages)
        or decide(deep_gates(settings), measured["signals"], language)
        or decide(score_gate(settings), {"score": score})
    )


def _key(row: Row) -> tuple[str, int]:
    return row["document_id"], row["part"]


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
