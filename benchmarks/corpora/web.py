"""The folder `web_pages`: HTML pages with segments that must be found and segments that must not. Metric: segment F1."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.metrics.segments import SegmentCounts, count_segments
from benchmarks.reading import Pass


def read_truth(folder: Path) -> tuple[list[Path], list[dict[str, Any]]]:
    """Paths and segments (`with`, `without`), in the order of the index."""
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    return [folder / row["document"] for row in rows], rows


def figures_of(found: Pass, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Segment F1 over all pages, and pages per second of one process."""
    counts = SegmentCounts()
    for file, row in zip(found.files, rows, strict=True):
        counts += count_segments(file.text, row["with"], row["without"])
    return {
        "web_segment_f1": round(counts.f1, 4),
        "web_pages_per_second": round(len(rows) / sum(file.seconds for file in found.files), 1),
    }
