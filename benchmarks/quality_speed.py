"""How fast texts are measured on one core, group by group, beside datatrove's filters: CPU time, one process.

    python -m benchmarks.quality_speed INDEX.jsonl

INDEX.jsonl: one object per line with "text", the path of a text file beside it. datatrove comes with the extra `oracle`; its
figures are left out without it.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tasks.quality.signals.c4 import measure_c4
from tasks.quality.signals.fineweb import measure_fineweb
from tasks.quality.signals.gopher import (
    measure_gopher_lines,
    measure_gopher_phrases,
    measure_gopher_quality,
    measure_stop_words,
)
from tasks.quality.signals.language import measure_language
from tasks.quality.signals.length import measure_length
from tasks.quality.signals.symbols import measure_symbols
from tasks.quality.text_view import TextView, view_text

GROUPS: dict[str, Callable[[TextView], object]] = {
    "length": measure_length,
    "gopher_quality": measure_gopher_quality,
    "fineweb": measure_fineweb,
    "gopher_lines": measure_gopher_lines,
    "stop_words": measure_stop_words,
    "c4": measure_c4,
    "symbols": measure_symbols,
    "gopher_phrases": measure_gopher_phrases,
    "language": measure_language,
}


def measure(texts: Sequence[str]) -> dict[str, float]:
    """MB of UTF-8 per second of CPU time: the cutting, each group on cut views, all of it, and datatrove's."""
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    measure_language(view_text("A sentence that loads the model of the languages."))
    measure_gopher_phrases(view_text("word " * 200))
    figures: dict[str, float] = {}
    views: list[TextView] = []

    def cut() -> None:
        views.extend(view_text(text) for text in texts)
        for view in views:
            _ = view.unspaced_share

    seconds = {"view": _seconds(cut)}
    for name, group in GROUPS.items():
        seconds[name] = _seconds(lambda group=group: [group(view) for view in views])  # type: ignore[misc]
    for name, value in seconds.items():
        figures[f"{name}_mb_per_second"] = megabytes / max(value, 1e-9)
    figures["all_groups_mb_per_second"] = megabytes / sum(seconds.values())
    peer = _datatrove_seconds(texts)
    if peer is not None:
        figures["datatrove_mb_per_second"] = megabytes / peer
        figures["ratio_to_datatrove"] = peer / sum(seconds.values())
    return figures


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


def main() -> None:
    """Print the figures of the texts of an index."""
    index = Path(sys.argv[1])
    rows = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
    texts = [(index.parent / row["text"]).read_text(encoding="utf-8", errors="replace") for row in rows]
    for name, value in measure(texts).items():
        print(f"{name:32} {value:10.2f}")


if __name__ == "__main__":
    main()
