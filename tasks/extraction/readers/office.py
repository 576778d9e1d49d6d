"""Word documents and presentations through kreuzberg, for who prefers it to the own readers."""

from collections.abc import Iterator

from tasks.extraction.kreuzberg_offline import ENGINE, convert
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document; the pages of a presentation are its slides."""
    found = convert(source)
    slides = int(found.metadata.get("slide_count") or 0) if source.format == "pptx" else None
    lost = 0 if slides is not None else None
    yield Part(found.markdown, found.title, found.language, slides, lost, engine=ENGINE, engine_version=found.version)
