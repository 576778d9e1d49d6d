"""What a run leaves behind of a few texts, made without a run: the texts are measured and judged in place."""

from collections.abc import Mapping

from flows.results import RunResult, remember
from tasks.quality import memo
from tasks.quality.cascade import measure_text
from tasks.quality.facts import PartFacts
from tasks.quality.judging import load_judging
from tasks.quality.measure import Measured, keep_groups
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.verdicts import cascade_of, decide_rows
from tasks.storage.parquet import write_table
from tasks.storage.schemas import DECISIONS, METRICS, NORMALIZATION, QUALITY, SIGNALS
from tasks.storage.stage import metrics_path

PROSE = (
    "The minutes of the last meeting were approved, and the budget for the next year was discussed at length. The board asked "
    "for three quotes before the end of June, because the first two differed by more than a third.\n\nThe lease ends in "
    "September. Two sites are left on the list, and both will be visited with the works council before a decision is made. "
    "Whoever wants to come along should tell the office by Friday, so that there is a seat in the car."
)
SHORT = "Back in ten minutes."
DEFAULTS = GateSettings()
TEXTS = {"/docs/minutes.txt": PROSE, "/docs/note.txt": SHORT, "/docs/old/minutes.txt": PROSE.replace("June", "May")}


def document_id(path: str) -> str:
    """The id of a document of TEXTS: digits that say which one it is."""
    return f"{list(TEXTS).index(path):064x}"


def store_run(texts: Mapping[str, str] = TEXTS, settings: GateSettings = DEFAULTS, remembered: bool = False) -> RunResult:
    """The newest run, over these documents.

    remembered: an earlier run measured all of them to the end.
    """
    audit, judging = AuditSettings(share=0), load_judging()
    cascade, to_the_end = cascade_of(settings, judging.order), cascade_of(settings, judging.order, to_the_end=True)
    passed = {"reason": None, "detail": None}
    keys = {path: {"document_id": f"{at:064x}", "part": 0, "format": "text"} for at, path in enumerate(texts)}
    everything = {path: measure_text(text, PartFacts("text", {}), to_the_end, Measured()) for path, text in texts.items()}
    measured = {path: keep_groups(each, cascade.walk(each, "text").groups) for path, each in everything.items()}
    normalized = [
        keys[path]
        | {"text": text, "title": None, "characters_before": 0, "removed": {}, "flags": [], "encoding_damage": {}, **passed}
        for path, text in texts.items()
    ]
    signals = [keys[path] | memo.columns_of(measured[path]) | passed for path in texts]
    decided = decide_rows(signals, settings, audit, judging)
    outputs = {
        "normalization": write_table("stages/normalization/1.a-b.parquet", normalized, NORMALIZATION),
        "signals": write_table("stages/quality-signals/1.a-b.parquet", signals, SIGNALS),
        "quality": write_table("stages/quality-gates/1.a-b.parquet", decided, QUALITY),
    }
    steps = [
        {"stage": "quality-signals", "document_id": keys[path]["document_id"], "part": 0, "seconds": 0.1, "peak_mib": None}
        | {"steps": dict(measured[path].seconds)}
        for path in texts
    ]
    write_table(metrics_path(outputs["signals"].path), steps, METRICS)
    if remembered:
        known = {(str(keys[path]["document_id"]), 0): everything[path] for path in texts}
        memo.remember(memo.memo_path(outputs["normalization"], "1.a"), known, dict.fromkeys(known, "text"))
    books = [
        {"document_id": row["document_id"], "path": path, "aliases": [], "format": "text", "stage": "quality", "examples": 0}
        | {"verdict": "kept" if row["reason"] is None else "rejected", "reason": row["reason"], "detail": row["detail"]}
        | {
            "signals": {},
            "language": "en",
            "score": row["score"],
            "seconds": 0.1,
            "bytes": 1,
            "engine": None,
            "engine_version": None,
        }
        for path, row in zip(texts, decided, strict=True)
    ]
    result = RunResult(
        run="test",
        flow="curate",
        outcome="Completed",
        message="",
        decisions=write_table("runs/test/decisions.parquet", books, DECISIONS),
        outputs=[outputs],
    )
    remember(result, "test")
    return result
