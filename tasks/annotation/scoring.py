"""Precision, recall and F1 over the fields of documents, with intervals by bootstrap over documents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

BOOTSTRAP_ROUNDS = 2000
SEED = 20250101


@dataclass(frozen=True)
class Counts:
    """Values that were found and are right, found and wrong, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of the found values that are right; 0 when nothing was found."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        """Share of the true values that were found; 0 when there are none."""
        return self.right / max(self.right + self.missed, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 0 without anything right."""
        return 2 * self.right / max(2 * self.right + self.wrong + self.missed, 1)


Scored = Sequence[Mapping[str, Counts]]  # documents: field -> counts


def total(documents: Scored, fields: Iterable[str] | None = None) -> Counts:
    """Counts of all (or the named) fields of all documents together."""
    chosen = set(fields) if fields is not None else None
    added = Counts()
    for document in documents:
        for name, counts in document.items():
            if chosen is None or name in chosen:
                added += counts
    return added


def interval(documents: Scored, baseline: Scored | None = None, fields: Iterable[str] | None = None) -> tuple[float, float]:
    """95 % interval of the micro F1, or of its gain over a baseline on the same documents, by percentile bootstrap over
    documents (Efron & Tibshirani 1993, chapter 13)."""
    chosen = list(fields) if fields is not None else None
    draws = np.random.default_rng(SEED).integers(0, len(documents), (BOOTSTRAP_ROUNDS, len(documents)))
    scores = _resampled_f1(documents, draws, chosen)
    if baseline is not None:
        scores = scores - _resampled_f1(baseline, draws, chosen)
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def _resampled_f1(documents: Scored, draws: np.ndarray, fields: list[str] | None) -> np.ndarray:
    counts = [total([document], fields) for document in documents]
    table = np.array([(one.right, one.wrong, one.missed) for one in counts])
    right, wrong, missed = table[draws].sum(axis=1).T
    scores: np.ndarray = 2 * right / np.maximum(2 * right + wrong + missed, 1)
    return scores
