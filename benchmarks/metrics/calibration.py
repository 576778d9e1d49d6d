"""How well probabilities rank and how far they can be believed: AUC, average precision, Brier score, reliability."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tasks.reporting.charts import WIDTH


@dataclass(frozen=True)
class Bin:
    """Documents with similar probabilities. predicted: their mean. observed: share that people called natural."""

    count: int
    predicted: float
    observed: float


def auc(truth: Any, scores: Any) -> float:
    """Probability that a positive scores above a negative, ties counting half (Mann-Whitney). NaN with one class only."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positives = int(truth.sum())
    pairs = positives * (len(truth) - positives)
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / pairs) if pairs else float("nan")


def average_precision(truth: Any, scores: Any) -> float:
    """Mean precision at each distinct score, weighted by the recall gained there. NaN without a positive."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    last = np.r_[np.flatnonzero(np.diff(scores[order])), len(scores) - 1]
    gained = np.diff(np.r_[0, hits[last]])
    return float(np.sum(gained * hits[last] / (last + 1)) / hits[-1]) if hits[-1] else float("nan")


def brier(truth: Any, probabilities: Any) -> float:
    """Mean squared error of the probabilities (Brier 1950)."""
    return float(np.mean((truth - probabilities) ** 2))


def reliability(truth: Any, probabilities: Any, bins: int = 10) -> list[Bin]:
    """Bins with equally many documents, from the lowest probability on."""
    order = np.argsort(probabilities, kind="stable")
    return [
        Bin(len(part), float(probabilities[part].mean()), float(truth[part].mean()))
        for part in np.array_split(order, bins)
        if len(part)
    ]


def interval(metric: Callable[[Any, Any], float], truth: Any, scores: Any, rounds: int = 1000) -> tuple[float, float]:
    """95 % interval by bootstrap over documents (percentiles)."""
    draws = np.random.default_rng(0).integers(0, len(truth), (rounds, len(truth)))
    low, high = np.nanpercentile([metric(truth[draw], scores[draw]) for draw in draws], [2.5, 97.5])
    return float(low), float(high)


def draw_reliability(bins: list[Bin]) -> str:
    """A reliability plot as SVG: predicted against observed share of natural documents, beside the diagonal."""
    size, left, bottom = 320, 60, 350
    dots = "".join(
        f'<circle cx="{left + size * each.predicted:.1f}" cy="{bottom - size * each.observed:.1f}" r="4" fill="#2f6f4f">'
        f"<title>{each.count} documents: predicted {each.predicted:.2f}, observed {each.observed:.2f}</title></circle>"
        for each in bins
    )
    ticks = "".join(
        f'<text x="{left + size * at:.0f}" y="{bottom + 18}" text-anchor="middle">{at:.1f}</text>'
        f'<text x="{left - 8}" y="{bottom - size * at + 4:.0f}" text-anchor="end">{at:.1f}</text>'
        for at in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 400" role="img" font-family="sans-serif" font-size="12">'
        "<title>Reliability of the quality score: share of natural documents, observed against predicted</title>"
        f'<rect x="{left}" y="{bottom - size}" width="{size}" height="{size}" fill="none" stroke="#999"/>'
        f'<line x1="{left}" y1="{bottom}" x2="{left + size}" y2="{bottom - size}" stroke="#999" stroke-dasharray="4"/>'
        f'{ticks}{dots}<text x="{left + size / 2}" y="{bottom + 40}" text-anchor="middle">predicted share natural</text>'
        f'<text x="{left + size + 20}" y="{bottom - size + 14}">observed share, upwards; bins of equal size</text></svg>\n'
    )
