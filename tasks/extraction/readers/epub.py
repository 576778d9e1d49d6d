"""EPUB books (W3C EPUB 3.3), in the order of their spine."""

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from tasks.extraction.markup.xhtml import page_blocks, parse_xhtml
from tasks.extraction.office.blocks import gather_blocks, hold_pages
from tasks.extraction.office.zips import Container, open_container
from tasks.extraction.reading import CorruptError, Part, Source
from tasks.extraction.safe_xml import parse_xml
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ROOT_FILE = "{urn:oasis:names:tc:opendocument:xmlns:container}rootfile"
_PAGES = {"application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document"}


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a book; its pages are the files of its spine. A file that is damaged or missing is counted as lost."""
    with open_container(source) as container:
        name = _package_name(container)
        package = parse_xml(container.read(name))
        title = clean_title(package.findtext(f".//{_DC}title"))
        language = clean_language(package.findtext(f".//{_DC}language"))
        files = list(_reading_order(package, posixpath.dirname(name)))
        pages = hold_pages(_try_file(container, file) for file in files)
    lost = sum(page is None for page in pages)
    if pages and lost == len(pages):
        raise CorruptError("epub: no file of the spine could be read")
    for text in gather_blocks((page or "" for page in pages), settings.part_characters):
        yield Part(text, title, language, pages=len(pages), pages_lost=lost)


def _package_name(container: Container) -> str:
    """The file that lists the others."""
    root = parse_xml(container.read("META-INF/container.xml"))
    name = next((each.get("full-path") for each in root.iter(_ROOT_FILE) if each.get("full-path")), None)
    if name is None:
        raise CorruptError("epub: META-INF/container.xml names no package")
    return posixpath.normpath(unquote(name))


def _reading_order(package: Any, folder: str) -> Iterator[str]:
    """The spine's files, each once, without the table of contents that is made for the reading system."""
    items = {item.get("id"): item for item in package.iter(_OPF + "item")}
    names = [each.get("idref") for each in package.iter(_OPF + "itemref")]
    seen = set()
    for name in names:
        item = items.get(name)
        if item is None or item.get("media-type") not in _PAGES or "nav" in item.get("properties", "").split():
            continue
        file = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "").partition("#")[0])))
        if file not in seen:
            seen.add(file)
            yield file


def _try_file(container: Container, name: str) -> str | None:
    try:
        return "\n\n".join(block for block in page_blocks(parse_xhtml(container.read(name))) if block)
    except CorruptError:
        return None
