"""What can be had of an answer that is no proper JSON: every item that is whole.

Models that are not constrained write prose first, forget a comma too many, stop in the middle, or name nothing as null.
LangExtract drops the whole chunk for any of these.
"""

import contextlib
import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

EXTRACTIONS = "extractions"
ATTRIBUTES = "_attributes"
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_OBJECT = re.compile(r"\{")
_EMPTY = re.compile(r"\[\s*\]")
_COMMA = re.compile(r",(\s*[}\]])")
_LIST = re.compile(rf'"{EXTRACTIONS}"\s*:\s*\[')
_DECODER = json.JSONDecoder()
MOST_OPENINGS = 8  # braces at which a whole answer may begin
MOST_STARTS = 2000  # braces at which an object is looked for; an answer with more is no answer


@dataclass(frozen=True)
class Item:
    """One value. start, end: of the object that names it, in the answer."""

    field: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Salvaged:
    """What an answer holds. broken: it has no whole JSON that names values, so some may be lost; the whole items are here all the
    same. What stands around the JSON, and a comma too many in it, break nothing."""

    items: tuple[Item, ...]
    broken: bool


def salvage(answer: str, fields: Collection[str]) -> Salvaged:
    """The items of an answer, in order. fields: names that count. Never raises.

    Null and empty values say that there is nothing; of a list each member counts; numbers count as written.
    """
    body = _THOUGHT.sub(lambda thought: " " * len(thought.group()), answer)  # offsets stay as they are
    items: list[Item] = []
    objects, lost = _objects(body)
    for start, end, found in objects:
        for key, value in _pairs(found):
            if key in fields:
                items += [Item(key, text, start, end) for text in _texts(value)]
    if f'"{EXTRACTIONS}"' in body:
        return Salvaged(tuple(items), not _is_whole(body))
    # A list or objects without the wrapper, as weak models write: whole when nothing of them was lost.
    return Salvaged(tuple(items), lost or not (items or _EMPTY.search(body)))


def _pairs(found: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Field and value; also of an item written with the names that LangExtract has for them inside."""
    name = found.get("extraction_class")
    if isinstance(name, str):
        yield name, found.get("extraction_text")
    else:
        yield from found.items()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value.encode("utf-8", "replace").decode()  # JSON can write halves of characters, which no table holds
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member) if not isinstance(member, list | dict) else ()


def _is_whole(body: str) -> bool:
    """Whether the object that was asked for stands in an answer."""
    for found in itertools.islice(_OBJECT.finditer(body), MOST_OPENINGS):
        for form in (body[found.start() :], _COMMA.sub(r"\1", body[found.start() :])):
            with contextlib.suppress(json.JSONDecodeError, RecursionError):
                if isinstance(_DECODER.raw_decode(form)[0].get(EXTRACTIONS), list | dict):
                    return True
    return False


def _objects(body: str) -> tuple[list[tuple[int, int, Mapping[str, object]]], bool]:
    """(start, end, content) of the objects that name values, decoded one by one from where their list begins; whether any was
    not whole."""
    head = _LIST.search(body)
    at = body.find("{", head.end() if head else 0)
    objects: list[tuple[int, int, Mapping[str, object]]] = []
    lost = False
    for _ in range(MOST_STARTS):
        if at < 0:
            break
        try:
            found, end = _DECODER.raw_decode(body, at)
        except (json.JSONDecodeError, RecursionError):
            end, lost = at + 1, True
        else:
            inner = found.get(EXTRACTIONS)
            objects.append((at, end, inner if isinstance(inner, dict) else found))
        at = body.find("{", end)
    return objects, lost
