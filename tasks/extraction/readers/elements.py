"""Any format that unstructured reads, its elements put together as Markdown."""

import io
from collections.abc import Iterator
from typing import Any

from tasks.extraction.reading import Part, Source, engine_errors
from tasks.extraction.registry import version_of
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import markdown_table
from tasks.extraction.unstructured_offline import load_partitioner

ENGINE = "unstructured"


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a document with unstructured; `languages=[""]` keeps it from guessing languages, which is not repeatable."""
    with engine_errors(ENGINE):
        partition = load_partitioner(source.format, source.encoding)
        elements = partition(file=io.BytesIO(source.read()), languages=[""])
        text = "\n\n".join(block for block in map(_to_markdown, elements) if block)
        pages = [element.metadata.page_number for element in elements if element.metadata.page_number]
    counted = source.format in ("pdf", "ppt", "pptx", "xls", "xlsx")
    yield Part(
        text,
        pages=max(pages, default=0) if counted else None,
        pages_lost=0 if counted else None,
        engine=ENGINE,
        engine_version=version_of(ENGINE) or "",
    )


def _to_markdown(element: Any) -> str:
    text: str = element.text.strip()
    match element.category:
        case "Title":
            depth = min(6, (element.metadata.category_depth or 0) + 1)
            return f"{'#' * depth} {' '.join(text.split())}" if text else ""
        case "ListItem":
            return f"{'  ' * (element.metadata.category_depth or 0)}- {text}" if text else ""
        case "Table":
            return _table(element.metadata.text_as_html) or text
        case "PageBreak":
            return ""
    return text


def _table(markup: str | None) -> str:
    if not markup:
        return ""
    from lxml import html

    rows = [
        [" ".join(cell.itertext()) for cell in row.xpath("./th|./td")]
        for row in html.fromstring(markup, parser=html.HTMLParser(no_network=True)).xpath(".//tr")
    ]
    return markdown_table(rows[0], rows[1:]) if rows else ""
