"""The rule by which a new adapter takes the place of the current one."""

import pytest

from tasks.finetuning.examination import Examination, Examinations
from tasks.finetuning.promotion import BASE, Promotion, decide_beside_current, decide_promotion
from tests.tasks.finetuning.stored_adapters import BASE_LOSSES, examination


def decide(candidate: Examination, rival: Examination | None = None, split: str = "test", name: str = BASE) -> Promotion:
    base = examination(BASE_LOSSES, right=[1] * len(candidate.answers))
    return decide_promotion(split, candidate, rival or base, base, rival_name=name, margin=0.2)


def test_a_gain_on_every_document_is_promoted_and_says_over_whom() -> None:
    found = decide(examination([5.0, 4.0, 6.0, 5.5]))
    assert found.promoted
    assert (found.rival, found.documents) == (BASE, 4)
    assert found.gain is not None
    assert found.gain.value == 1.0
    assert "beside the base model on 4 documents" in found.why
    rival = examination([5.5, 4.5, 6.5, 6.0])
    assert "beside the current adapter 01234567 on" in decide(examination([5.0, 4.0, 6.0, 5.5]), rival, name="0123456789ab").why


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        ([7.0, 6.0, 8.0, 7.5], "it is worse: -1.0000"),
        ([5.0, 6.0, 6.0, 7.5], "may be chance"),  # two documents gain what two others lose
        ([6.0, 5.0, 7.0, 6.5], "may be chance"),  # an adapter that changes nothing
    ],
)
def test_no_gain_beyond_chance_is_not_promoted(losses: list[float], words: str) -> None:
    found = decide(examination(losses))
    assert not found.promoted
    assert words in found.why


def test_the_rival_is_what_counts_not_the_base() -> None:
    better_than_base = examination([5.9, 4.9, 6.9, 6.4])
    assert decide(better_than_base).promoted
    assert not decide(better_than_base, examination([5.0, 4.0, 6.0, 5.5]), name="abc").promoted


def test_forgetting_beyond_the_margin_is_not_promoted() -> None:
    assert decide(examination([5.0, 4.0, 6.0, 5.5], general=6.1)).promoted
    found = decide(examination([5.0, 4.0, 6.0, 5.5], general=6.3))
    assert not found.promoted
    assert "+0.3000" in found.why
    assert "more than 0.2" in found.why


def test_worse_answers_are_not_promoted() -> None:
    assert decide(examination([5.0, 4.0, 6.0, 5.5], right=[1, 1, 2])).promoted
    found = decide(examination([5.0, 4.0, 6.0, 5.5], right=[0, 0, 0]))
    assert not found.promoted
    assert "field F1 -0.3333" in found.why


def test_without_documents_held_out_nothing_is_shown() -> None:
    assert "no document is held out" in decide(examination([5.0, 4.0, 6.0, 5.5]), split="train").why
    rows = examination([5.0, 4.0, 6.0, 5.5], documents=1)
    found = decide(rows, examination(BASE_LOSSES, documents=1))
    assert not found.promoted
    assert "only one document" in found.why


def beside_current(seen: set[str] | None, rival: Examination) -> Promotion:
    own = Examinations(split="test", before=examination(BASE_LOSSES), after=examination([5.0, 4.0, 6.0, 5.5]))
    return decide_beside_current(own, lambda: rival, current="0123456789ab", seen=seen, margin=0.2)


def test_documents_that_the_current_adapter_was_trained_on_do_not_count() -> None:
    rival = examination([1.0, 4.5, 6.5, 6.0])  # knows the first document by heart
    assert not beside_current(set(), rival).promoted
    found = beside_current({"d0"}, rival)
    assert found.promoted
    assert (found.documents, found.rival) == (3, "0123456789ab")
    assert found.why.endswith("the current adapter 01234567 was trained on 1 of 4 documents held out, which are left out")


def test_with_hardly_a_document_left_the_base_is_the_rival() -> None:
    found = beside_current({"d0", "d1", "d2"}, examination([1.0, 1.0, 1.0, 6.0]))
    assert (found.promoted, found.rival, found.documents) == (True, BASE, 4)
    assert "was trained on 3 of 4 documents held out, so the rival is the base model" in found.why


def test_that_a_dataset_is_gone_is_said() -> None:
    found = beside_current(None, examination([5.5, 4.5, 6.5, 6.0]))
    assert found.promoted
    assert "the dataset of the current adapter is gone" in found.why
    assert ";" not in beside_current(set(), examination([5.5, 4.5, 6.5, 6.0])).why
