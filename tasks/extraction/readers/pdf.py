"""PDF: liteparse gives Markdown, pdfium says what can be trusted, other engines read the pages that cannot.

pdfium looks at pages first: at all of a short document, in a long one at some, spread over it, and at those of which liteparse
found little. A page with a sound text layer is liteparse's; where its Markdown shows a fault (router.py) it is pdf-inspector's,
where much is missing it is the plain text of pdfium. A scan, or a page whose text layer is garbled, goes to text recognition, or
is lost. A file that pdfium cannot open is tried with pypdf. Pages are separated by form feeds, which normalization needs to
find running headers and footers. All of this stays on one thread: pdfium is not made for two.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from tasks.extraction.ocr import Ocr, find_ocr
from tasks.extraction.pdf.document import describe, open_pdf, render_page
from tasks.extraction.pdf.engines import by_inspector, by_liteparse, by_liteparse_alone, by_pypdf
from tasks.extraction.pdf.guard import has_endless_outline, is_dangerous
from tasks.extraction.pdf.probe import STAMP_CHARACTERS, Look, count_visible, is_garbled, look_at_page
from tasks.extraction.pdf.router import GAIN, LEAST_FOUND, POOR_FOUND, doubt, share_found
from tasks.extraction.reading import CorruptError, EmptyError, LimitError, NeedsOcrError, Part, ReaderError, Source, engine_errors
from tasks.extraction.registry import version_of
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import is_blank

PROBED_PAGES = 12
HOPELESS_SHARE = 0.9  # of the probed pages without text: without text recognition a long document is not begun
PAGE_BREAK = "\f"


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a PDF. Parts end at page boundaries; `pages_lost` counts from the first page to the end of the part."""
    try:
        document, password = open_pdf(source, settings.passwords)
    except CorruptError as error:
        yield _by_pypdf(source, settings, error)
        return
    with closing(document), engine_errors("pypdfium2"):
        yield from _Reading(source, document, password, settings).parts()


def _by_pypdf(source: Source, settings: ExtractionSettings, trouble: CorruptError) -> Part:
    """What pypdf makes of a document that pdfium refuses. Raises `trouble` when it refuses it too."""
    try:
        pages = list(by_pypdf(source, settings.pdf_max_pages))
    except CorruptError:
        raise trouble from None
    if is_blank(PAGE_BREAK.join(pages)):
        raise trouble
    return Part(PAGE_BREAK.join(pages), pages=len(pages), pages_lost=0, engine="pypdf", engine_version=version_of("pypdf") or "")


