"""EPUB books."""

from collections.abc import Iterator

from tasks.extraction.kreuzberg_offline import ENGINE, convert
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a book; its pages depend on the screen, so that it has none here."""
    found = convert(source)
    yield Part(found.markdown, found.title, found.language, engine=ENGINE, engine_version=found.version)
