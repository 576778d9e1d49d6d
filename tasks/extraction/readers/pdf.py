"""PDF: pdfium probes the text layer, liteparse gives Markdown, pypdf what the document says of itself.

When liteparse fails or finds much less text than the probe saw, the plain text of pdfium is taken, then that of pypdf. Pages are
separated by form feeds, which normalization needs to find running headers and footers.
All of this stays on one thread: pdfium is not made for two.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tasks.extraction.reading import CorruptError, EmptyError, LimitError, NeedsOcrError, Part, ReaderError, Source, engine_errors
from tasks.extraction.registry import version_of
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, is_blank
from tasks.extraction.typewriter import free_prose

PROBED_PAGES = 24
BATCH_PAGES = 100  # pages that liteparse holds in memory at once
LEAST_CHARACTERS = 10  # a page with an image and fewer, spaces aside, is a scan: a stamp or a page number at most
SCANNED_SHARE = 0.9  # of the probed pages, without a text layer
POOR_SHARE = 0.5  # of the characters that the probe saw; an engine that finds fewer has lost text
PAGE_BREAK = "\f"
_EMPTY_FENCE = "```text\n\n```"


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a PDF."""
    title, language = _describe(source)
    try:
        with _open(source) as document:
            pages = len(document)
            probed = _probe(document, settings)
    except CorruptError:
        probed, pages = {}, 0  # pypdf repairs some files that pdfium refuses
    pieces, engine = _extract(source, probed, pages, settings)
    lost = _count_lost(source, pieces) if probed else 0
    text = PAGE_BREAK.join(pieces)
    if is_blank(text):
        raise NeedsOcrError() if lost else EmptyError("no text on any page")
    yield Part(text, title, language, len(pieces), lost, engine, version_of(engine) or "")


@contextmanager
def _open(source: Source) -> Iterator[Any]:
    with engine_errors("pypdfium2"):
        import pypdfium2

        document = pypdfium2.PdfDocument(source.data if source.data is not None else source.path)
        try:
            yield document
        finally:
            document.close()


def _describe(source: Source) -> tuple[str | None, str | None]:
    """Title and language, as pypdf finds them; a document whose description is damaged has neither."""
    try:
        with engine_errors("pypdf"):
            from pypdf import PdfReader

            reader = PdfReader(source.open())
            if reader.is_encrypted:
                reader.decrypt("")
            metadata = reader.metadata
            return clean_title(metadata.title if metadata else None), clean_language(reader.root_object.get("/Lang"))
    except ReaderError:
        return None, None


def _probe(document: Any, settings: ExtractionSettings) -> dict[int, int]:
    """Characters of text, spaces aside, on some pages spread over the document: page index -> count.

    Raises LimitError, NeedsOcrError, EmptyError.
    """
    pages = len(document)
    if pages == 0:
        raise EmptyError("no pages")
    if pages > settings.pdf_max_pages:
        raise LimitError(f"{pages} pages, limit {settings.pdf_max_pages}")
    chosen = sorted({round(at * (pages - 1) / max(1, min(pages, PROBED_PAGES) - 1)) for at in range(min(pages, PROBED_PAGES))})
    found = {at: sum(len(word) for word in _page_text(document, at).split()) for at in chosen}
    scans = [at for at, characters in found.items() if _is_scan(document, at, characters)]
    if scans and len(scans) >= SCANNED_SHARE * len([at for at in chosen if found[at] or at in scans]):
        raise NeedsOcrError(f"{len(scans)} of {len(chosen)} pages looked at have no text layer")
    if not any(found.values()) and not scans and len(chosen) == pages:
        raise EmptyError("its pages have no content")
    return found


def _is_scan(document: Any, at: int, characters: int) -> bool:
    """Whether a page shows something that its text layer does not hold."""
    if characters >= LEAST_CHARACTERS:
        return False
    return _has_drawing(document, at, only_images=characters > 0)


