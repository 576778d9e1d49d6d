"""Normalizers: from a value as it stands in a text to the form in which values are compared and stored.

A normalizer `normalizes`: text and field in, a string out, None when it makes nothing of the text.
"""

import importlib
from collections.abc import Callable

from tasks.annotation.errors import SchemaError
from tasks.annotation.schema import FieldSpec

Normalizer = Callable[[str, FieldSpec], str | None]

# name -> module and function
NORMALIZERS: dict[str, str] = {
    "address": "tasks.annotation.normalizers.names:normalize_address",
    "date": "tasks.annotation.normalizers.dates:normalize_date",
    "email": "tasks.annotation.normalizers.texts:normalize_email",
    "enum": "tasks.annotation.normalizers.texts:normalize_enum",
    "iban": "tasks.annotation.normalizers.identifiers:normalize_iban",
    "identifier": "tasks.annotation.normalizers.identifiers:normalize_identifier",
    "jurisdiction": "tasks.annotation.normalizers.jurisdictions:normalize_jurisdiction",
    "key_value": "tasks.annotation.normalizers.texts:normalize_key_value",
    "money": "tasks.annotation.normalizers.amounts:normalize_money",
    "number": "tasks.annotation.normalizers.amounts:normalize_number",
    "party": "tasks.annotation.normalizers.names:normalize_party",
    "percent": "tasks.annotation.normalizers.amounts:normalize_percent",
    "person": "tasks.annotation.normalizers.names:normalize_person",
    "phone": "tasks.annotation.normalizers.identifiers:normalize_phone",
    "place": "tasks.annotation.normalizers.names:normalize_place",
    "text": "tasks.annotation.normalizers.texts:normalize_text",
    "url": "tasks.annotation.normalizers.texts:normalize_url",
    "vat_id": "tasks.annotation.normalizers.identifiers:normalize_vat_id",
}

# The normalizer of a type, for fields that name none.
OF_TYPE: dict[str, str] = {
    "date": "date",
    "enum": "enum",
    "identifier": "identifier",
    "money": "money",
    "number": "number",
    "party": "party",
    "person": "person",
    "place": "place",
    "text": "text",
}


def normalizer_of(field: FieldSpec) -> Normalizer:
    """The normalizer of a field. Raises SchemaError for a name that nobody registered."""
    name = field.normalizer or OF_TYPE.get(field.type, "text")
    if name not in NORMALIZERS:
        raise SchemaError(f"field {field.name}: there is no normalizer {name!r}; there are {', '.join(sorted(NORMALIZERS))}")
    module, function = NORMALIZERS[name].split(":")
    normalizer: Normalizer = getattr(importlib.import_module(module), function)
    return normalizer
