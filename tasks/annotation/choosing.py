"""How much in a text speaks for a schema: words of its kind, and fields that are found by their labels."""

import functools
import re

from tasks.annotation.contents import beginning_of
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.headings import sections_of
from tasks.annotation.finders.key_value import find_key_value, find_labelled
from tasks.annotation.schema import AnnotationSchema, FieldSpec

HEAD_CHARACTERS = 6000  # of a text without its table of contents, in which evidence is looked for


def evidence_for(text: str, schema: AnnotationSchema) -> tuple[int, int]:
    """(different words, different fields) in the head of a text that speak for a schema.

    A text about invoices has the words of one and not the fields: a label counts only with a value of the field's kind behind it.
    """
    head = _head(text)
    words = {found.group().casefold() for found in _words(schema.evidence).finditer(head)} if schema.evidence else set()
    document = TextDocument(head)
    return len(words), sum(_stands_in(document, field) for field in schema.fields)


@functools.lru_cache(maxsize=2)
def _head(text: str) -> str:
    return beginning_of(text, HEAD_CHARACTERS)


def _stands_in(document: TextDocument, field: FieldSpec) -> bool:
    """Whether one of the field's sections is there; of a field without sections, one of its labels with a value."""
    if field.sections:
        return any(True for _ in sections_of(document.text, field.sections))
    return bool(field.labels) and any(True for finder in (find_key_value, find_labelled) for _ in finder(document, field))


@functools.lru_cache(maxsize=32)
def _words(evidence: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words or phrases, whole, in any case and with any white space between."""
    ordered = sorted((word.split() for word in evidence), key=lambda word: (-len(" ".join(word)), word))
    phrases = "|".join(r"\s+".join(map(re.escape, word)) for word in ordered)
    return re.compile(rf"(?<!\w)(?:{phrases})(?!\w)", re.IGNORECASE)
