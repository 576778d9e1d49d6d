"""OpenDocument texts."""

from collections.abc import Iterator

from tasks.extraction.kreuzberg_offline import ENGINE, convert
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read an OpenDocument text; it has no pages before it is laid out."""
    found = convert(source)
    yield Part(found.markdown, found.title, found.language, engine=ENGINE, engine_version=found.version)
