"""What liteparse is not to see, found by pdfium beforehand: it would crash the worker, or hardly ever end."""

from collections.abc import Iterator
from typing import Any

# Its time grows with the square of the lines that are drawn on a page: 20,000 cost 1 to 4 seconds, 100,000 a minute and more.
MOST_PATHS = 20_000
MOST_OBJECTS = 500_000  # of a page, that are looked at
FORM_LEVELS = 3
# Its memory grows with the sides of a page: 2 GB at a billion points. ISO 32000-1, annex C, names 14,400 as a usual limit.
LONGEST_SIDE = 1_000_000  # points
# It follows bookmarks without a limit: into circles until its stack overflows.
DEEPEST_BOOKMARK = 100
MOST_BOOKMARKS = 100_000


def has_endless_outline(document: Any) -> bool:
    """Whether bookmarks lie in one another too deep or in circles."""
    from pypdfium2 import raw

    waiting = [(raw.FPDFBookmark_GetFirstChild(document, None), 1)]
    for _ in range(MOST_BOOKMARKS):
        if not waiting:
            return False
        bookmark, depth = waiting.pop()
        if not bookmark:
            continue
        if depth > DEEPEST_BOOKMARK:
            return True
        waiting.append((raw.FPDFBookmark_GetNextSibling(document, bookmark), depth))
        waiting.append((raw.FPDFBookmark_GetFirstChild(document, bookmark), depth + 1))
    return True


def is_dangerous(document: Any, at: int) -> bool:
    """Whether a page is of an absurd size, or drawn with more lines than MOST_PATHS."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        if max(document.get_page_size(at)) > LONGEST_SIDE:
            return True
        page = document[at]
    except pypdfium2.PdfiumError:
        return False  # liteparse, which has pdfium inside, does not load it either
    try:
        paths = 0
        for seen, kind in enumerate(_kinds(page.raw)):
            paths += kind == raw.FPDF_PAGEOBJ_PATH
            if paths > MOST_PATHS or seen > MOST_OBJECTS:
                return True
        return False
    finally:
        page.close()


def _kinds(page: Any) -> Iterator[int]:
    """The kinds of the objects on a page, those in forms too."""
    from pypdfium2 import raw

    waiting = [(raw.FPDFPage_GetObject, page, at, 1) for at in range(raw.FPDFPage_CountObjects(page))]
    while waiting:
        fetch, holder, at, level = waiting.pop()
        found = fetch(holder, at)
        kind = raw.FPDFPageObj_GetType(found)
        yield kind
        if kind == raw.FPDF_PAGEOBJ_FORM and level < FORM_LEVELS:
            inside = range(raw.FPDFFormObj_CountObjects(found))
            waiting += [(raw.FPDFFormObj_GetObject, found, each, level + 1) for each in inside]
