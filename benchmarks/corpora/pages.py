"""The folder `pdf_pages`: one-page PDFs with Markdown that people wrote. Metrics: reading order, tables, headings."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.metrics.pages import measure_page
from benchmarks.reading import Pass


def read_truth(folder: Path) -> tuple[list[Path], list[str]]:
    """Paths and true Markdown, in the order of the index."""
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    return [folder / row["document"] for row in rows], [(folder / row["markdown"]).read_text(encoding="utf-8") for row in rows]


def figures_of(found: Pass, truths: Sequence[str]) -> dict[str, float]:
    """Means over the pages to which a metric applies; `overall` is the mean of what applies, then over pages."""
    scores = [measure_page(file.text, truth) for file, truth in zip(found.files, truths, strict=True)]
    return {
        "pdf_pages_overall": _mean([score.overall for score in scores]),
        "pdf_pages_nid": _mean([score.nid for score in scores]),
        "pdf_pages_teds": _mean([score.teds for score in scores]),
        "pdf_pages_mhs": _mean([score.mhs for score in scores]),
        "pdf_pages_per_second": round(len(scores) / sum(file.seconds for file in found.files), 1),
    }


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4)
