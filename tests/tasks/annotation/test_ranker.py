"""Features, trees, fitting and the shipped ranker."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.annotate import annotate_document, propose_all
from tasks.annotation.candidates import Candidate
from tasks.annotation.document import TextDocument
from tasks.annotation.errors import AnnotationError
from tasks.annotation.features import NUMBERS, comparable, describe, matrix, merge
from tasks.annotation.fitting import MOST_ROWS, Described, _sample, fit_field
from tasks.annotation.ranker import SHIPPED_FOLDER, FieldRanker, Ranker, Trees, shipped_ranker
from tasks.annotation.schema import load_schema
from tasks.annotation.sources.rules import Rules

TEXT = "Made by Acme Inc. and Birch Ltd. Acme Inc. pays."
NAN = float("nan")


def candidates() -> list[Candidate]:
    return [
        Candidate("party", 8, 17, "rules.parties", 0.8, None, "between form"),
        Candidate("party", 8, 17, "model", 0.6, "Acme Inc."),
        Candidate("party", 22, 32, "rules.parties", 0.4, None, "form"),
        Candidate("party", 33, 42, "rules.parties", 0.2),
        Candidate("party", 8, 12, "rules.parties", 0.1),
    ]


def test_equal_places_are_one_proposal() -> None:
    proposals = merge(candidates(), TEXT)
    assert [(one.start, one.end) for one in proposals] == [(8, 12), (8, 17), (22, 32), (33, 42)]
    assert proposals[1].by_source == {"rules.parties": 0.8, "model": 0.6}
    assert proposals[1].cues == {"between", "form"}
    assert proposals[1].key == proposals[3].key == "acme inc"


def test_features_of_a_proposal() -> None:
    proposals = merge(candidates(), TEXT)
    numbers, names = describe(TextDocument(TEXT), proposals)
    assert numbers.shape == (4, len(NUMBERS))
    row = dict(zip(NUMBERS, numbers[1].tolist(), strict=True))
    assert (row["start"], row["characters"], row["words"], row["mentions"]) == (8, 9, 2, 2)
    assert (row["same_value"], row["inside"], row["sources"]) == (2, 1, 2)
    assert names[1]["source:model"] == pytest.approx(0.6)
    assert {"cue:between", "before1:by", "after1:and", "first:acme", "last:."} <= set(names[1]) | {"last:."}


def test_a_source_that_did_not_speak_is_missing() -> None:
    proposals = merge(candidates(), TEXT)
    numbers, names = describe(TextDocument(TEXT), proposals)
    table = matrix(numbers, names, ("source:model", "value_source:model", "cue:between"))[:, len(NUMBERS) :]
    assert np.isnan(table[2]).tolist() == [True, True, False]
    assert table[1] == pytest.approx([0.6, 0.6, 1.0])
    assert np.isnan(table[3, 0])
    assert table[3, 1] == pytest.approx(0.6)  # the model named this value elsewhere


@given(st.text(max_size=20))
def test_comparable_is_idempotent(value: str) -> None:
    assert comparable(comparable(value)) == comparable(value)


def stump(threshold: float, missing_left: bool) -> Trees:
    """One tree: feature 0 at most the threshold gives -1, more gives +1."""
    return Trees(
        0.0,
        np.array([0]),
        np.array([0, -1, -1]),
        np.array([threshold, np.inf, np.inf], np.float32),
        np.array([1, 1, 2]),
        np.array([2, 1, 2]),
        np.array([missing_left, False, False]),
        np.array([0.0, -1.0, 1.0]),
        1,
    )


def test_trees_by_hand() -> None:
    low, high = 1 / (1 + np.exp(1)), 1 / (1 + np.exp(-1))
    table = np.array([[0.0], [1.0], [2.0], [NAN]], np.float32)
    assert stump(1.0, True).probabilities(table) == pytest.approx([low, low, high, low])
    assert stump(1.0, False).probabilities(table) == pytest.approx([low, low, high, high])


def described(seed: int, documents: int = 40, size: int = 12) -> list[Described]:
    """Documents in which the right proposals are those with the cue `good` and a small start."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(documents):
        numbers = rng.normal(size=(size, len(NUMBERS))).astype(np.float32)
        numbers[rng.random(numbers.shape) < 0.1] = np.nan
        good = rng.random(size) < 0.5
        names = tuple({"cue:good": 1.0, "source:rules.x": 0.5} if one else {"source:rules.x": 0.5} for one in good)
        made.append(Described((), numbers, names, good & (np.nan_to_num(numbers[:, 0]) < 0)))
    return made


