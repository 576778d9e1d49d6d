"""XML from strangers: no entities, no DTD from outside, no network, bounded depth and size (CWE-776, CWE-611).

The one place that knows how such XML is parsed. `parse_xml` and `stream_elements` refuse a document that declares entities of
its own: none of the office formats allows it, and left unresolved they would be text that is silently missing. `xmltree`, for
documents that people write in XML, puts bounded plain text in their place.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from tasks.extraction.reading import CorruptError, LimitError

LARGEST_TREE = 64 * 1024 * 1024  # bytes of XML that are held as a tree, which takes about ten times that
_OPTIONS: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_LIMITED = ("excessive", "huge", "amplification", "maximum", "too long", "loop")


def parse_xml(content: bytes) -> Any:
    """A document as a tree. Raises CorruptError for damage and declared entities, LimitError for too large or too deep a one."""
    root = parse_tree(content)
    _refuse_entities(root)
    return root


def parse_tree(content: bytes, **options: Any) -> Any:
    """A document as a tree in which entities are left as references, for a caller that knows what may stand for them.

    options: further ones of the parser. Raises CorruptError, LimitError.
    """
    from lxml import etree

    if len(content) > LARGEST_TREE:
        raise LimitError(f"an XML part is larger than {LARGEST_TREE} bytes")
    try:
        return etree.fromstring(content, etree.XMLParser(**_OPTIONS, **options))
    except etree.XMLSyntaxError as error:
        raise _typed(error) from error


def stream_elements(pieces: Iterable[bytes], tags: Iterable[str]) -> Iterator[Any]:
    """The outermost elements with one of the tags, each whole and still in its place, cleared when the next one is asked for.

    Memory holds one such element and its ancestors. Raises like `parse_xml`; the size limit is for one element.
    """
    from lxml import etree

    parser = etree.XMLPullParser(events=("start", "end"), tag=list(tags), **_OPTIONS)
    depth = waiting = 0
    checked = False
    try:
        for piece in pieces:
            waiting += len(piece)
            if waiting > LARGEST_TREE:
                raise LimitError(f"one element of an XML part is larger than {LARGEST_TREE} bytes")
            parser.feed(piece)
            for event, element in parser.read_events():
                if not checked:
                    _refuse_entities(element)
                    checked = True
                depth += 1 if event == "start" else -1
                if event == "end" and depth == 0:
                    yield element
                    _forget(element)
                    waiting = 0
        _refuse_entities(parser.close())
    except etree.XMLSyntaxError as error:
        raise _typed(error) from error


def _forget(element: Any) -> None:
    """Free an element and what stands before it among its siblings; the element itself stays as an empty place."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while (before := element.getprevious()) is not None:
            parent.remove(before)


def _refuse_entities(element: Any) -> None:
    dtd = element.getroottree().docinfo.internalDTD
    if dtd is not None and next(iter(dtd.iterentities()), None) is not None:
        raise CorruptError("its XML declares entities, which are not resolved")


def _typed(error: Any) -> CorruptError | LimitError:
    words = " ".join(str(error.msg).split())[:300]
    return LimitError(words) if any(word in words.lower() for word in _LIMITED) else CorruptError(words)
