"""FictionBook 2 (fictionbook.org): books as XML, with their pictures inside, which are left out before the XML is parsed."""

import re
from collections.abc import Iterator
from typing import Any

from tasks.extraction.office.blocks import gather_blocks
from tasks.extraction.reading import CorruptError, Part, Source
from tasks.extraction.safe_xml import parse_xml
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, markdown_table

_FB = "{http://www.gribuser.ru/xml/fictionbook/2.0}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_INNER = {"section", "epigraph", "annotation", "poem", "stanza", "body"}
_LINES = {"p", "v", "subtitle", "text-author", "date"}
_BLANKS = re.compile(r"\s+")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a book; its pages depend on the screen, so that it has none here."""
    root = parse_xml(_without_pictures(source.read()))
    if root.tag != _FB + "FictionBook":
        raise CorruptError("fb2: no FictionBook")
    info = root.find(f"{_FB}description/{_FB}title-info")
    title = clean_title(info.findtext(_FB + "book-title")) if info is not None else None
    language = clean_language(info.findtext(_FB + "lang")) if info is not None else None
    blocks = (block for body in root.iterchildren(_FB + "body") for block in _body(body))
    for text in gather_blocks(blocks, settings.part_characters):
        yield Part(text, title, language)


def _without_pictures(content: bytes) -> bytes:
    """The XML without its `binary` elements, whose base64 would be most of it."""
    kept = []
    at = 0
    while (begin := content.find(b"<binary", at)) >= 0 and (end := content.find(b"</binary>", begin)) >= 0:
        kept.append(content[at:begin])
        at = end + len(b"</binary>")
    return b"".join([*kept, content[at:]])


def _body(body: Any) -> Iterator[str]:
    """The main text, or the body whose sections are the notes that it refers to."""
    if body.get("name") not in ("notes", "comments"):
        yield from _blocks(body, 1)
        return
    for section in body.iter(_FB + "section"):
        name = section.get("id")
        blocks = [block for child in section if _name(child) not in ("title", "section") for block in _block(child, 1)]
        text = " ".join(" ".join(blocks).split())
        if text:
            yield f"[^{name}]: {text}" if name else text


def _blocks(parent: Any, depth: int) -> Iterator[str]:
    for child in parent:
        yield from _block(child, depth)


def _block(element: Any, depth: int) -> Iterator[str]:
    """The Markdown blocks of an element. depth: of the heading that a title in it would be."""
    name = _name(element)
    if name == "title":
        text = " ".join(filter(None, (_text(line) for line in element.iter(_FB + "p"))))
        yield f"{'#' * min(depth, 6)} {text}" if text else ""
    elif name == "section":
        yield from _blocks(element, depth + 1)
    elif name == "stanza":
        yield "\n".join(filter(None, (_text(line) for line in element.iter(_FB + "v"))))
    elif name == "cite":
        quoted = "\n\n".join(filter(None, _blocks(element, depth + 1)))
        yield "\n".join(f"> {line}".rstrip() for line in quoted.split("\n")) if quoted else ""
    elif name == "table":
        rows = [[_text(cell) for cell in row if _name(cell) in ("td", "th")] for row in element.iter(_FB + "tr")]
        yield markdown_table(rows[0], rows[1:]) if rows else ""
    elif name in _INNER:
        yield from _blocks(element, depth + 1)
    elif name in _LINES:
        yield _text(element)


def _text(element: Any) -> str:
    """A paragraph on one line."""
    return _BLANKS.sub(" ", "".join(_pieces(element))).strip()


def _pieces(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if _name(child) == "a" and child.get("type") == "note":
            yield f"[^{child.get(_XLINK + 'href', '').lstrip('#')}]"
        elif _name(child):
            yield from _pieces(child)
        yield child.tail or ""


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
