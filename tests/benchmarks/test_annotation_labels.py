"""The labelled documents, as the loader gives them, and the figures that the rules hold on them."""

from collections import Counter

import pytest

from benchmarks.annotation_fields import f1, measure
from benchmarks.corpora.annotation import SETS, load_labels
from tasks.annotation.schema import load_schema


def test_every_schema_is_labelled_in_every_set_with_fields_that_it_has() -> None:
    labels = load_labels()
    kinds = Counter((label.subset, label.schema) for label in labels)
    assert set(kinds) == {(subset, schema) for subset in SETS for schema in ("invoice", "resume", "generic")}
    for label in labels:
        assert {field for field, _, _ in label.spans} <= {field.name for field in load_schema(label.schema).fields}
        assert all(0 <= start < end <= len(label.text) for _, start, end in label.spans)
        assert not any(mark in label.text for mark in "⟦⟧")


def test_fields_with_one_value_are_marked_with_one() -> None:
    for label in load_labels():
        for field in load_schema(label.schema).fields:
            marked = {label.text[start:end] for name, start, end in label.spans if name == field.name}
            assert field.cardinality == "many" or len(marked) <= 1, (label.text, marked)


def test_the_rules_hold_their_figures() -> None:
    figures = measure()
    assert figures["fields_grounding_exact"] == 1.0
    for schema in ("invoice", "resume", "generic"):
        assert min(figures[f"{schema}_f1_{subset}"] for subset in SETS) >= 0.93


@pytest.mark.parametrize(("count", "value"), [(Counter(right=1, wrong=1), 0.6667), (Counter(), 0.0), (Counter(right=2), 1.0)])
def test_f1(count: Counter[str], value: float) -> None:
    assert f1(count) == value
