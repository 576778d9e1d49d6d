"""Plain text, read through a memory map in bounded parts."""

from collections.abc import Iterator

from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces, decode_pieces


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a text of any size; no more than a part of it is in memory at a time."""
    with source.view() as view:
        for text in cut_pieces(decode_pieces(view, source.encoding), settings.part_characters):
            yield Part(text)
