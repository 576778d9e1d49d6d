"""XML documents as trees, without a DTD, the network or entities that grow."""

import html.entities
import re
from typing import Any

from tasks.extraction.reading import CorruptError, LimitError, Source
from tasks.extraction.safe_xml import LARGEST_TREE, parse_tree
from tasks.extraction.texts import decode_all

DEEPEST = 120  # levels; real documents stay below 40
_LONGEST_ENTITY = 1_000  # characters an entity may stand for
_ENTITY_BUDGET = 1_000_000  # characters that all references together may stand for
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_HALVES = "\ufffd \n\t"  # a line end that some tool added as one byte to a text of two-byte characters
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}


def parse_source(source: Source) -> Any:
    """The root element of a document in whatever encoding. Raises CorruptError, LimitError.

    Several elements side by side, as in an excerpt, get a root named `fragment`.
    """
    if source.size > LARGEST_TREE:
        raise LimitError(f"xml: more than {LARGEST_TREE} bytes")
    with source.view() as view:
        text = decode_all(view, source.encoding)
    declaration = _DECLARATION.match(text)
    bare = (text[declaration.end() :] if declaration else text).replace("\0", "").rstrip(_HALVES)
    try:
        return parse_text(bare)
    except CorruptError:
        if declaration or "<!DOCTYPE" in bare[:4096]:
            raise
        return parse_text(f"<fragment>{bare}</fragment>")


def parse_text(text: str) -> Any:
    """The root element of XML that has no declaration. Comments and instructions are gone, entities are text."""
    try:
        root = _parse(text)
    except CorruptError as error:
        if "Entity" not in (error.detail or ""):
            raise
        root = _parse(_NAMED.sub(_character, text))  # characters by the names that HTML and the DTDs of publishers share
    _resolve_entities(root)
    return root


def _parse(text: str) -> Any:
    return parse_tree(text.encode("utf-8", "replace"), remove_comments=True, remove_pis=True, encoding="utf-8")


def _character(reference: re.Match[str]) -> str:
    name = reference.group(1)
    return reference.group() if name in _XML_NAMES else html.entities.html5.get(f"{name};", reference.group())


def _resolve_entities(root: Any) -> None:
    """Replace references by what a document's own DTD says in plain characters, or by the character that HTML calls so.

    An entity made of entities, or many references to a long one, is an attack: LimitError.
    """
    from lxml import etree

    references = list(root.iter(etree.Entity))
    if not references:
        return
    dtd = root.getroottree().docinfo.internalDTD
    declared = {entity.name: entity.content or "" for entity in dtd.entities()} if dtd is not None else {}
    budget = _ENTITY_BUDGET
    for reference in references:
        name = reference.name
        text = declared.get(name, html.entities.html5.get(f"{name};", f"&{name};"))
        if name in declared and (("&" in text and "&#" not in text) or len(text) > _LONGEST_ENTITY):
            raise LimitError(f"xml: the entity {name} stands for other entities or a long text")
        budget -= len(text)
        if budget < 0:
            raise LimitError(f"xml: entities stand for more than {_ENTITY_BUDGET} characters")
        _put_text(reference, html.unescape(text) if name in declared else text)


def _put_text(node: Any, text: str) -> None:
    """Put text where a node stands; what follows the node stays."""
    text += node.tail or ""
    parent, before = node.getparent(), node.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + text
    else:
        parent.text = (parent.text or "") + text
    node.tail = None
    parent.remove(node)


def local_name(element: Any) -> str:
    """The name of an element without its namespace, lower case."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def text_of(element: Any) -> str:
    """All text of an element on one line."""
    return " ".join("".join(element.itertext()).split())


def find_first(element: Any, *names: str) -> Any:
    """The first element of these local names, in document order; None for none."""
    return next((each for each in element.iter() if local_name(each) in names), None)
