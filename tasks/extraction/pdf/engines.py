"""The engines that turn pages of a PDF into Markdown or text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tasks.extraction.pdf.document import single_page
from tasks.extraction.pdf.repair import repair_pages, tidy_inspected
from tasks.extraction.reading import LimitError, Source, engine_errors

BATCH_PAGES = 50  # that liteparse holds in memory at once
_EMPTY_FENCE = "```text\n\n```"
_VALUED_FIELDS = ("text", "combobox", "listbox")


@dataclass(frozen=True)
class Batch:
    """Some pages on the way. pages: index -> Markdown, without those that the engine could not read. total: of the document."""

    pages: dict[int, str] = field(default_factory=dict)
    total: int = 0


def by_liteparse(source: Source, password: str | None, most_pages: int) -> Iterator[Batch]:
    """All pages in Markdown, in batches. Raises ReaderError."""
    with engine_errors("liteparse"):
        from liteparse import LiteParse

        parser = LiteParse(
            ocr_enabled=False,
            output_format="markdown",
            image_mode="off",
            extract_links=False,
            extract_form_fields=True,
            extract_annotations=True,
            keep_headers_footers=True,  # taking them out belongs to normalization, where it is counted
            continue_on_page_error=True,
            max_pages=most_pages,
            password=password,
            quiet=True,
        )
        for batch in parser.parse_batches(source.data if source.data is not None else source.path, BATCH_PAGES):
            numbers = [page.page_num - 1 for page in batch.result.pages]
            texts = repair_pages([_without_empty_fence(page.markdown) for page in batch.result.pages])
            filled = (_with_entries(text, page) for text, page in zip(texts, batch.result.pages, strict=True))
            yield Batch(dict(zip(numbers, filled, strict=True)), batch.total_pages)


def _without_empty_fence(page: str) -> str:
    """liteparse gives a code block around nothing for a page without text."""
    return "" if page.strip() == _EMPTY_FENCE else page.strip("\n")


def _with_entries(text: str, page: Any) -> str:
    """A page with what was typed into it, in forms and as text on top, where the page's text does not hold it already."""
    entries = [
        f"{label}: {value}" if (label := (each.alternate_name or "").strip()) else value
        for each in page.form_fields or ()
        if each.type in _VALUED_FIELDS and (value := ", ".join(each.selected_options) or (each.value or "").strip())
    ]
    entries += [each.contents.strip() for each in page.annotations or () if each.subtype == "freetext" and each.contents]
    held = "".join(text.replace("\\", "").split())
    missing = [entry.replace("\r", "\n") for entry in dict.fromkeys(entries) if not _holds(held, entry)]
    return "\n\n".join([text, *missing]) if missing else text


def _holds(held: str, entry: str) -> bool:
    value = "".join(entry.rsplit(": ", 1)[-1].split())
    return not value or value in held


def by_inspector(document: Any, at: int) -> str:
    """A page in Markdown by pdf-inspector. Raises ReaderError."""
    content = single_page(document, at)
    with engine_errors("pdf-inspector"):
        import pdf_inspector

        pages = pdf_inspector.extract_pages_markdown_bytes(content).pages
        return tidy_inspected("\n\n".join(page.markdown for page in pages))


def by_pypdf(source: Source, password: str | None, most_pages: int) -> Iterator[Batch]:
    """All pages as text, page by page. Raises ReaderError."""
    with engine_errors("pypdf"):
        from pypdf import PdfReader

        reader = PdfReader(source.open())
        if reader.is_encrypted:
            reader.decrypt(password or "")
        if len(reader.pages) > most_pages:
            raise LimitError(f"{len(reader.pages)} pages, limit {most_pages}")
        for at, page in enumerate(reader.pages):
            yield Batch({at: page.extract_text()}, len(reader.pages))
