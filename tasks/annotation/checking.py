"""What a schema is checked for beside its form: names that are registered, and examples that its own rules find."""

import difflib
from collections.abc import Collection

from tasks.annotation.document import TextDocument
from tasks.annotation.errors import SchemaError
from tasks.annotation.finders import FINDERS, finders_of
from tasks.annotation.normalizers import NORMALIZERS, normalizer_of
from tasks.annotation.schema import AnnotationSchema, FieldExample, FieldSpec


def check_schema(schema: AnnotationSchema) -> None:
    """Raise SchemaError for finders and normalizers that nobody registered."""
    for field in schema.fields:
        for name in field.finders:
            _known(field, "finder", name, FINDERS)
        if field.normalizer is not None:
            _known(field, "normalizer", field.normalizer, NORMALIZERS)
        normalizer_of(field)


def _known(field: FieldSpec, kind: str, name: str, registered: Collection[str]) -> None:
    if name not in registered:
        close = difflib.get_close_matches(name, registered, n=1)
        hint = f", did you mean {close[0]!r}?" if close else "."
        raise SchemaError(f"field {field.name}: there is no {kind} {name!r}{hint} There are {', '.join(sorted(registered))}.")


def unfound_examples(schema: AnnotationSchema) -> list[tuple[str, FieldExample]]:
    """(field, example) of the examples whose value none of the field's own finders finds in its text.

    No fault: a field may be the model's alone. But where rules are meant to find it, they do not.
    """
    missed = []
    for field in schema.fields:
        for example in field.examples:
            document = TextDocument(example.text)
            found = {
                example.text[one.start : one.end] for finder in finders_of(field).values() for one in finder(document, field)
            }
            if example.value is not None and example.value not in found:
                missed.append((field.name, example))
    return missed
