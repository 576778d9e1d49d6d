"""JSON as readable text: the names of fields and their values."""

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


def render(value: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """Lines of text for a JSON value: `name: value` for each field, with the names above it joined by dots; a blank line
    between records. A record that is only a text becomes that text.

    Raises LimitError for more than 100 levels.
    """
    if depth > DEEPEST:
        raise LimitError(f"json: nested deeper than {DEEPEST} levels")
    if isinstance(value, dict):
        names = list(value)
        if not path and len(names) == 1 and names[0] in _TEXT_FIELDS and isinstance(value[names[0]], str):
            yield value[names[0]]
            return
        for name, item in value.items():
            yield from render(item, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        items = [_scalar(item) for item in value if item is not None]
        if items:
            yield _field(path, "; ".join(items))
    elif isinstance(value, list):
        for item in value:
            yield from render(item, path, depth + 1)
            yield ""
    elif value is not None:
        yield _field(path, _scalar(value))


def _field(path: str, text: str) -> str:
    return f"{path}: {text}" if path else text


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
