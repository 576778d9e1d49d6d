"""OpenDocument presentations."""

from collections.abc import Iterator
from typing import Any

from tasks.extraction.office.blocks import gather_blocks, hold_pages
from tasks.extraction.office.odf import DRAW, PRESENTATION, Document
from tasks.extraction.office.zips import open_container
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings

_NOT_TEXT = {"date-time", "footer", "header", "page-number", "page"}  # classes of frames


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a presentation; its pages are slides, separated by form feeds."""
    with open_container(source) as container:
        document = Document(container)
        pages = (_slide(document, page) for page in document.stream(DRAW + "page"))
        slides = hold_pages(pages)
        for text in gather_blocks((slide or "" for slide in slides), settings.part_characters, "\f"):
            yield Part(text, document.title, document.language, pages=len(slides), pages_lost=0)


def _slide(document: Document, page: Any) -> str:
    """A slide: its title, its shapes in their order, and its notes."""
    shapes = [shape for shape in page if shape.get(PRESENTATION + "class") not in _NOT_TEXT]
    titles = [shape for shape in shapes if shape.get(PRESENTATION + "class") == "title"]
    blocks = [f"## {text}" for text in (" ".join(" ".join(document.blocks([title])).split()) for title in titles) if text]
    blocks += document.blocks(shape for shape in shapes if shape not in titles)
    blocks += document.notes()
    for notes in page.iterchildren(PRESENTATION + "notes"):
        kept = [frame for frame in notes if frame.get(PRESENTATION + "class") not in _NOT_TEXT]
        text = "\n\n".join(block for block in document.blocks(kept) if block)
        blocks += [f"Notes: {text}"] if text else []
    return "\n\n".join(block for block in blocks if block)
