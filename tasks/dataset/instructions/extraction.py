"""Extraction: a passage and a form, answered with JSON of what stands in the passage."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tasks.dataset.instructions.material import Draft, Field, Material, Span, hull, pick, position_of
from tasks.dataset.instructions.phrases import Phrases, phrases_of
from tasks.dataset.instructions.survey import Surveyor, answer_of
from tasks.dataset.tokens import Tokens

KIND = "extraction"


def make(material: Material, surveyor: Surveyor, tokens: Tokens, form_tokens: int, seed: object) -> Iterator[Draft]:
    """A draft for each piece of which something can be said. form_tokens: most tokens of the list of fields in the prompt."""
    sizes = _sizes(material, tokens)
    for piece in material.readable_pieces:
        yield from make_one(material, surveyor, piece, sizes, form_tokens, seed)


def make_one(
    material: Material, surveyor: Surveyor, passage: Span, sizes: dict[str, int], form_tokens: int, seed: object
) -> Iterator[Draft]:
    """The draft for one passage; none where nothing certain stands or is missing. sizes: field -> tokens of its line."""
    survey = surveyor.survey(passage)
    asked = _asked(material.fields, list(survey.present), survey.absent, sizes, form_tokens, f"{seed}/{passage}")
    if not asked:
        return
    phrases = phrases_of(material.language)
    found = {
        field.name: [answer_of(each, field) for each in survey.present[field.name]]
        for field in asked
        if field.name in survey.present
    }
    content: dict[str, Any] = {}
    for field in asked:
        values = [answer.text for answer in found.get(field.name, [])]
        content[field.name] = (values if field.many else values[0]) if values else None
    answers = tuple(answer for of_field in found.values() for answer in of_field)
    instruction = pick(phrases.extraction, seed, KIND, passage)
    lines = "\n".join(line_of(field, phrases) for field in asked)
    yield Draft(
        KIND,
        passage,
        before=f"{instruction}\n\n{lines}\n\n",
        after="",
        answer=json.dumps(content, ensure_ascii=False),
        answers=answers,
        kept=hull([(answer.start, answer.end) for answer in answers]) if answers else (passage[0], passage[0]),
        absent=tuple(field.name for field in asked if field.name not in found),
    )


def line_of(field: Field, phrases: Phrases) -> str:
    """A field as the form names it: name, description, and what its value must look like."""
    marks = [phrases.several] if field.many else []
    marks += [phrases.normalized.format(normalizer=field.normalizer)] if field.normalizer else []
    return f"- {field.name}: {field.description}" + (f" ({', '.join(marks)})" if marks else "")


def _sizes(material: Material, tokens: Tokens) -> dict[str, int]:
    phrases = phrases_of(material.language)
    lines = [line_of(field, phrases) + "\n" for field in material.fields]
    return dict(zip((field.name for field in material.fields), tokens.count(lines), strict=True))


def _asked(
    fields: Sequence[Field], present: list[str], absent: list[str], sizes: dict[str, int], room: int, seed: str
) -> list[Field]:
    """Fields of the form, in the order of the schema: those that stand there, then missing ones by the seed as room lasts."""
    chosen: set[str] = set()
    for name in [*present, *sorted(absent, key=lambda name: position_of(seed, name))]:
        if sizes[name] <= room:
            chosen.add(name)
            room -= sizes[name]
    return [field for field in fields if field.name in chosen]