class _Reading:
    """One PDF on its way.

    lost: pages so far that show something and gave no text. kept: those that gave some. trouble: of text recognition.
    """

    def __init__(self, source: Source, document: Any, password: str | None, settings: ExtractionSettings) -> None:
        self.source = source
        self.document = document
        self.password = password
        self.settings = settings
        self.pages = len(document)
        self.ocr: Ocr | None = find_ocr(settings)
        self.looks: dict[int, Look] = {}
        self.thorough = False
        self.engines: set[str] = set()
        self.stamps: set[str] = set()
        self.trouble: str | None = None
        self.lost = 0
        self.kept = 0

    def parts(self) -> Iterator[Part]:
        """The document's parts. Raises LimitError, NeedsOcrError, EmptyError."""
        self._probe()
        title, language = describe(self.document)
        waiting: list[str] = []
        characters = 0
        for text in self._texts():
            if waiting and characters + len(text) > self.settings.part_characters:
                yield self._part(waiting, title, language)
                waiting, characters = [], 0
            waiting.append(text)
            characters += len(text) + len(PAGE_BREAK)
        if self.lost > self.kept:
            lost = f"{self.lost} of {self.lost + self.kept} pages have no text layer that can be read"
            raise NeedsOcrError(f"{lost}; {self.trouble}" if self.trouble else lost)
        if not self.kept:
            raise EmptyError("no text on any page")
        yield self._part(waiting, title, language)

    def _part(self, texts: list[str], title: str | None, language: str | None) -> Part:
        names = sorted(self.engines, key=lambda name: (name != "liteparse", name)) or ["liteparse"]
        versions = [self.ocr.version if self.ocr and name == self.ocr.engine else version_of(name) or "" for name in names]
        return Part(PAGE_BREAK.join(texts), title, language, self.pages, self.lost, "+".join(names), "+".join(versions))

    def _probe(self) -> None:
        """Look at pages spread over the document. Raises LimitError, NeedsOcrError, EmptyError for no pages."""
        if self.pages == 0:
            raise EmptyError("no pages")
        if self.pages > self.settings.pdf_max_pages:
            raise LimitError(f"{self.pages} pages, limit {self.settings.pdf_max_pages}")
        last = self.pages - 1
        count = min(self.pages, PROBED_PAGES)
        chosen = sorted({round(at * last / max(1, count - 1)) for at in range(count)})
        self.looks = {at: look_at_page(self.document, at) for at in chosen}
        kinds = [look.kind for look in self.looks.values()]
        filled = [kind for kind in kinds if kind != "blank"]
        lost = sum(kind in ("scan", "garbled") for kind in filled)
        if self.ocr is None and self.pages > PROBED_PAGES and lost and lost >= HOPELESS_SHARE * len(filled):
            raise NeedsOcrError(f"{lost} of {len(chosen)} pages looked at have no text layer that can be read")

    def _texts(self) -> Iterator[str]:
        """The text of each page, in order."""
        at = 0
        for batch in self._batches():
            last = max(batch, default=-1)
            while at <= last:
                yield self._settle(at, batch.get(at, ""))
                at += 1
        while at < self.pages:
            yield self._settle(at, "")
            at += 1

    def _batches(self) -> Iterator[dict[int, str]]:
        """What liteparse finds, up to where it fails; it is not shown what would crash it."""
        safe = [at for at in range(self.pages) if not is_dangerous(self.document, at)]
        try:
            if len(safe) == self.pages and not has_endless_outline(self.document):
                yield from by_liteparse(self.source, self.password, self.settings.pdf_max_pages)
            else:
                yield from by_liteparse_alone(self.source, self.document, safe)
        except LimitError:
            raise
        except ReaderError:
            self.thorough = True  # the rest is pdfium's

    def _settle(self, at: int, markdown: str) -> str:
        """The text of one page, by the engine that is right for it."""
        text, engine = self._choose(at, markdown)
        if not is_blank(text):
            self.engines.add(engine)
        return text

    def _choose(self, at: int, markdown: str) -> tuple[str, str]:
        doubtful = doubt(markdown) is not None
        look = self.looks.pop(at, None)
        few = count_visible(markdown) < STAMP_CHARACTERS
        if look is None and (self.thorough or doubtful or few or is_garbled(markdown)):
            look = look_at_page(self.document, at)
        if look is None:
            self.kept += 1
            return markdown, "liteparse"
        if look.kind == "garbled" and not is_blank(markdown) and not is_garbled(markdown):
            self.kept += 1  # liteparse repairs some tables of glyphs
            return markdown, "liteparse"
        if look.kind in ("scan", "stamped", "garbled"):
            return self._recognize(at, look, markdown)
        text, engine = self._most_complete(at, markdown, look.text, doubtful)
        self.kept += not is_blank(text)
        return text, engine

    def _most_complete(self, at: int, markdown: str, seen: str, doubtful: bool) -> tuple[str, str]:
        """Of the engines for a text layer the first that has all of its text."""
        found = share_found(markdown, seen)
        if found < LEAST_FOUND:
            self.thorough = True  # what happened here can happen on pages between those that were probed
        if found >= LEAST_FOUND and not doubtful:
            return markdown, "liteparse"
        try:
            other = by_inspector(self.document, at)
        except ReaderError:
            other = ""
        other_found = share_found(other, seen)
        if other_found >= LEAST_FOUND and ((doubtful and other_found > found - GAIN) or other_found > found + GAIN):
            return other, "pdf-inspector"
        return (markdown, "liteparse") if found >= POOR_FOUND else (seen.strip(), "pypdfium2")

    def _recognize(self, at: int, look: Look, markdown: str) -> tuple[str, str]:
        """The text of a scan or of a page whose text layer is garbled; without recognition, what the forms on a scan hold."""
        picture = render_page(self.document, at) if self.ocr is not None else None
        if self.ocr is not None and picture is not None:
            try:
                text = self.ocr.recognize(picture, self.settings)
            except ReaderError as error:
                text = None
                self.trouble = error.detail
            if text is not None and (look.kind == "garbled" or count_visible(text) >= count_visible(look.text)):
                self.kept += not is_blank(text)
                return text, self.ocr.engine
        if look.kind == "garbled" or is_garbled(markdown):
            self.lost += 1
            return "", "liteparse"
        typed = is_blank(look.text) and not is_blank(markdown)
        if typed or (look.kind == "stamped" and self._is_new(look.text)):
            self.kept += 1
        else:
            self.lost += 1
        return markdown, "liteparse"

    def _is_new(self, stamp: str) -> bool:
        """Whether few words on a picture stand on no page before, but for figures: what comes again is a stamp."""
        words = "".join(character for character in stamp if character.isalpha())
        known = words in self.stamps
        self.stamps.add(words)
        return not known
