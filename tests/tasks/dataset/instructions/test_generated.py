"""Questions that a model wrote become drafts with their whole passage, answered with what stands there; else they are refused."""

from typing import Any

import pytest

from tasks.dataset.errors import ContractError
from tasks.dataset.instructions import generated
from tasks.dataset.instructions.grounding import check_grounded
from tasks.dataset.instructions.material import Material, read_material

TEXT = "Before.\n\nThe rent of [EMAIL] is EUR 1,200 a month, paid in advance.\n\nBehind."
PASSAGE = (TEXT.index("The rent"), TEXT.index("\n\nBehind"))


def material(question: str, answer: str, shift: int = 0, passage: tuple[int, int] = PASSAGE) -> Material:
    start = TEXT.index(answer) + shift
    place = {"start": start, "end": start + len(answer), "passage_start": passage[0], "passage_end": passage[1]}
    row: dict[str, Any] = {"annotations": [], "ungrounded": [], "failures": []}
    return read_material(TEXT, row | {"questions": [{"question": question, "answer": answer, **place}]}, ())


def test_a_question_keeps_its_whole_passage() -> None:
    found = material("How much is the rent?", "EUR 1,200")
    (draft,) = generated.make(found, 0)
    assert (draft.kind, draft.answer, draft.passage, draft.kept) == ("generated", "EUR 1,200", PASSAGE, PASSAGE)
    asked = draft.question(TEXT)
    assert TEXT[slice(*PASSAGE)] in asked
    assert asked.replace(TEXT[slice(*PASSAGE)], "").strip() == "How much is the rent?"
    check_grounded(draft, found)
    assert {draft.before == "" for seed in range(20) for draft in generated.make(found, seed)} == {True, False}


@pytest.mark.parametrize(
    ("question", "answer"),
    [("Whose rent is it?", "[EMAIL]"), ("How is [EMAIL] paid?", "advance"), ("Is it paid in  Advance?", "in advance")],
)
def test_no_masked_value_and_no_answer_in_its_question(question: str, answer: str) -> None:
    assert list(generated.make(material(question, answer), 0)) == []


def test_an_answer_that_does_not_stand_there_stops_the_stage() -> None:
    with pytest.raises(ContractError, match="not what stands there"):
        material("How much is the rent?", "EUR 1,200", shift=1)
    with pytest.raises(ContractError, match="outside its passage"):
        material("How much is the rent?", "EUR 1,200", passage=(0, 9))
