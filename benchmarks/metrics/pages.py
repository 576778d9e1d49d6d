"""Page overall: the mean of reading order, tables and headings, of those that the truth of a page has."""

from dataclasses import dataclass
from statistics import fmean

from benchmarks.metrics.headings import measure_mhs
from benchmarks.metrics.reading_order import measure_nid
from benchmarks.metrics.tables import measure_teds


@dataclass(frozen=True)
class PageScores:
    """The structure metrics of one page, each in [0, 1] and None where it does not apply."""

    nid: float | None
    teds: float | None
    mhs: float | None

    @property
    def overall(self) -> float | None:
        """The mean of those that apply."""
        applicable = [score for score in (self.nid, self.teds, self.mhs) if score is not None]
        return fmean(applicable) if applicable else None


def measure_page(found: str, truth: str) -> PageScores:
    """All metrics of a page, of Markdown against Markdown."""
    return PageScores(measure_nid(found, truth), measure_teds(found, truth), measure_mhs(found, truth))
