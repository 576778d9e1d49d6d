"""The head of the second stage: learns what the first score does not know, and next to nothing from noise."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.quality.second.head import (
    HEAD_FILE,
    SPREADS,
    EmbeddingHead,
    Examples,
    fit,
    load_head,
    predict_folds,
    save_head,
)
from tasks.storage.root import write_bytes

HEAD = EmbeddingHead(model="a" * 64, model_name="tiny", score_version=1, weights=(1.0, -2.0), intercept=0.5, least=-1.0, most=2.0)


def examples(signal: float, dimensions: int = 40, texts: int = 200) -> Examples:
    """Texts whose verdict depends on one direction of the embeddings, of this strength, and on the first score."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(texts, dimensions)) * 3 + 7
    odds = random.normal(size=texts)
    likely = 1 / (1 + np.exp(-(odds + signal * (vectors[:, 3] - 7))))
    return Examples(vectors, odds, random.random(texts) < likely, np.arange(texts) % 5)


def loss(rows: Examples, added: Any) -> float:
    odds = rows.odds + added
    return float(np.mean(np.logaddexp(0, odds) - rows.truth * odds))


def test_a_direction_that_tells_is_found() -> None:
    rows = examples(signal=1.0)
    weights, intercept, spread = fit(rows)
    assert np.argmax(np.abs(weights)) == 3
    assert weights[3] > 0
    assert loss(rows, predict_folds(rows, spread)) < loss(rows, 0) - 0.1
    assert abs((rows.vectors @ weights + intercept).mean()) < 1  # in raw units, the mean of the vectors taken care of


def test_noise_moves_next_to_nothing() -> None:
    rows = examples(signal=0.0)
    weights, intercept, spread = fit(rows)
    assert spread == min(SPREADS)
    assert np.abs(rows.vectors @ weights + intercept).max() < 0.7


def test_more_dimensions_than_texts_are_reduced() -> None:
    weights, _, _ = fit(examples(signal=1.0, dimensions=300, texts=60))
    assert weights.shape == (300,)
    assert np.isfinite(weights).all()


def test_a_dimension_that_never_changes_counts_nothing() -> None:
    rows = examples(signal=1.0)
    rows.vectors[:, 0] = 5.0
    weights, _, _ = fit(rows)
    assert abs(weights[0]) < 1e-12


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2))
def test_what_is_added_is_bounded_by_what_was_seen(vector: list[float]) -> None:
    assert HEAD.least <= HEAD.log_odds(vector) <= HEAD.most


def test_what_is_added_is_linear_within_the_bounds() -> None:
    assert HEAD.log_odds([0.5, 0.25]) == 0.5
    with pytest.raises(ValueError, match="shorter"):
        HEAD.log_odds([0.5])


def test_a_head_is_kept_below_the_data_root() -> None:
    assert load_head() is None
    save_head(HEAD)
    assert load_head() == HEAD
    write_bytes(HEAD_FILE, b'{"model": "x"}')
    with pytest.raises(ValueError, match="--learn-head"):
        load_head()


def test_its_digest_is_of_what_it_computes() -> None:
    assert HEAD.model_copy(update={"model_name": "other", "fitted_on": {"texts": 3}}).digest() == HEAD.digest()
    assert HEAD.model_copy(update={"intercept": 0.6}).digest() != HEAD.digest()
