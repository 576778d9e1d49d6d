"""Web pages by trafilatura, the engine to compare with."""

from collections.abc import Iterator

from tasks.extraction.reading import Part, Source, engine_errors
from tasks.extraction.registry import version_of
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, decode_all

ENGINE = "trafilatura"


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read the main content of a page."""
    with source.view() as view:
        markup = decode_all(view, source.encoding)
    with engine_errors(ENGINE):
        import trafilatura

        document = trafilatura.bare_extraction(
            markup,
            include_comments=False,
            include_formatting=True,
            include_links=settings.links,
            with_metadata=True,
        )
        fields = document.as_dict() if isinstance(document, trafilatura.metadata.Document) else {}
        title, language = clean_title(fields.get("title")), clean_language(fields.get("language"))
        yield Part(fields.get("text") or "", title, language, engine=ENGINE, engine_version=version_of(ENGINE) or "")
