"""XML that is not a document: data as lines of names and values, feeds, outlines and the texts of a drawing."""

from collections.abc import Iterator
from typing import Any

from tasks.extraction.markup.xmltree import DEEPEST, find_first, local_name, parse_source, text_of
from tasks.extraction.reading import LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, cut_pieces

_ENTRIES = {"item", "entry"}
_BODIES = ("encoded", "content", "description", "summary")
_DRAWN = {"title", "desc", "text"}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read XML of the formats xml, feed, opml and svg."""
    root = parse_source(source)
    render = {"feed": _render_feed, "opml": _render_outline, "svg": _render_drawing}.get(source.format, render_data)
    heading = find_first(root, "title") if source.format != "xml" else None
    title = clean_title(text_of(heading)) if heading is not None else None
    stated = find_first(root, "language") if source.format == "feed" else None
    language = clean_language(text_of(stated) if stated is not None else root.get(_LANGUAGE))
    for text in cut_pieces((line + "\n" for line in render(root)), settings.part_characters):
        yield Part(text, title, language)


def render_data(element: Any, depth: int = 0) -> Iterator[str]:
    """Lines `name: value`, for attributes too; running text is a paragraph; a blank line follows what has parts of its own."""
    if depth > DEEPEST:
        raise LimitError(f"xml: nested deeper than {DEEPEST} levels")
    name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    if not name:
        return
    for attribute, value in element.attrib.items():
        if not attribute.startswith("{") and value.strip():
            yield f"{name} {attribute}: {' '.join(value.split())}"
    if not len(element):
        text = text_of(element)
        if text:
            yield f"{name}: {text}"
        return
    words = (element.text or "").strip() + "".join((child.tail or "").strip() for child in element)
    if words:  # text around elements is prose
        yield text_of(element)
    else:
        for child in element:
            yield from render_data(child, depth + 1)
    yield ""


def _render_feed(root: Any) -> Iterator[str]:
    channel = find_first(root, "channel", "feed")
    about = channel if channel is not None else root
    for child in about:
        if local_name(child) == "title":
            yield f"# {text_of(child)}\n"
        elif local_name(child) in ("description", "subtitle"):
            yield from _prose(child)
    for entry in root.iter():
        if local_name(entry) not in _ENTRIES:
            continue
        fields = {local_name(child): child for child in reversed(entry)}
        if "title" in fields:
            yield f"## {text_of(fields['title'])}\n"
        body = next((fields[name] for name in _BODIES if name in fields and text_of(fields[name])), None)
        if body is not None:
            yield from _prose(body)


def _prose(element: Any) -> Iterator[str]:
    """The words of a field, which is HTML more often than not."""
    text = "".join(element.itertext()).strip()
    if "<" in text:
        from resiliparse.extract.html2text import extract_plain_text

        text = extract_plain_text(text, preserve_formatting=True)
    if text:
        yield text.strip() + "\n"


def _render_outline(root: Any) -> Iterator[str]:
    body = find_first(root, "body")
    waiting = [(child, 0) for child in reversed(body)] if body is not None else []
    while waiting:
        element, depth = waiting.pop()
        text = element.get("text") or element.get("title") or ""
        if text:
            yield "  " * min(depth, DEEPEST) + "- " + " ".join(text.split())
        if note := element.get("_note"):
            yield "  " * min(depth + 1, DEEPEST) + " ".join(note.split())
        waiting.extend((child, depth + 1) for child in reversed(element))


def _render_drawing(root: Any) -> Iterator[str]:
    for element in root.iter():
        if local_name(element) in _DRAWN and not any(local_name(above) in _DRAWN for above in element.iterancestors()):
            text = " ".join(" ".join(element.itertext()).split())
            if text:
                yield text
