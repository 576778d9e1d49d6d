"""OpenDocument texts."""

from collections.abc import Iterator

from tasks.extraction.office.blocks import gather_blocks
from tasks.extraction.office.odf import BLOCKS, Document
from tasks.extraction.office.zips import open_container
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read an OpenDocument text; it has no pages before it is laid out."""
    with open_container(source) as container:
        document = Document(container)
        for text in gather_blocks(_all_blocks(document), settings.part_characters):
            yield Part(text, document.title, document.language)


def _all_blocks(document: Document) -> Iterator[str]:
    yield from document.blocks(document.stream(*BLOCKS))
    yield from document.notes()
