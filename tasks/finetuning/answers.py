"""What an answer in JSON is worth beside the one that was expected: exact or not, and field by field."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Marks:
    """An answer against the expected one. exact: the same fields with the same values. right: values that both have; given,
    expected: values of the answer and of the reference. Fields that are null or empty have no value."""

    exact: bool
    right: int
    given: int
    expected: int


def mark_answer(answer: str, reference: str) -> Marks:
    """Compare an answer, which may have words around its JSON or none at all, with the reference.

    A value is right when its field and its text are; spaces count as one, order and duplicates within a list do count as in a
    bag. A reference that is no JSON is compared as text.
    """
    expected = read_json(reference)
    if expected is None:
        same = _plain(answer) == _plain(reference)
        return Marks(same, int(same), int(bool(answer.strip())), 1)
    given = read_json(answer)
    wanted, found = Counter(_values(expected)), Counter(_values(given))
    return Marks(given is not None and wanted == found, (wanted & found).total(), found.total(), wanted.total())


def read_json(text: str) -> dict[str, Any] | list[Any] | None:
    """The first JSON object or list in a text; None when there is none that is whole."""
    decoder = json.JSONDecoder()
    for start, character in enumerate(text):
        if character in "{[":
            try:
                found: dict[str, Any] | list[Any] = decoder.raw_decode(text, start)[0]
            except (json.JSONDecodeError, RecursionError):
                continue
            return found
    return None


def _values(found: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value with the path of names that leads to it; places in lists are no part of the path."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield from _values(value, f"{path}.{name}")
    elif isinstance(found, list):
        for value in found:
            yield from _values(value, path)
    elif found is not None and _plain(str(found)):
        yield path, _plain(found if isinstance(found, str) else json.dumps(found))


def _plain(text: str) -> str:
    return " ".join(text.split())
