"""Web archives (RFC 2557): the page of a message whose other parts are its images and styles."""

from collections.abc import Iterator

from tasks.extraction.mail.mime import text_of
from tasks.extraction.readers.html import read_markup
from tasks.extraction.reading import EmptyError, Part, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings
from tasks.storage.messages import parse_message


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read the first page of an archive."""
    with engine_errors("email"):
        for part in parse_message(source.read()).walk():
            if part.get_content_type() in ("text/html", "application/xhtml+xml"):
                yield read_markup(text_of(part), everything=settings.html_content == "all", links=settings.links)
                return
        raise EmptyError("no page in the archive")