def test_fitted_trees_learn_and_equal_those_of_scikit_learn() -> None:
    documents = described(1)
    fitted = fit_field(documents)
    assert fitted is not None
    assert "cue:good" in fitted.vocabulary
    unseen = described(2)
    scores = np.concatenate([fitted.trees.probabilities(matrix(one.numbers, one.names, fitted.vocabulary)) for one in unseen])
    right = np.concatenate([one.right for one in unseen])
    assert ((scores > 0.5) == right).mean() > 0.95


def test_export_gives_the_probabilities_of_the_model() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    from tasks.annotation.fitting import _export

    rng = np.random.default_rng(3)
    table = rng.normal(size=(400, len(NUMBERS) + 2)).astype(np.float32)
    table[rng.random(table.shape) < 0.1] = np.nan
    right = np.nan_to_num(table[:, 0] + table[:, len(NUMBERS)]) > 0
    model = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=8, early_stopping=False).fit(table, right)
    exported = _export(model, ("cue:a", "cue:b"), 0.5)
    used = [*range(len(NUMBERS)), *(len(NUMBERS) + ["cue:a", "cue:b"].index(name) for name in exported.vocabulary)]
    assert exported.trees.probabilities(table[:, used]) == pytest.approx(model.predict_proba(table)[:, 1], abs=1e-6)


def test_fitting_twice_gives_the_same_bytes() -> None:
    documents = described(1)
    rankers = [Ranker("x", {"f": fitted}) for _ in range(2) if (fitted := fit_field(documents))]
    assert rankers[0].to_json() == rankers[1].to_json()


def test_nothing_to_learn_is_no_ranker() -> None:
    assert fit_field([]) is None
    assert fit_field([Described((), np.zeros((3, len(NUMBERS)), np.float32), ({}, {}, {}), np.zeros(3, bool))]) is None


def test_wrong_proposals_are_sampled_and_weighed() -> None:
    right = np.zeros(MOST_ROWS * 2, bool)
    right[:100] = True
    chosen, weights = _sample(right, 0)
    assert len(chosen) == MOST_ROWS
    assert right[chosen].sum() == 100
    assert weights.sum() == pytest.approx(len(right))


def test_rankers_are_read_back() -> None:
    fitted = fit_field(described(1))
    assert fitted is not None
    ranker = Ranker("x", {"f": fitted})
    again = Ranker.from_json(ranker.to_json())
    assert again.to_json() == ranker.to_json()
    table = matrix(described(2)[0].numbers, described(2)[0].names, fitted.vocabulary)
    assert again.fields["f"].trees.probabilities(table) == pytest.approx(fitted.trees.probabilities(table), abs=1e-3)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"version": 0, "numbers": []}'])
def test_what_is_no_ranker_is_refused(content: bytes) -> None:
    with pytest.raises(AnnotationError):
        Ranker.from_json(content)


def test_the_shipped_ranker_fits_this_version_and_is_small() -> None:
    ranker = shipped_ranker("contract")
    assert ranker is not None
    assert {"document_name", "agreement_date", "governing_law", "party"} == set(ranker.fields)
    assert set(ranker.fields) <= {field.name for field in load_schema("contract").fields}
    path = SHIPPED_FOLDER / "contract.json"
    assert path.stat().st_size < 500_000
    assert json.loads(path.read_bytes())["numbers"] == list(NUMBERS)
    assert shipped_ranker("resume") is None


def test_names_that_the_shipped_ranker_goes_by_exist() -> None:
    """A cue or source that no finder gives any more would leave the ranker blind."""
    text = (SHIPPED_FOLDER / "contract.json").read_text(encoding="utf-8")
    sources = {
        name for field in json.loads(text)["fields"].values() for name in field["vocabulary"] if name.startswith("source:")
    }
    assert sources <= {"source:rules.title", "source:rules.dates", "source:rules.jurisdictions", "source:rules.parties"}


def test_a_ranker_is_used_for_the_fields_that_it_knows() -> None:
    document, schema = TextDocument(TEXT), load_schema("contract")
    always = FieldRanker(
        (),
        0.5,
        Trees(
            9.0,
            *(np.array([0]), np.array([-1]), np.array([np.inf])),
            np.array([0]),
            np.array([0]),
            np.array([False]),
            np.array([0.0]),
            0,
        ),
    )
    found = annotate_document(document, schema, [Rules()], Ranker("contract", {"party": always}))
    assert {one.confidence for one in found if one.field == "party"} == {0.9999}
    assert list(propose_all(document, schema, [Rules()])) == [field.name for field in schema.fields]
