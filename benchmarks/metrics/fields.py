"""Field F1: values that were found against values that stand in the truth, with intervals by bootstrap over documents."""

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

BOOTSTRAP_ROUNDS = 2000
SEED = 20250101
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’„«»–—·•…")


@dataclass(frozen=True)
class Truth:
    """What is right for a field of a document. values: each a set of normalized spellings of which any one is right. neutral:
    normalized spellings that are neither rewarded nor punished."""

    values: tuple[frozenset[str], ...] = ()
    neutral: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Counts:
    """True positives, false positives and false negatives."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


def normalize(value: str) -> str:
    """Lowercase, without punctuation, white space collapsed."""
    return " ".join(value.lower().translate(_NO_PUNCTUATION).split())


def count(found: Iterable[str], truth: Truth) -> Counts:
    """Counts of one field of one document. Values that are equal after normalization count once; each value of the truth can be
    met once, and a second spelling of it is neither right nor wrong."""
    distinct = dict.fromkeys(normalize(value) for value in found)
    met: set[int] = set()
    wrong = 0
    for value in distinct:
        places = [at for at, spellings in enumerate(truth.values) if value in spellings]
        met.update(places)
        wrong += not places and value not in truth.neutral
    return Counts(len(met), wrong, len(truth.values) - len(met))


def f1(counts: Counts) -> float:
    """Harmonic mean of precision and recall; 0 without anything right."""
    return 2 * counts.right / max(2 * counts.right + counts.wrong + counts.missed, 1)


def micro_f1(documents: Sequence[Mapping[str, Counts]], fields: Iterable[str] | None = None) -> float:
    """F1 over all (or the named) fields of all documents together."""
    chosen = set(fields) if fields is not None else None
    total = Counts()
    for document in documents:
        for name, counts in document.items():
            if chosen is None or name in chosen:
                total += counts
    return f1(total)


def interval(
    documents: Sequence[Mapping[str, Counts]], baseline: Sequence[Mapping[str, Counts]] | None = None
) -> tuple[float, float]:
    """95 % interval of the micro F1, or of its gain over a baseline on the same documents, by percentile bootstrap over
    documents (Efron & Tibshirani 1993, chapter 13)."""
    draws = np.random.default_rng(SEED).integers(0, len(documents), (BOOTSTRAP_ROUNDS, len(documents)))
    scores = _resampled_f1(documents, draws)
    if baseline is not None:
        scores = scores - _resampled_f1(baseline, draws)
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def _resampled_f1(documents: Sequence[Mapping[str, Counts]], draws: np.ndarray) -> np.ndarray:
    table = np.array(
        [[sum(getattr(counts, kind) for counts in document.values()) for kind in ("right", "wrong", "missed")] for document in documents]
    )
    right, wrong, missed = table[draws].sum(axis=1).T
    scores: np.ndarray = 2 * right / np.maximum(2 * right + wrong + missed, 1)
    return scores
