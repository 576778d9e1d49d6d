"""The engines that turn pages of a PDF into Markdown or text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tasks.extraction.pdf.document import copy_pages
from tasks.extraction.pdf.repair import repair_pages, tidy_inspected
from tasks.extraction.reading import LimitError, Source, engine_errors

BATCH_PAGES = 50  # that liteparse holds in memory at once
_EMPTY_FENCE = "```text\n\n```"
_TYPED_FIELDS = ("text", "combobox", "listbox")
_PASSWORD_FLAG = 1 << 13  # ISO 32000-1, table 228: what was typed is not to be shown


def by_liteparse(source: Source, password: str | None, most_pages: int) -> Iterator[dict[int, str]]:
    """All pages in Markdown by their index, in batches, without those that it cannot read. Raises ReaderError."""
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
            yield dict(zip(numbers, filled, strict=True))


def by_liteparse_alone(source: Source, document: Any, chosen: Sequence[int]) -> Iterator[dict[int, str]]:
    """Like `by_liteparse`, for the chosen pages, which are copied out of an open document. Raises ReaderError."""
    for start in range(0, len(chosen), BATCH_PAGES):
        pages = chosen[start : start + BATCH_PAGES]
        content = copy_pages(document, pages)
        for batch in by_liteparse(replace(source, size=len(content), data=content), None, len(pages)):
            yield {pages[at]: text for at, text in batch.items()}


def _without_empty_fence(page: str) -> str:
    """liteparse gives a code block around nothing for a page without text."""
    return "" if page.strip() == _EMPTY_FENCE else page.strip("\n")


def _with_entries(text: str, page: Any) -> str:
    """A page with what was typed into it, in forms and as text on top, where the page's text does not hold it already."""
    held = "".join(text.replace("\\", "").split())
    missing = [f"{label}: {entry}" if label else entry for label, entry in _entries(page) if "".join(entry.split()) not in held]
    return "\n\n".join([text, *dict.fromkeys(missing)])


def _entries(page: Any) -> Iterator[tuple[str, str]]:
    """What was typed into a page, with the label of its field, "" for none."""
    for field in page.form_fields or ():
        value = ", ".join(field.selected_options) or field.value or ""
        if field.type in _TYPED_FIELDS and value.strip() and not field.field_flags & _PASSWORD_FLAG:
            yield (field.alternate_name or "").strip(), value.strip().replace("\r", "\n")
    for note in page.annotations or ():
        if note.subtype == "freetext" and (note.contents or "").strip():
            yield "", note.contents.strip().replace("\r", "\n")


def by_inspector(document: Any, at: int) -> str:
    """A page in Markdown by pdf-inspector. Raises ReaderError."""
    content = copy_pages(document, [at])
    with engine_errors("pdf-inspector"):
        import pdf_inspector

        pages = pdf_inspector.extract_pages_markdown_bytes(content).pages
        return tidy_inspected("\n\n".join(page.markdown for page in pages))


def by_pypdf(source: Source, most_pages: int) -> Iterator[str]:
    """The text of each page. Raises ReaderError."""
    with engine_errors("pypdf"):
        from pypdf import PdfReader

        reader = PdfReader(source.open())
        if reader.is_encrypted:
            reader.decrypt("")
        if len(reader.pages) > most_pages:
            raise LimitError(f"{len(reader.pages)} pages, limit {most_pages}")
        for page in reader.pages:
            yield page.extract_text()
