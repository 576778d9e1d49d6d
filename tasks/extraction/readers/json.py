"""JSON as readable text: the names of fields and their values, nested as a list."""

import json
from collections.abc import Iterator
from typing import Any

from tasks.extraction.reading import CorruptError, LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces, decode_all

LARGEST_BYTES = 64 * 1024 * 1024  # parsed, it takes about ten times that in memory
DEEPEST = 100
_TEXT_FIELDS = ("text", "content", "body")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a JSON document."""
    value = load(source)
    title = value.get("title") if isinstance(value, dict) else None
    for text in cut_pieces((line + "\n" for line in render(value)), settings.part_characters):
        yield Part(text, title=" ".join(title.split())[:500] or None if isinstance(title, str) else None)


def load(source: Source) -> Any:
    """Parse the source. Raises CorruptError, LimitError."""
    if source.size > LARGEST_BYTES:
        raise LimitError(f"json: more than {LARGEST_BYTES} bytes in one value")
    with source.view() as view:
        return parse(decode_all(view, source.encoding))


def parse(text: str) -> Any:
    """Parse one JSON value. Raises CorruptError, LimitError."""
    try:
        return json.loads(text, strict=False)
    except RecursionError as error:
        raise LimitError("json: nested too deep") from error
    except ValueError as error:
        raise CorruptError(f"json: {error}") from error


def render(value: Any, depth: int = 0) -> Iterator[str]:
    """Lines of Markdown for a JSON value: a bullet for each field or item. A record that is only a text becomes that text.

    Raises LimitError for more than 100 levels.
    """
    if depth > DEEPEST:
        raise LimitError(f"json: nested deeper than {DEEPEST} levels")
    indent = "  " * depth
    if isinstance(value, dict) and depth == 0 and len(value) == 1 and isinstance(value.get(next(iter(value))), str):
        name = next(iter(value))
        if name in _TEXT_FIELDS:
            yield value[name]
            return
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _render_item(f"{indent}- {name}:", item, depth)
    elif isinstance(value, list):
        for item in value:
            yield from _render_item(f"{indent}-", item, depth)
    elif value is not None:
        yield _scalar(value)


def _render_item(label: str, item: Any, depth: int) -> Iterator[str]:
    if isinstance(item, dict | list):
        if item:
            yield label
            yield from render(item, depth + 1)
    elif item is not None:
        indent = "  " * (depth + 1)
        yield f"{label} " + _scalar(item).replace("\n", "\n" + indent)


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
