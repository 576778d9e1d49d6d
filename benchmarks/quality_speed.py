"""How fast texts are judged on one core, group by group and as the default cascade, beside datatrove's filters.

    python benchmarks/quality_speed.py CORPORA_FOLDER

CPU time of one thread in one process, over the texts of mixed/ and contracts/. datatrove comes with the extra `oracle`; its
figures are left out without it.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.corpora import mixed
from tasks.quality.cascade import measure_text
from tasks.quality.facts import PartFacts
from tasks.quality.judging import Judging
from tasks.quality.measure import Measured, measure_group
from tasks.quality.memo import columns_of
from tasks.quality.order import SHIPPED as ORDER
from tasks.quality.score import SHIPPED as MODEL
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.quality.text_view import TextView, view_text
from tasks.quality.verdicts import cascade_of, decide_rows

ROUNDS = 3  # of the product, the fastest counts; the peer takes minutes and has one
FACTS = PartFacts("text")


def read_texts(folder: Path) -> list[str]:
    """The texts of mixed/ and contracts/."""
    contracts = sorted((folder / "contracts" / "text").iterdir())
    return [*mixed.read_truth(folder / "mixed")[2], *(path.read_text(encoding="utf-8", errors="replace") for path in contracts)]


def measure(texts: Sequence[str]) -> dict[str, float]:
    """MB of UTF-8 per second of CPU time: each group on cut views, all of them without an early exit, the default cascade
    with its verdicts, and datatrove's filters."""
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    judge(["A sentence that loads the model of the languages. " * 30])
    figures: dict[str, float] = {}
    views: list[TextView] = []

    def cut() -> None:
        views.extend(view_text(text) for text in texts)
        for view in views:
            _ = view.unspaced_share

    seconds = {"view": _seconds(cut)}
    for name in ORDER.groups:
        seconds[name] = _seconds(lambda name=name: [measure_group(name, view, FACTS, Measured()) for view in views])  # type: ignore[misc]
    figures |= {f"group_{name}_mb_per_second": round(megabytes / max(value, 1e-9), 1) for name, value in seconds.items()}
    figures["all_groups_mb_per_second"] = round(megabytes / sum(seconds.values()), 2)
    ours = min(_seconds(lambda: judge(texts)) for _ in range(ROUNDS))
    theirs = _datatrove_seconds(texts)
    figures["cascade_mb_per_second"] = round(megabytes / ours, 2)
    if theirs is not None:
        figures["datatrove_mb_per_second"] = round(megabytes / theirs, 2)
        figures["speed_ratio_to_datatrove"] = round(theirs / ours, 2)
    return figures


def judge(texts: Sequence[str]) -> int:
    """How many texts the default gates keep."""
    judging = Judging(order=ORDER, model=MODEL)
    settings = GateSettings()
    cascade = cascade_of(settings, judging.order)
    rows = [
        {"document_id": str(number), "part": 0, "format": FACTS.format, "reason": None, "detail": None}
        | columns_of(measure_text(text, FACTS, cascade, Measured()))
        for number, text in enumerate(texts)
    ]
    return sum(row["reason"] is None for row in decide_rows(rows, settings, AuditSettings(share=0), judging))


def _datatrove_seconds(texts: Sequence[str]) -> float | None:
    """CPU time of datatrove's four filters, which end at the first rule that rejects; each text runs until one rejects it."""
    try:
        from datatrove.data import Document
        from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
    except ImportError:
        return None
    filters = [GopherRepetitionFilter(), GopherQualityFilter(), C4QualityFilter(filter_no_terminal_punct=False)]
    filters.append(FineWebQualityFilter())

    def run(batch: Sequence[str]) -> None:
        for text in batch:
            document = Document(text=text, id="0")
            all(rule.filter(document) is True for rule in filters)

    run(["A text that loads the tokenizer. " * 40 + "\n"])
    return _seconds(lambda: run(texts))


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


if __name__ == "__main__":
    for key, figure in measure(read_texts(Path(sys.argv[1]))).items():
        print(f"{key:40} {figure:10.2f}")
