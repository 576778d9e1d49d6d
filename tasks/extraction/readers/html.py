"""Web pages: the main content, without navigation and other boilerplate."""

from collections.abc import Iterator

from tasks.extraction.reading import Part, Source, engine_errors
from tasks.extraction.registry import version_of
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, decode_all, is_blank

ENGINE = "trafilatura"
FALLBACK = "resiliparse"


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a page."""
    with source.view() as view:
        markup = decode_all(view, source.encoding)
    yield read_markup(markup)


def read_markup(markup: str) -> Part:
    """Read a page that is decoded already: trafilatura, and where it finds nothing all visible text. Raises ReaderError."""
    title, language = _describe(markup)
    with engine_errors(ENGINE):
        import trafilatura

        text = trafilatura.extract(
            markup,
            output_format="markdown",
            include_tables=True,
            include_formatting=True,
            include_links=False,
            include_images=False,
            include_comments=False,
        )
    if text is not None and not is_blank(text):
        return Part(text, title, language, engine=ENGINE, engine_version=version_of(ENGINE) or "")
    with engine_errors(FALLBACK):
        from resiliparse.extract.html2text import extract_plain_text

        text = extract_plain_text(markup, preserve_formatting=True)
    return Part(text, title, language, engine=FALLBACK, engine_version=version_of(FALLBACK) or "")


def _describe(markup: str) -> tuple[str | None, str | None]:
    """Title and language as the page states them."""
    with engine_errors(FALLBACK):
        from resiliparse.parse.html import HTMLTree

        tree = HTMLTree.parse(markup)
        root = tree.document.query_selector("html") if tree.document is not None else None
        language = root.getattr("lang") if root is not None else None
        return clean_title(tree.title), clean_language(language)
