"""A page for each reason: what it means, which documents got it, and the values they were judged by beside what was asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.reporting.facts import ReasonExample, ReasonPage, RunSummary
from tasks.reporting.page import environment
from tasks.reporting.summary import name_documents, shorten
from tasks.storage.parquet import ParquetRef, read_rows

EXAMPLES = 50  # documents on a page
_COLUMNS = ["document_id", "path", "format", "bytes", "reason", "detail", "signals", "language", "score"]

# Signal -> what it is in words, and what is asked of it ("at most 0.3"). Several gates may look at one signal.
Asked = Mapping[str, Sequence[Mapping[str, str]]]


def make_reason_pages(decisions: ParquetRef, summary: RunSummary, asked: Asked) -> dict[str, str]:
    """Reason code -> the HTML of its page. decisions: the books. asked: of the gates of the run."""
    rows = read_rows(decisions, _COLUMNS)
    paths = {row["document_id"]: shorten(row["path"], summary.run.sources) for row in rows}
    template = environment().get_template("reason.html.j2")
    pages = {}
    for reason in summary.reasons:
        mine = [row for row in rows if row["reason"] == reason.code]
        mine.sort(key=lambda row: paths[row["document_id"]])
        examples = [_example(row, paths, asked) for row in mine[:EXAMPLES]]
        page = ReasonPage(reason=reason, examples=examples, asks=describe_reason(reason.code, asked))
        pages[reason.code] = template.render(run=summary.run, page=page)
    return pages


def describe_reason(code: str, asked: Asked) -> list[str]:
    """What the gates with this reason ask for, in words."""
    return [
        f"{gate['title']}: {gate['asks']}; {gate['source']}" for gates in asked.values() for gate in gates if gate["code"] == code
    ]


def judge(signals: Mapping[str, float], asked: Asked, code: str | None) -> list[tuple[str, bool]]:
    """Each value beside what was asked of it, in words, and whether its gate decided; the deciding ones first."""
    lines = [
        (f"{gate['title']} {value:.4g}; asked for: {gate['asks']}", gate["code"] == code and _rejects(gate, value))
        for signal, value in sorted(signals.items())
        for gate in asked.get(signal, ())
    ]
    return sorted(lines, key=lambda line: not line[1])


def _rejects(gate: Mapping[str, str], value: float) -> bool:
    bound = float(gate["bound"])
    sides = {"below": value < bound, "above": value > bound, "at most": value <= bound, "at least": value >= bound}
    return sides[gate["direction"]]


def _example(row: Mapping[str, Any], paths: Mapping[str, str], asked: Asked) -> ReasonExample:
    return ReasonExample(
        path=paths[row["document_id"]],
        format=row["format"],
        bytes=row["bytes"],
        detail=name_documents(row["detail"], paths),
        language=row["language"],
        score=row["score"],
        judged=judge(row["signals"] | ({} if row["score"] is None else {"score": row["score"]}), asked, row["reason"]),
    )
