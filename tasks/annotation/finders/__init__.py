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
    "address": "tasks.annotation.finders.addresses:find_address",
    "date": "tasks.annotation.finders.calendar:find_date",
    "dates": "tasks.annotation.finders.dates:find_dates",
    "email": "tasks.annotation.finders.identifiers:find_email",
    "employer": "tasks.annotation.finders.careers:find_employer",
    "enum": "tasks.annotation.finders.enums:find_enum",
    "head_name": "tasks.annotation.finders.persons:find_head_name",
    "heading": "tasks.annotation.finders.headings:find_heading",
    "iban": "tasks.annotation.finders.identifiers:find_iban",
    "identifier": "tasks.annotation.finders.identifiers:find_identifier",
    "job_title": "tasks.annotation.finders.careers:find_job_title",
    "jurisdictions": "tasks.annotation.finders.jurisdictions:find_jurisdictions",
    "key_value": "tasks.annotation.finders.key_value:find_key_value",
    "labelled": "tasks.annotation.finders.key_value:find_labelled",
    "letterhead": "tasks.annotation.finders.organisations:find_letterhead",
    "money": "tasks.annotation.finders.amounts:find_money",
    "number": "tasks.annotation.finders.amounts:find_number",
    "organisation": "tasks.annotation.finders.organisations:find_organisation",
    "pair": "tasks.annotation.finders.key_value:find_pairs",
    "parties": "tasks.annotation.finders.parties:find_parties",
    "percent": "tasks.annotation.finders.amounts:find_percent",
    "person": "tasks.annotation.finders.persons:find_person",
    "phone": "tasks.annotation.finders.identifiers:find_phone",
    "place": "tasks.annotation.finders.places:find_place",
    "school": "tasks.annotation.finders.careers:find_school",
    "section": "tasks.annotation.finders.headings:find_section",
    "section_item": "tasks.annotation.finders.headings:find_section_item",
    "title": "tasks.annotation.finders.titles:find_titles",
    "url": "tasks.annotation.finders.identifiers:find_url",
    "vat_id": "tasks.annotation.finders.identifiers:find_vat_id",
}

# Finders of a type, for fields that name none.
OF_TYPE: dict[str, tuple[str, ...]] = {
    "date": ("key_value", "labelled", "date"),
    "enum": ("key_value", "enum"),
    "identifier": ("key_value", "labelled", "identifier"),
    "money": ("key_value", "labelled", "money"),
    "number": ("key_value", "labelled", "number"),
    "party": ("key_value", "organisation"),
    "person": ("key_value", "person"),
    "place": ("place",),
    "text": ("key_value",),
}


def finders_of(field: FieldSpec) -> dict[str, Finder]:
    """The finders of a field by name. Raises SchemaError for a name that nobody registered."""
    names = field.finders or OF_TYPE.get(field.type, ())
    if unknown := [name for name in names if name not in FINDERS]:
        raise SchemaError(f"field {field.name}: there is no finder {unknown[0]!r}; there are {', '.join(sorted(FINDERS))}")
    return {name: load_finder(name) for name in names}


def load_finder(name: str) -> Finder:
    """A registered finder; its module is imported now. Raises KeyError."""
    module, function = FINDERS[name].split(":")
    finder: Finder = getattr(importlib.import_module(module), function)
    return finder
