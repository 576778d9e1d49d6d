"""What is wrong with a schema file, in sentences that name line, field and key."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

Place = tuple[int | str, ...]
_NO_MAPPING = ("model_type", "model_attributes_type")
_MUST = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of keys to values",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "string_pattern_mismatch": "must be of small letters, digits and underscores, a letter first",
    "string_too_short": "must not be empty",
    "string_type": "must be a text",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
}


def explain(error: ValidationError, root: Any, keys: Mapping[str, Sequence[str]]) -> str:
    """All faults of a schema in the order of the file, each once: "line 6, field rent: there is no key 'tpye', ...".

    root: node of the YAML document that was validated, None of an empty one. keys: those that there are, at the top under "",
    in items of a list under the name of the list. What only follows from another fault (a list whose faulty items were left out
    is too short, a required key that is misspelt is missing) is no fault of its own.
    """
    found = error.errors(include_url=False)
    misspelt = {(*fault["loc"][:-1], _nearest(fault["loc"], keys)) for fault in found if fault["type"] == "extra_forbidden"}
    places = [fault["loc"] for fault in found]
    faults = {
        (_line_of(root, place), f"{_named(root, place, fault['type'])}{_message(fault, keys)}")
        for fault in found
        if (place := fault["loc"]) not in misspelt
        and not (fault["type"] == "too_short" and any(other != place and other[: len(place)] == place for other in places))
    }
    return "; ".join(f"line {line}, {sentence}" for line, sentence in sorted(faults))


def _message(fault: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> str:
    kind, place, given = fault["type"], fault["loc"], fault["input"]
    if kind == "extra_forbidden":
        nearest = _nearest(place, keys)
        hint = f"did you mean {nearest!r}?" if nearest else f"there are {', '.join(_keys_at(place, keys))}"
        return f"there is no key {place[-1]!r}, {hint}"
    if kind == "missing":
        return f"the key {place[-1]!r} is missing"
    if kind in _NO_MAPPING:
        return f"a mapping with the keys {', '.join(_keys_at((*place, ''), keys))} was expected"
    if kind == "value_error":
        return str(fault["msg"].removeprefix("Value error, "))
    must = f"must be {fault['ctx']['expected']}" if kind == "literal_error" else _MUST.get(kind)
    must = must or fault["msg"].replace("Input should", "must")
    items = [part for part in place if isinstance(part, int)] if isinstance(place[-1], int) else []
    key = next(part for part in reversed(place) if isinstance(part, str))
    what = f"{key!r}{f', item {items[-1] + 1},' if items else ''} {must}"
    return f"{what}, not {given!r}" if isinstance(given, str | int) and given != "" else what


def _keys_at(place: Place, keys: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The keys of the mapping in which the last key of a place stands."""
    lists = [part for part in place[:-1] if isinstance(part, str) and part in keys]
    return keys[lists[-1] if lists else ""]


def _nearest(place: Place, keys: Mapping[str, Sequence[str]]) -> str | None:
    """The key that was likely meant by one that there is not."""
    return next(iter(difflib.get_close_matches(str(place[-1]), _keys_at(place, keys), n=1)), None)


def _named(root: Any, place: Place, kind: str) -> str:
    """What the fault is in: the field by its name where it has one, by its number where not; "" for the schema itself."""
    if kind in _NO_MAPPING and not place:
        return "the schema: "
    if place[:1] != ("fields",) or len(place) < 2:
        return ""
    node = _below(_below(root, "fields"), place[1])
    name = getattr(_below(node, "name"), "value", None)
    return f"field {name if isinstance(name, str) and name else int(place[1]) + 1}: "


def _below(node: Any, key: int | str) -> Any:
    """The value of a key or the item of a number in a YAML node; None where there is none."""
    part = _part(node, key)
    return part[1] if part else None


def _part(node: Any, key: int | str) -> tuple[Any, Any] | None:
    """(node of the key, node of the value); of an item both are the item."""
    kind = getattr(node, "id", "")
    if isinstance(key, str):
        return next(((name, value) for name, value in node.value if name.value == key), None) if kind == "mapping" else None
    return (node.value[key],) * 2 if kind == "sequence" and key < len(node.value) else None


def _line_of(node: Any, place: Place) -> int:
    """Line of the deepest part of a YAML document on the way to a place, from 1."""
    line = 1
    for key in place:
        part = _part(node, key)
        if part is None:
            break
        line, node = part[0].start_mark.line + 1, part[1]
    return line
