"""Finders: rules with context. Each looks in a text for one kind of value; which ones a field uses, its schema says.

A finder's libraries are imported when it is first asked.
"""

import importlib
from collections.abc import Callable, Iterable

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.errors import SchemaError
from tasks.annotation.schema import FieldSpec

Finder = Callable[[TextDocument, FieldSpec], Iterable[Found]]

# name -> module and function
FINDERS: dict[str, str] = {
    "dates": "tasks.annotation.finders.dates:find_dates",
    "jurisdictions": "tasks.annotation.finders.jurisdictions:find_jurisdictions",
    "parties": "tasks.annotation.finders.parties:find_parties",
    "title": "tasks.annotation.finders.titles:find_titles",
}

# Finders of a type, for fields that name none.
OF_TYPE: dict[str, tuple[str, ...]] = {
    "date": ("dates",),
    "party": ("parties",),
}


def finders_of(field: FieldSpec) -> dict[str, Finder]:
    """The finders of a field by name. Raises SchemaError for a name that nobody registered."""
    names = field.finders or OF_TYPE.get(field.type, ())
    if unknown := [name for name in names if name not in FINDERS]:
        raise SchemaError(f"field {field.name}: there is no finder {unknown[0]!r}; there are {', '.join(sorted(FINDERS))}")
    return {name: _load(FINDERS[name]) for name in names}


def _load(where: str) -> Finder:
    module, function = where.split(":")
    finder: Finder = getattr(importlib.import_module(module), function)
    return finder
