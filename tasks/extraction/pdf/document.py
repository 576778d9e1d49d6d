"""A PDF as pdfium sees it. All calls come from one thread: pdfium is not made for two."""

import io
from collections.abc import Sequence
from typing import Any

from tasks.extraction.ocr import DPI, MOST_PIXELS, grey_map
from tasks.extraction.reading import EncryptedError, Source, engine_errors
from tasks.extraction.texts import clean_language, clean_title

POINTS_PER_INCH = 72


def open_pdf(source: Source, passwords: Sequence[str]) -> tuple[Any, str | None]:
    """The document under pdfium, and the password that opened it, None when it needs none. The caller closes it.

    Raises EncryptedError when no password fits, CorruptError.
    """
    for password in (None, *passwords):
        try:
            with engine_errors("pypdfium2"):
                import pypdfium2

                return pypdfium2.PdfDocument(source.data if source.data is not None else source.path, password), password
        except EncryptedError:
            continue
    raise EncryptedError(f"none of {len(passwords)} passwords fits" if passwords else "needs a password")


def describe(document: Any) -> tuple[str | None, str | None]:
    """Title and language, as the document states them."""
    from pypdfium2 import raw

    length = raw.FPDFCatalog_GetLanguage(document, None, 0)  # in units of two bytes, the final zero included
    buffer = (raw.FPDF_WCHAR * max(1, length))()
    raw.FPDFCatalog_GetLanguage(document, buffer, length)
    language = bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")
    return clean_title(document.get_metadata_value("Title")), clean_language(language)


def page_text(document: Any, at: int) -> str:
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


def largest_image(document: Any, at: int) -> float | None:
    """Share of the page that its largest image covers, 0 for drawings without one, None for a page that shows nothing.

    Inside forms too, two levels deep.
    """
    import pypdfium2
    from pypdfium2 import raw

    try:
        page = document[at]
    except pypdfium2.PdfiumError:
        return None
    try:
        area = page.get_width() * page.get_height()
        images = [_area_of(each, area) for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)]
        if images:
            return max(images)
        return None if next(iter(page.get_objects(max_depth=3)), None) is None else 0.0
    finally:
        page.close()


def _area_of(image: Any, page_area: float) -> float:
    import pypdfium2

    try:
        left, bottom, right, top = image.get_bounds()
    except pypdfium2.PdfiumError:
        return 0.0
    return min(1.0, abs((right - left) * (top - bottom)) / page_area) if page_area > 0 else 0.0


def render_page(document: Any, at: int) -> bytes | None:
    """A page in grey as PGM, at most MOST_PIXELS large; None for a page that pdfium cannot show."""
    import pypdfium2

    try:
        page = document[at]
    except pypdfium2.PdfiumError:
        return None
    try:
        inches = page.get_width() * page.get_height() / POINTS_PER_INCH**2
        if inches <= 0:
            return None
        dots = min(DPI, (MOST_PIXELS / inches) ** 0.5)
        bitmap = page.render(scale=dots / POINTS_PER_INCH, grayscale=True)
        levels = bitmap.to_numpy()
        return grey_map(bitmap.width, bitmap.height, levels.reshape(bitmap.height, bitmap.width).tobytes())
    except pypdfium2.PdfiumError:
        return None
    finally:
        page.close()


def copy_pages(document: Any, pages: Sequence[int]) -> bytes:
    """Pages as a document of their own, without bookmarks, for an engine that reads whole documents. Raises CorruptError."""
    with engine_errors("pypdfium2"):
        import pypdfium2

        copy = pypdfium2.PdfDocument.new()
        try:
            copy.import_pages(document, list(pages))
            stream = io.BytesIO()
            copy.save(stream)
            return stream.getvalue()
        finally:
            copy.close()
