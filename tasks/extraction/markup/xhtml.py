"""The whole text of an XHTML page as Markdown, nothing left out: for books, whose pages have no navigation around them."""

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import Any

from tasks.extraction.office.blocks import picture
from tasks.extraction.office.formulas import mathml_formula
from tasks.extraction.reading import CorruptError
from tasks.extraction.safe_xml import parse_xml
from tasks.extraction.texts import fenced, markdown_table

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = {"ul", "ol", "menu", "dir"}
_BLOCKS = {
    *_HEADINGS,
    *_LISTS,
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "switch",
    "case",
    "default",
}
_SKIPPED = {"head", "script", "style", "svg", "template", "iframe", "noscript", "object", "audio", "video", "rt", "rp"}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_AROUND_BREAK = re.compile(r" ?\n ?")
_MATHML = "http://www.w3.org/1998/Math/MathML"
_MOST_COLUMNS = 100


def parse_xhtml(content: bytes) -> Any:
    """A page as a tree; one that is no XML is read as HTML. Raises CorruptError for damage, LimitError for too large or deep."""
    try:
        return parse_xml(content)
    except CorruptError as error:
        from lxml import etree, html

        if b"<!ENTITY" in content:
            raise
        try:
            return html.document_fromstring(content, html.HTMLParser(no_network=True, huge_tree=False))
        except etree.ParserError as problem:  # nothing in it
            raise CorruptError(str(problem)) from error


def page_blocks(root: Any) -> Iterator[str]:
    """The Markdown blocks of a page."""
    body = next((child for child in root if _name(child) == "body"), root)
    yield from _blocks(body)


def _blocks(parent: Any) -> Iterator[str]:
    """The blocks of an element; text between them forms paragraphs."""
    line = [parent.text or ""]
    for child in parent:
        if _is_block(child):
            yield _tidy("".join(line))
            line = []
            yield from _block(child)
        else:
            line.append(_inline(child))
        line.append(child.tail or "")
    yield _tidy("".join(line))


def _is_block(element: Any) -> bool:
    """Whether an element is a block, or has one inside it."""
    name = _name(element)
    if name in _SKIPPED or name in ("", "math"):
        return False
    return name in _BLOCKS or any(_name(inner) in _BLOCKS for inner in element.iterdescendants())


def _block(element: Any) -> Iterator[str]:
    name = _name(element)
    if name in _HEADINGS:
        text = " ".join(_inline_text(element).split())
        yield f"{'#' * _HEADINGS[name]} {text}" if text else ""
    elif name in _LISTS:
        yield "\n".join(_items(element))
    elif name == "table":
        yield from _table(element)
    elif name == "pre":
        text = "".join(element.itertext())
        yield fenced(text.strip("\n")) if text.strip() else ""
    elif name == "blockquote":
        quoted = "\n\n".join(block for block in _blocks(element) if block)
        yield "\n".join(f"> {line}".rstrip() for line in quoted.split("\n")) if quoted else ""
    elif name == "switch":
        yield from _chosen(element)
    else:
        yield from _blocks(element)


def _chosen(switch: Any) -> Iterator[str]:
    """One of the alternatives that EPUB 3 offers to reading systems: the formula for those that know MathML, or the default."""
    cases = [each for each in switch if _name(each) == "case" and each.get("required-namespace") == _MATHML]
    for each in cases or [each for each in switch if _name(each) == "default"]:
        yield from _blocks(each)


def _items(items: Any) -> Iterator[str]:
    start = items.get("start", "1")
    number = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1
    for item in items:
        if _name(item) != "li":
            if _name(item) in _LISTS:  # a list straight in a list, which HTML does not allow
                yield from (f"  {line}" for line in _items(item))
            continue
        lines = "\n".join(block for block in _blocks(item) if block).split("\n")
        mark = f"{number}." if _name(items) == "ol" else "-"
        if lines[0]:
            yield "\n  ".join([f"{mark} {lines[0]}", *lines[1:]])
            number += 1


def _table(table: Any) -> Iterator[str]:
    """A table; one with a single column is a frame around text."""
    rows = [[cell for cell in row if _name(cell) in ("td", "th")] for row in _rows(table)]
    for caption in table:
        if _name(caption) == "caption":
            yield from _blocks(caption)
    if all(len(row) <= 1 for row in rows):
        for row in rows:
            for cell in row:
                yield from _blocks(cell)
        return
    lines = [[text for cell in row for text in _cell(cell)] for row in rows]
    lines = [line for line in lines if any(line)]
    width = max(map(len, lines), default=0)
    if lines:
        yield markdown_table([*lines[0], *[""] * (width - len(lines[0]))], lines[1:])


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if _name(child) == "tr":
            yield child
        elif _name(child) in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _cell(cell: Any) -> list[str]:
    """The text of a cell, and an empty one for each further column that it spans."""
    span = cell.get("colspan", "1")
    columns = min(int(span), _MOST_COLUMNS) if span.isascii() and span.isdigit() and len(span) < 10 else 1
    return [" ".join(" ".join(_blocks(cell)).split()), *[""] * (columns - 1)]


def _inline(element: Any) -> str:
    from lxml import etree

    name = _name(element)
    if name == "br":
        return "\0"  # told from a line end in the source, which is a blank
    if name == "img":
        return picture(element.get("alt"))
    if name == "math":
        return mathml_formula(element)
    if element.tag is etree.Entity:
        return chr(name2codepoint.get(element.name, 0xFFFD))
    return "" if name in _SKIPPED or not name else _inline_text(element)


def _inline_text(element: Any) -> str:
    pieces = [element.text or ""]
    for child in element:
        pieces += [_inline(child), child.tail or ""]
    return "".join(pieces)


def _tidy(text: str) -> str:
    """A paragraph with single blanks, and line ends where the page breaks lines."""
    return _AROUND_BREAK.sub("\n", _BLANKS.sub(" ", text).replace("\0", "\n")).strip()


def _name(element: Any) -> str:
    """The name of an element without its namespace; "" for a comment, entity or the like."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
