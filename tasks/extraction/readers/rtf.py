"""Rich Text."""

from collections.abc import Iterator

from tasks.extraction.kreuzberg_offline import ENGINE, convert
from tasks.extraction.reading import CorruptError, Part, Source
from tasks.extraction.settings import ExtractionSettings


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read Rich Text. The engine takes any bytes for it, so that the opening brace is asked for here."""
    if not source.read().lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"{"):
        raise CorruptError("does not begin like Rich Text")
    found = convert(source)
    yield Part(found.markdown, found.title, found.language, engine=ENGINE, engine_version=found.version)