def _page_text(document: Any, at: int) -> str:
    """Text of a page; "" for a page that pdfium cannot load."""
    import pypdfium2

    try:
        page = document[at]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return ""
    try:
        return str(text.get_text_bounded()).replace("\r\n", "\n")
    finally:
        text.close()
        page.close()


def _has_drawing(document: Any, at: int, only_images: bool = False) -> bool:
    """Whether anything, or an image, is painted on a page; inside forms too, two levels deep."""
    import pypdfium2
    from pypdfium2 import raw

    kinds = [raw.FPDF_PAGEOBJ_IMAGE] if only_images else None
    try:
        page = document[at]
    except pypdfium2.PdfiumError:
        return False
    try:
        return next(iter(page.get_objects(filter=kinds, max_depth=3)), None) is not None
    finally:
        page.close()


def _extract(source: Source, probed: dict[int, int], pages: int, settings: ExtractionSettings) -> tuple[list[str], str]:
    """Text per page and the engine that gave it. Raises ReaderError when no engine could read the document."""
    engines = [("liteparse", _by_liteparse), ("pypdfium2", _by_pdfium)] if probed else []
    best: tuple[list[str], str] | None = None
    trouble: ReaderError | None = None
    for name, extract in [*engines, ("pypdf", _by_pypdf)]:
        try:
            found = extract(source, settings)
        except LimitError:
            raise
        except ReaderError as error:
            trouble = trouble or error
            continue
        if not _is_poor(found, probed) and len(found) >= pages:
            return found, name
        if best is None or sum(map(len, found)) > sum(map(len, best[0])):
            best = found, name
    if best is None:
        raise trouble or CorruptError("no engine could read it")
    return best


def _is_poor(found: Sequence[str], probed: dict[int, int]) -> bool:
    """Whether much less text was found on the probed pages than the probe saw there."""
    seen = sum(probed.values())
    got = sum(len(word) for at in probed if at < len(found) for word in found[at].split())
    return got < POOR_SHARE * seen


def _by_liteparse(source: Source, settings: ExtractionSettings) -> list[str]:
    with engine_errors("liteparse"):
        from liteparse import LiteParse

        parser = LiteParse(
            ocr_enabled=False,
            output_format="markdown",
            image_mode="off",
            extract_links=False,
            keep_headers_footers=True,  # taking them out belongs to normalization, where it is counted
            continue_on_page_error=True,
            max_pages=settings.pdf_max_pages,
            quiet=True,
        )
        found: dict[int, str] = {}
        total = 0
        for batch in parser.parse_batches(source.data if source.data is not None else source.path, BATCH_PAGES):
            total = batch.total_pages
            found.update((page.page_num - 1, page.markdown) for page in batch.result.pages)
        return free_prose([_without_empty_fence(found.get(at, "")) for at in range(total)])


def _without_empty_fence(page: str) -> str:
    """liteparse gives a code block around nothing for a page without text."""
    return "" if page.strip() == _EMPTY_FENCE else page.strip("\n")


def _by_pdfium(source: Source, settings: ExtractionSettings) -> list[str]:
    with _open(source) as document:
        return [_page_text(document, at) for at in range(len(document))]


def _by_pypdf(source: Source, settings: ExtractionSettings) -> list[str]:
    with engine_errors("pypdf"):
        from pypdf import PdfReader

        reader = PdfReader(source.open())
        if reader.is_encrypted:
            reader.decrypt("")
        if len(reader.pages) > settings.pdf_max_pages:
            raise LimitError(f"{len(reader.pages)} pages, limit {settings.pdf_max_pages}")
        return [page.extract_text() for page in reader.pages]


def _count_lost(source: Source, pieces: Sequence[str]) -> int:
    """Pages that show something and gave no text: scans among pages with a text layer."""
    bare = [at for at, text in enumerate(pieces) if is_blank(text)]
    if not bare:
        return 0
    with _open(source) as document:
        return sum(_has_drawing(document, at) for at in bare if at < len(document))
