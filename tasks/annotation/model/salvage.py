"""What can be had of an answer that is no proper JSON: every item that is whole.

Models that are not constrained write prose first, forget a comma too many, stop in the middle, or name nothing as null.
LangExtract drops the whole chunk for any of these.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

EXTRACTIONS = "extractions"
ATTRIBUTES = "_attributes"
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"\s*```\w*\n(?P<body>.*?)```\s*", re.DOTALL)
_LIST = re.compile(rf'"{EXTRACTIONS}"\s*:\s*\[')
_DECODER = json.JSONDecoder()
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
    """What an answer holds. broken: it is no JSON object with a list of items, as asked for; its whole items are here all the
    same. empty_handed: broken, and without one item. unknown: keys of values that are no field."""

    items: tuple[Item, ...]
    broken: bool
    unknown: tuple[str, ...]

    @property
    def empty_handed(self) -> bool:
        """Whether nothing can be said for the answer."""
        return self.broken and not self.items


def salvage(answer: str, fields: Collection[str]) -> Salvaged:
    """The items of an answer, in order. fields: names that count. Never raises.

    Null and empty values say that there is nothing; of a list each member counts; numbers count as written.
    """
    body = _THOUGHT.sub(lambda thought: " " * len(thought.group()), answer)  # offsets stay as they are
    items: list[Item] = []
    unknown: list[str] = []
    for start, end, found in _objects(body):
        for key, value in _pairs(found):
            texts = list(_texts(value))
            if key in fields:
                items += [Item(key, text, start, end) for text in texts]
            elif texts and not key.endswith(ATTRIBUTES):
                unknown.append(key)
    return Salvaged(tuple(items), not _is_whole(body), tuple(unknown))


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
            yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member) if not isinstance(member, list | dict) else ()


def _is_whole(body: str) -> bool:
    fenced = _FENCE.fullmatch(body)
    try:
        answer = json.loads(fenced["body"] if fenced else body)
    except (json.JSONDecodeError, RecursionError):
        return False
    return isinstance(answer, dict) and isinstance(answer.get(EXTRACTIONS), list)


def _objects(body: str) -> Iterator[tuple[int, int, Mapping[str, object]]]:
    """(start, end, content) of the objects that name values: decoded one by one from where their list begins."""
    head = _LIST.search(body)
    at = body.find("{", head.end() if head else 0)
    for _ in range(MOST_STARTS):
        if at < 0:
            return
        try:
            found, end = _DECODER.raw_decode(body, at)
        except (json.JSONDecodeError, RecursionError):
            end = at + 1
        else:
            inner = found.get(EXTRACTIONS)
            yield at, end, inner if isinstance(inner, dict) else found
        at = body.find("{", end)
