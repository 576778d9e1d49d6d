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
    "date": "tasks.annotation.normalizers.dates:normalize_date",
    "jurisdiction": "tasks.annotation.normalizers.jurisdictions:normalize_jurisdiction",
}

# The normalizer of a type, for fields that name none.
OF_TYPE: dict[str, str] = {"date": "date"}


def normalizer_of(field: FieldSpec) -> Normalizer:
    """The normalizer of a field. Raises SchemaError for a name that nobody registered."""
    name = field.normalizer or OF_TYPE.get(field.type, "text")
    if name not in NORMALIZERS:
        raise SchemaError(f"field {field.name}: there is no normalizer {name!r}; there are {', '.join(sorted(NORMALIZERS))}")
    module, function = NORMALIZERS[name].split(":")
    normalizer: Normalizer = getattr(importlib.import_module(module), function)
    return normalizer
