"""Web pages: the main content without navigation and other boilerplate, or all of the text, as the settings say."""

import re
from collections.abc import Iterator

from tasks.extraction.reading import Part, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import decode_all, decode_pieces, is_blank
from tasks.extraction.web.content import main_content
from tasks.extraction.web.markdown import render
from tasks.extraction.web.plain import plain_pieces, plain_text
from tasks.extraction.web.walk import read_page

ENGINE = "doctune"
_LARGEST_PARSED = 16 * 1024 * 1024  # bytes; from here on a page is read as a stream of text, without structure
_MOST_TAGS = 600_000
_MOST_ATTRIBUTES = 2_000  # of one element; the parser's time grows with their square
_LONG_TAG = re.compile(rf"<[^<>]{{{2 * _MOST_ATTRIBUTES},}}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a page."""
    with source.view() as view:
        if len(view) > _LARGEST_PARSED:
            yield from _read_large(decode_pieces(view, source.encoding), settings.part_characters)
            return
        markup = decode_all(view, source.encoding)
    yield read_markup(markup, everything=settings.html_content == "all", links=settings.links)


def read_markup(markup: str, *, everything: bool = False, links: bool = False) -> Part:
    """Read a page that is decoded already. everything: not only the main content. links: keep their targets.

    A page that is too deep or too large for a parser, or in which it finds nothing, is read as plain text. Raises ReaderError.
    """
    if markup.count("<") > _MOST_TAGS or _has_flood(markup):
        return Part(plain_text(markup), engine=ENGINE)
    with engine_errors("lxml"):
        page = read_page(markup, links, everything)
        if page.cut_off:
            return Part(plain_text(markup), page.title, page.language, engine=ENGINE)
        blocks = page.blocks if everything else main_content(page)
        text = render(blocks)
        if is_blank(text) and not everything:
            text = render(read_page(markup, links).blocks)
        if is_blank(text):
            text = plain_text(markup)
        return Part(text, page.title, page.language, engine=ENGINE)


def _has_flood(markup: str) -> bool:
    """Whether an element has more attributes than a parser can take."""
    return any(len(_QUOTED.sub("", tag.group()).split()) > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(markup))


def _read_large(pieces: Iterator[str], part_characters: int) -> Iterator[Part]:
    gathered: list[str] = []
    size = 0
    for text in plain_pieces(pieces):
        gathered.append(text)
        size += len(text)
        if size >= part_characters:
            yield Part("".join(gathered), engine=ENGINE)
            gathered, size = [], 0
    yield Part("".join(gathered), engine=ENGINE)
