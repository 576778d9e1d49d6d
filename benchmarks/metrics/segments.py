"""Segment F1: was the main content of a page kept, and was the rest of the page dropped.

Source: the evaluation of trafilatura (tests/evaluate.py): a page has segments that must stand in the output and segments
that must not. White space is collapsed on both sides. Counts are added over all pages before F1 is taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class SegmentCounts:
    """Segments of one page or of many: wanted and found, wanted and missing, unwanted and found."""

    true_positives: int = 0
    false_negatives: int = 0
    false_positives: int = 0

    def __add__(self, other: "SegmentCounts") -> "SegmentCounts":
        return SegmentCounts(
            self.true_positives + other.true_positives,
            self.false_negatives + other.false_negatives,
            self.false_positives + other.false_positives,
        )

    @property
    def f1(self) -> float:
        """F1 over the segments; 0 when nothing was found."""
        total = 2 * self.true_positives + self.false_negatives + self.false_positives
        return 2 * self.true_positives / total if total else 0.0


def count_segments(output: str, wanted: Iterable[str], unwanted: Iterable[str]) -> SegmentCounts:
    """Compare the text found on one page with the page's segments."""
    text = _collapsed(output)
    found = [_collapsed(segment) in text for segment in wanted]
    return SegmentCounts(sum(found), len(found) - sum(found), sum(_collapsed(segment) in text for segment in unwanted))


def _collapsed(text: str) -> str:
    return " ".join(text.split())
