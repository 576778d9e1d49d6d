"""YAML, TOML and INI, as the code that they are: comments belong to the text, and nothing is resolved or run."""

from collections.abc import Iterator

from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces, decode_pieces, fenced

_FENCE_ROOM = 40  # characters of a part that its fence may take


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a file of settings or data as code blocks."""
    with source.view() as view:
        for text in cut_pieces(decode_pieces(view, source.encoding), settings.part_characters - _FENCE_ROOM):
            if text.strip():
                yield Part(fenced(text.strip("\n"), source.format))
