"""What two examinations prove when they are laid beside each other."""

import math

import pytest

from tasks.finetuning.examination import Examination, NotComparable, exact_match, field_f1, perplexity, prove
from tasks.finetuning.intervals import Estimate
from tests.tasks.finetuning.stored_adapters import examination


def test_a_proof_states_before_after_and_the_paired_gain() -> None:
    proof = prove(examination([6.0, 2.0], 5.0, [1, 3]), examination([5.5, 1.5], 5.2, [3, 3]))
    assert (proof.documents, proof.answers) == (2, 2)
    assert (proof.loss_before.value, proof.loss_after.value) == (4.0, 3.5)
    # Documents are far apart, and yet the gain is sure: both lost the same.
    assert (proof.loss_before.low, proof.loss_before.high) == (2.0, 6.0)
    assert (proof.loss_gain.value, proof.loss_gain.low, proof.loss_gain.high) == (0.5, 0.5, 0.5)
    assert proof.general_change.value == pytest.approx(0.2)
    assert proof.exact_match_before is not None
    assert proof.exact_match_before.value == 0.5
    assert proof.field_f1_before is not None
    assert proof.field_f1_before.value == pytest.approx(4 / 6)
    assert proof.field_f1_gain is not None
    assert proof.field_f1_gain.value == pytest.approx(1 / 3)


def test_flat_numbers_hold_the_ends_of_intervals() -> None:
    numbers = prove(examination([6.0, 2.0]), examination([5.5, 1.5])).flat()
    assert numbers["loss_gain"] == numbers["loss_gain_low"] == numbers["loss_gain_high"] == 0.5
    assert numbers["measured_documents"] == 2
    assert numbers["measured_answers"] == 0
    assert "exact_match_before" not in numbers
    assert "loss_gain_low" not in prove(examination([6.0, 2.0], documents=1), examination([5.5, 1.5], documents=1)).flat()


def test_other_examples_cannot_be_compared() -> None:
    one = examination([6.0, 2.0], right=[1])
    for other in (
        examination([6.0]),
        examination([6.0, 2.0], right=[1, 0]),
        Examination(rows=one.rows, general=[], answers=one.answers),
    ):
        with pytest.raises(NotComparable):
            prove(one, other)


def test_without_answers_on_one_side_the_losses_are_compared() -> None:
    with_answers, without = examination([6.0, 2.0], right=[1]), examination([5.5, 1.5])
    for one, other in ((with_answers, without), (without, with_answers)):
        proof = prove(one, other)
        assert abs(proof.loss_gain.value) == 0.5
        assert (proof.answers, proof.field_f1_gain) == (0, None)


def test_no_values_at_all_count_as_nothing_right() -> None:
    answers = [each.model_copy(update={"given": 0, "expected": 0}) for each in examination([1.0], right=[0, 0]).answers]
    assert field_f1(answers).value == 0
    assert exact_match(answers).value == 0


def test_perplexity_keeps_the_interval_and_never_overflows() -> None:
    found = perplexity(Estimate(value=2.0, low=1.0, high=1e6))
    assert (found.value, found.low) == (pytest.approx(math.exp(2)), pytest.approx(math.e))
    assert found.high is not None
    assert math.isfinite(found.high)
    assert perplexity(Estimate(value=0.0)) == Estimate(value=1.0)
