"""Which fields stand in a passage, and which can be called absent from it."""

import bisect
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.dataset.instructions.hints import hinted, unexplained
from tasks.dataset.instructions.material import MASKED, Annotation, Answer, Field, Material, Span

_BLANK = re.compile(r"\s+")
_MOST_VALUES = 50  # of a field in a document that are looked for where unmarked; with more, it is nowhere called absent


@dataclass(frozen=True)
class Survey:
    """What a passage says. present: field -> its values in order, each text once. absent: fields that it does not state.

    A field is in neither when nothing certain can be said: a value of it is cut by the edge, is below the confidence asked for,
    is masked or stands there unmarked, a field of one value has several, or something hints at one that was not found (hints).
    """

    present: dict[str, list[Annotation]]
    absent: list[str]


class Surveyor:
    """Surveys the passages of one document part. least: lowest confidence of an annotation that is believed."""

    def __init__(self, material: Material, least: float) -> None:
        self._material = material
        self._least = least
        self._by_field: dict[str, list[Annotation]] = {each.name: [] for each in material.fields}
        for each in sorted(material.annotations, key=lambda each: (each.start, each.end)):
            if each.field in self._by_field:
                self._by_field[each.field].append(each)
        self._starts = {name: [each.start for each in found] for name, found in self._by_field.items()}
        self._longest = {name: max((each.end - each.start for each in of), default=0) for name, of in self._by_field.items()}
        self._values = {name: _values(found) for name, found in self._by_field.items()}

    def survey(self, passage: Span) -> Survey:
        """The fields of the schema in a passage, in the order of the schema."""
        folded = fold(self._material.text[passage[0] : passage[1]])
        present: dict[str, list[Annotation]] = {}
        absent: list[str] = []
        for field in self._material.fields:
            near = self._near(field.name, passage)
            if not near:
                if self._absent(field.name, folded) and not self._hinted(field, passage):
                    absent.append(field.name)
            elif all(self._certain(each, passage) for each in near):
                different = list({fold(each.text): each for each in reversed(near)}.values())[::-1]
                single = not field.many and len(different) == 1
                if (single or (field.many and self._complete(field, passage, different))) and not self._others(
                    field.name, different, folded
                ):
                    present[field.name] = different
        return Survey(present, absent)

    def _hinted(self, field: Field, passage: Span) -> bool:
        return hinted(field, passage, self._material.text, self._annotated(passage))

    def _complete(self, field: Field, passage: Span, present: list[Annotation]) -> bool:
        """Whether nothing else looks like a value of the field. A value is annotated at one place of a document only."""
        text = self._material.text
        again = [
            found.span() for each in present for found in re.compile(re.escape(each.text), re.IGNORECASE).finditer(text, *passage)
        ]
        return not unexplained(field, passage, text, [*self._annotated(passage), *again])

    def _annotated(self, passage: Span) -> list[Span]:
        return [(each.start, each.end) for name in self._by_field for each in self._near(name, passage)]

    def _near(self, name: str, passage: Span) -> list[Annotation]:
        """Annotations of a field that share a character with the passage."""
        first = bisect.bisect_left(self._starts[name], passage[0] - self._longest[name])
        last = bisect.bisect_left(self._starts[name], passage[1])
        return [each for each in self._by_field[name][first:last] if each.end > passage[0]]

    def _certain(self, annotation: Annotation, passage: Span) -> bool:
        inside = passage[0] <= annotation.start and annotation.end <= passage[1]
        return inside and annotation.confidence >= self._least and not MASKED.search(annotation.text)

    def _others(self, name: str, present: list[Annotation], folded: str) -> bool:
        """Whether a value that is known from elsewhere stands in the passage unmarked, beside those that are marked."""
        if len(self._values[name]) > _MOST_VALUES:
            return False
        marked = [fold(each.text) for each in present] + [fold(each.value) for each in present if each.value]
        return any(value in folded and not any(value in text for text in marked) for value in self._values[name])

    def _absent(self, name: str, folded: str) -> bool:
        material, values = self._material, self._values[name]
        if not material.complete or name in material.doubtful or len(values) > _MOST_VALUES:
            return False
        return not any(value in folded for value in values)


def _values(annotations: list[Annotation]) -> set[str]:
    """How the values of a field are written, folded."""
    written = {fold(text) for each in annotations for text in (each.text, each.value) if text}
    return written - {""}


def fold(text: str) -> str:
    """A text for comparing: case and the kind of white space do not count."""
    return _BLANK.sub(" ", text).strip().casefold()


def answer_of(annotation: Annotation, field: Field) -> Answer:
    """The value as it is answered: normalized where the schema names a normalizer that made something of it."""
    value = annotation.value
    if field.normalizer is not None and value is not None and value != annotation.text:
        return Answer(value, annotation.start, annotation.end, field.name, field.normalizer)
    return Answer(annotation.text, annotation.start, annotation.end, field.name)


def fields_by_name(material: Material) -> Mapping[str, Field]:
    """The fields of the material's schema."""
    return {field.name: field for field in material.fields}
