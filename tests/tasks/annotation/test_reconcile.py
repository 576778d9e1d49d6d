import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.annotate import annotate_document
from tasks.annotation.candidates import Candidate
from tasks.annotation.document import TextDocument
from tasks.annotation.features import Proposal, merge
from tasks.annotation.reconcile import reconcile
from tasks.annotation.schema import AnnotationSchema, FieldSpec

TEXT = "The Acme Group Inc. and Birch Ltd met; Acme Group Inc. paid Birch Ltd on 1 May 2020."
ONE = FieldSpec(name="f", description="d")
MANY = FieldSpec(name="f", description="d", cardinality="many")
PARTIES = FieldSpec(name="f", description="d", type="party", cardinality="many")


def proposals(*found: tuple[str, float]) -> list[Proposal]:
    """The first place of each text, or the second of one that ends in `+`."""
    candidates = []
    for text, confidence in found:
        plain = text.rstrip("+")
        start = TEXT.index(plain) if plain == text else TEXT.rindex(plain)
        candidates.append(Candidate("f", start, start + len(plain), "s", confidence))
    return merge(candidates, TEXT)


def values(field: FieldSpec, *found: tuple[str, float], threshold: float | None = None) -> list[str]:
    made = proposals(*found)
    scores = None if threshold is None else [one.confidence for one in made]
    return [TEXT[one.start : one.end] for one in reconcile(field, made, scores, threshold)]


def test_of_one_value_the_likeliest_is_taken() -> None:
    assert values(ONE, ("Birch Ltd", 0.6), ("1 May 2020", 0.7)) == ["1 May 2020"]


def test_many_values_come_in_the_order_of_the_text() -> None:
    assert values(MANY, ("1 May 2020", 0.9), ("Birch Ltd", 0.6)) == ["Birch Ltd", "1 May 2020"]


def test_nothing_below_the_threshold_counts() -> None:
    assert values(MANY, ("1 May 2020", 0.9), ("Birch Ltd", 0.6), threshold=0.7) == ["1 May 2020"]
    assert values(ONE, ("Birch Ltd", 0.2)) == []


def test_equal_values_agree_and_the_likeliest_place_is_annotated() -> None:
    found = reconcile(MANY, proposals(("Birch Ltd", 0.6), ("Birch Ltd+", 0.8)))
    assert [(one.start, one.confidence) for one in found] == [(TEXT.rindex("Birch Ltd"), 0.8)]


def test_places_that_overlap_a_surer_one_are_passed_over() -> None:
    assert values(MANY, ("Acme Group Inc.", 0.9), ("Group Inc. and Birch Ltd", 0.8)) == ["Acme Group Inc."]


def test_a_name_within_another_is_the_same_party_but_no_reason_for_other_types() -> None:
    assert values(PARTIES, ("The Acme Group Inc.", 0.9), ("Acme Group Inc.+", 0.8)) == ["The Acme Group Inc."]
    assert values(MANY, ("The Acme Group Inc.", 0.9), ("Acme Group Inc.+", 0.8)) == ["The Acme Group Inc.", "Acme Group Inc."]


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(1, 14), st.floats(0, 1)), max_size=12))
def test_annotations_never_overlap_and_are_sure_enough(places: list[tuple[int, int, float]]) -> None:
    made = merge([Candidate("f", start, start + length, "s", round(sure, 3)) for start, length, sure in places], TEXT)
    found = reconcile(MANY, made)
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))
    assert all(one.confidence >= 0.5 for one in found)
    assert len(reconcile(ONE, made)) <= 1


class Said:
    """A source that says what it was told."""

    name = "said"

    def __init__(self, *candidates: Candidate) -> None:
        self.candidates = candidates

    def propose(self, document: TextDocument, schema: AnnotationSchema) -> tuple[Candidate, ...]:
        return self.candidates


def test_sources_are_named_and_values_normalized() -> None:
    schema = AnnotationSchema(name="s", description="d", fields=(FieldSpec(name="day", description="d", type="date"),))
    start = TEXT.index("1 May")
    first, second = (Candidate("day", start, start + 10, source, 0.9) for source in ("b", "a"))
    (found,) = annotate_document(TextDocument(TEXT), schema, [Said(first), Said(second)])
    assert (found.sources, found.value) == (("a", "b"), "2020-05-01")
    assert TEXT[found.start : found.end] == "1 May 2020"


def test_a_source_without_anything_is_fine() -> None:
    schema = AnnotationSchema(name="s", description="d", fields=(ONE,))
    assert annotate_document(TextDocument(""), schema, [Said()]) == []
    assert annotate_document(TextDocument(TEXT), schema, []) == []


def test_a_field_that_the_schema_has_not_is_an_error_of_the_source() -> None:
    schema = AnnotationSchema(name="s", description="d", fields=(ONE,))
    with pytest.raises(KeyError):
        annotate_document(TextDocument(TEXT), schema, [Said(Candidate("other", 0, 3, "s", 1.0))])
