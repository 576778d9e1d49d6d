"""A look into documents that take long to read, before they are read: a few places, spread over the whole.

Only formats whose places say what the whole text will be: PDF, by pdfium's text of pages, and texts that are read as they are.
Markup is left out (a place may be a script), and so is a Markdown text with fenced code, which counts as no prose later. Who
decides on a sample needs most places to speak, so a document of which too few could be seen has none.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from tasks.extraction.pdf.document import open_pdf, page_text
from tasks.extraction.pdf.probe import is_garbled
from tasks.extraction.reading import ReaderError, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import valid_text
from tasks.extraction.work import ExtractionRequest, open_source

TEXTS = ("text", "markdown", "csv", "tsv")
FORMATS = ("pdf", *TEXTS)
LEAST_BYTES = 256 * 1024  # of a text; a smaller one is read as fast as it is sampled
LEAST_PAGES = 12
LEAST_PLACES = 8
PAGES_PER_PLACE = 50  # so that no part of a very long document goes unseen
PLACES_PER_PART = 8
MOST_PLACES = 48  # a document that would need more is read
PLACE_CHARACTERS = 700
PLACE_BYTES = 4096  # read of a text for each place
LEAST_LETTERS = 200  # of a place that speaks
SPEAKING_SHARE = 0.75  # of the places


def is_costly(format_name: str, size: int) -> bool:
    """Whether a document of `size` bytes may be worth a sample."""
    return format_name == "pdf" or (format_name in TEXTS and size >= LEAST_BYTES)


def sample_rows(request: ExtractionRequest) -> list[dict[str, Any]]:
    """The row of a document's sample (schema SAMPLES); none where too little can be seen, and where it cannot be read: what is
    wrong with it is found when it is read."""
    with open_source(request) as (source, _):
        if source is None:
            return []
        try:
            places = list(
                _pdf_places(source, request.settings) if source.format == "pdf" else _text_places(source, request.settings)
            )
        except ReaderError:
            return []
    speaking = [place for place in places if _letters(place) >= LEAST_LETTERS]
    if len(places) < LEAST_PLACES or len(speaking) < SPEAKING_SHARE * len(places):
        return []
    return [
        {
            "document_id": request.document_id,
            "places": speaking,
            "letters": sum(map(_letters, speaking)),
            "pages_seen": len(places) if source.format == "pdf" else None,
        }
    ]


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _pdf_places(source: Source, settings: ExtractionSettings) -> Iterator[str]:
    """Text of pages spread over a PDF, the first and the last among them; nothing for one that is soon read or refused."""
    document, _ = open_pdf(source, settings.passwords)
    with closing(document), engine_errors("pypdfium2"):
        pages = len(document)
        count = max(LEAST_PLACES, math.ceil(pages / PAGES_PER_PLACE))
        if not LEAST_PAGES <= pages <= settings.pdf_max_pages or count > MOST_PLACES:
            return
        for at in _spread(count, pages - 1):
            text = page_text(document, at)
            yield "" if is_garbled(text) else valid_text(_middle(text))


def _text_places(source: Source, settings: ExtractionSettings) -> Iterator[str]:
    """Pieces spread over a text, its beginning and its end among them."""
    parts = math.ceil(source.size / settings.part_characters)
    count = max(LEAST_PLACES, parts * PLACES_PER_PART)
    with source.view() as view:
        if count > MOST_PLACES or view.find(b"```") >= 0 or view.find(b"~~~") >= 0:
            return
        encoding = source.encoding or "utf-8"
        if encoding.startswith(("utf-16", "utf-32")):
            return  # a place could begin amid a character
        for at in _spread(count, source.size - PLACE_BYTES):
            piece = view[at : at + PLACE_BYTES].decode(encoding, "replace").strip("\ufffd")
            yield valid_text(_middle(piece))


def _spread(count: int, last: int) -> Sequence[int]:
    return [round(at * last / (count - 1)) for at in range(count)]


def _middle(text: str) -> str:
    """PLACE_CHARACTERS from the middle of a text: headers and cut words stand at its ends."""
    start = max(0, (len(text) - PLACE_CHARACTERS) // 2)
    return text[start : start + PLACE_CHARACTERS]
