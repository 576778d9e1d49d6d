"""The check that every example passes: nothing in an answer that does not stand in its source or was derived by a named rule."""

import json
from collections.abc import Iterator
from typing import Any

from tasks.dataset.errors import ContractError
from tasks.dataset.instructions.material import LIST_JOINT, Answer, Draft, Material
from tasks.dataset.instructions.phrases import ABSENT_ANSWERS
from tasks.dataset.instructions.survey import fold


def check_grounded(draft: Draft, material: Material) -> None:
    """Raises ContractError for a value of the answer that is neither what stands at its offsets nor a recorded derivation of
    it, for a span outside the source, for words of the answer that belong to no value, and for a field that is called absent
    and stands in the passage."""
    start, end = draft.source or draft.passage
    for answer in draft.answers:
        if not start <= answer.start < answer.end <= end:
            raise _violation(draft, f"the value {answer.text!r} at {answer.start} to {answer.end} is outside its source")
        if answer.derived_by is None:
            if material.text[answer.start : answer.end] != answer.text:
                raise _violation(draft, f"the value {answer.text!r} does not stand at {answer.start} to {answer.end}")
        elif not _derived(answer, material):
            raise _violation(draft, f"the value {answer.text!r} was not derived from {answer.start} to {answer.end}")
    if _values_said(draft) != [answer.text for answer in draft.answers]:
        raise _violation(draft, "the answer says something else than its values")
    passage = fold(material.text[draft.passage[0] : draft.passage[1]])
    for each in material.annotations:
        if each.field in draft.absent and fold(each.text) in passage:
            raise _violation(draft, f"the field {each.field} is called absent and {each.text!r} stands there")


def _derived(answer: Answer, material: Material) -> bool:
    """Whether the annotation at this place says that its normalizer made this value."""
    return any(
        (each.field, each.start, each.end, each.value) == (answer.field, answer.start, answer.end, answer.text)
        for each in material.annotations
    ) and any(field.name == answer.field and field.normalizer == answer.derived_by for field in material.fields)


def _values_said(draft: Draft) -> list[str]:
    """The values that the answer names, in order."""
    if draft.kind == "extraction":
        return list(_strings(json.loads(draft.answer)))
    if not draft.answers:
        return [] if draft.answer in ABSENT_ANSWERS else [draft.answer]
    joined = LIST_JOINT.join(answer.text for answer in draft.answers)
    return [answer.text for answer in draft.answers] if joined == draft.answer else [draft.answer]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
    elif value is not None:
        yield str(value)


def _violation(draft: Draft, what: str) -> ContractError:
    return ContractError(f"an example of kind {draft.kind} is not grounded: {what}")
