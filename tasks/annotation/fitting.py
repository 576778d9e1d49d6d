"""Fitting a ranker on labelled documents: gradient-boosted trees of scikit-learn, exported to the ranker's own form."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tasks.annotation.features import NUMBERS, Proposal, matrix
from tasks.annotation.ranker import FieldRanker, Trees

MOST_WORDS = 150  # named features of a field
MOST_ROWS = 14_000  # proposals to fit on; of the wrong ones more are left out by chance, and those that stay weigh more
LEAST_DOCUMENTS = 4  # in which a named feature must occur
TREES, LEAVES, LEARNING_RATE, LEAST_IN_LEAF, L2 = 120, 12, 0.08, 12, 1.0


@dataclass(frozen=True)
class Described:
    """The proposals of one field of one document as numbers and named features. right: which of them are the field's value. met:
    for each of them, which labels it meets. labels: how many there are."""

    proposals: tuple[Proposal, ...]
    numbers: np.ndarray
    names: tuple[Mapping[str, float], ...]
    right: np.ndarray
    met: tuple[tuple[int, ...], ...] = ()
    labels: int = 0


def choose_vocabulary(documents: Sequence[Described]) -> tuple[str, ...]:
    """Sources and cues, and the words that tell most: by |difference| of their shares among right and wrong proposals in units of
    its standard error, among those of at least LEAST_DOCUMENTS documents."""
    in_documents: Counter[str] = Counter()
    seen, right = Counter[str](), Counter[str]()
    for document in documents:
        in_documents.update({name for names in document.names for name in names})
        for names, is_right in zip(document.names, document.right, strict=True):
            seen.update(names.keys())
            if is_right:
                right.update(names.keys())
    total, total_right = (
        sum(len(document.names) for document in documents),
        int(sum(document.right.sum() for document in documents)),
    )
    always = sorted(name for name in seen if name.startswith(("source:", "value_source:", "cue:", "value_cue:")))
    words = [
        name
        for name, count in in_documents.items()
        if count >= LEAST_DOCUMENTS and not name.startswith(("source:", "value_source:", "cue:", "value_cue:"))
    ]
    base = total_right / max(total, 1)
    spread = {name: abs(right[name] / seen[name] - base) * seen[name] ** 0.5 for name in words}
    chosen = sorted(words, key=lambda name: (-spread[name], name))[:MOST_WORDS]
    return (*always, *sorted(chosen))


def fit_field(documents: Sequence[Described], threshold: float = 0.5, seed: int = 0) -> FieldRanker | None:
    """A ranker of one field; None when the proposals are all right or all wrong, so that there is nothing to learn."""
    right = np.concatenate([document.right for document in documents]) if documents else np.zeros(0, bool)
    if not 0 < right.sum() < len(right):
        return None
    vocabulary = choose_vocabulary(documents)
    table = np.concatenate([matrix(document.numbers, document.names, vocabulary) for document in documents])
    table[:, np.isnan(table).all(axis=0)] = 0.0  # scikit-learn cannot bin a column without a number
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST_IN_LEAF,
        l2_regularization=L2,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )
    chosen, weights = _sample(right, seed)
    with threadpool_limits(1, user_api="openmp"):  # threads that wait for each other cost more than they gain on a shared machine
        model.fit(table[chosen], right[chosen], sample_weight=weights)
    return _export(model, vocabulary, threshold)


def _sample(right: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to fit on and their weights: all right ones, and of the wrong ones as many as MOST_ROWS leaves room for."""
    wrong = np.flatnonzero(~right)
    room = max(MOST_ROWS - int(right.sum()), 1)
    kept = np.random.default_rng(seed).choice(wrong, room, replace=False) if len(wrong) > room else wrong
    chosen = np.sort(np.concatenate([np.flatnonzero(right), kept]))
    return chosen, np.where(right[chosen], 1.0, len(wrong) / max(len(kept), 1))


def _export(model: Any, vocabulary: tuple[str, ...], threshold: float) -> FieldRanker:
    """Only the named features that the trees use are kept."""
    nodes = [predictors[0].nodes for predictors in model._predictors]
    used = sorted(
        {int(number) for tree in nodes for number in tree["feature_idx"][tree["is_leaf"] == 0] if number >= len(NUMBERS)}
    )
    place = {number: len(NUMBERS) + at for at, number in enumerate(used)} | {number: number for number in range(len(NUMBERS))}
    roots = np.cumsum([0, *(len(tree) for tree in nodes[:-1])])
    every = np.concatenate(nodes)
    shift = np.repeat(roots, [len(tree) for tree in nodes])
    leaf = every["is_leaf"].astype(bool)
    own = np.arange(len(every))
    trees = Trees(
        float(model._baseline_prediction.ravel()[0]),
        roots.astype(np.int32),
        np.array([-1 if end else place[int(number)] for number, end in zip(every["feature_idx"], leaf, strict=True)], np.int32),
        np.where(leaf, np.inf, every["num_threshold"]).astype(np.float32),
        np.where(leaf, own, every["left"] + shift).astype(np.int32),
        np.where(leaf, own, every["right"] + shift).astype(np.int32),
        every["missing_go_to_left"].astype(bool),
        np.where(leaf, every["value"], 0.0),
        int(max(tree["depth"].max() for tree in nodes)),
    )
    return FieldRanker(tuple(vocabulary[number - len(NUMBERS)] for number in used), threshold, trees)
