"""The labelled texts, as the loader gives them."""

from collections import Counter

from benchmarks.corpora.privacy import load_labels
from benchmarks.quality_privacy import measure
from tasks.privacy.finding import KINDS


def test_every_kind_is_labelled_in_both_halves() -> None:
    labels = load_labels()
    for subset in ("before", "after"):
        counts = Counter(kind for label in labels if label.subset == subset for kind, _, _ in label.spans)
        assert set(counts) == set(KINDS)
    assert all(0 <= start < end <= len(label.text) for label in labels for _, start, end in label.spans)
    assert not any(mark in label.text for label in labels for mark in "⟦⟧¦")
    assert sum(not label.spans for label in labels) > 60  # texts in which nothing must be found


def test_finders_hold_their_figures() -> None:
    figures = measure()
    assert figures["pii_precision"] >= 0.98
    assert figures["pii_recall"] >= 0.98
