"""Word documents, read from their XML: the engines at hand lose characters or lists (docs/engines.md).

Element and attribute names are those of ECMA-376 part 1, chapter 17 (WordprocessingML). Deleted text of tracked changes, field
codes, headers, footers and comments are left out. The text is read paragraph by paragraph, never as one tree.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tasks.extraction.office.blocks import gather_blocks, picture
from tasks.extraction.office.docx_styles import Styles, read_styles
from tasks.extraction.office.formulas import office_formula
from tasks.extraction.office.ooxml import FALLBACK, Package, drop_fallbacks, open_package
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import markdown_table

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FORMULA = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_BOX = _W + "txbxContent"
_SKIPPED = {_W + name for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "txbxContent", "fldData", "rt")}
_SIGNS = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-", _W + "ptab": "\t"}
_NOTES = (("footnotes", "footnote"), ("endnotes", "endnote"))
_HOLLOW = re.compile(r"[\s|]*")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a Word document; it has no pages before it is laid out."""
    with open_package(source) as package:
        main = package.main_part("word/document.xml")
        styles = read_styles(package, main)
        title, language = package.properties()
        for text in gather_blocks(_all_blocks(package, main, _Reader(styles)), settings.part_characters):
            yield Part(text, title, language or styles.language)


def _all_blocks(package: Package, main: str, reader: "_Reader") -> Iterator[str]:
    yield from reader.blocks(_visible(package.stream(main, _W + "p", _W + "tbl")))
    for part, kind in _NOTES:
        yield from _notes(package, main, part, kind, reader)


def _visible(elements: Iterable[Any]) -> Iterator[Any]:
    """Paragraphs and tables without those that were deleted or moved away, or that repeat what stands beside them."""
    for element in elements:
        if not any(above.tag in _SKIPPED or above.tag == FALLBACK for above in element.iterancestors()):
            yield drop_fallbacks(element)


def _notes(package: Package, main: str, part: str, kind: str, reader: "_Reader") -> Iterator[str]:
    """Footnotes or endnotes that the text refers to."""
    for target in package.related(main, part):
        for note in package.stream(target, _W + kind):
            name = note.get(_W + "id")
            text = " ".join(" ".join(reader.blocks(_content(drop_fallbacks(note)))).split())
            if (kind, name) in reader.notes and text:
                yield f"[^{kind[0]}{name}]: {text}"


class _Reader:
    """Walks through the body; keeps the counts of numbered lists and the notes referred to."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._counts: dict[str, dict[int, int]] = {}  # list -> level -> items so far
        self.notes: set[tuple[str, str | None]] = set()

    def blocks(self, elements: Iterable[Any]) -> Iterator[str]:
        """Markdown blocks of paragraphs and tables; neighbouring items of lists form one."""
        items: list[str] = []
        for element in elements:
            if element.tag == _W + "tbl":
                block, is_item = self._table(element), False
            else:
                block, is_item = self._paragraph(element)
            if items and not is_item:
                yield "\n".join(items)
                items = []
            if is_item:
                items.append(block)
            elif block:
                yield block
            for box in _content(element, _BOX) if element.tag == _W + "p" else ():
                yield from self.blocks(_content(box))
        if items:
            yield "\n".join(items)

    def _paragraph(self, paragraph: Any) -> tuple[str, bool]:
        """A paragraph as Markdown and whether it is an item of a list."""
        text = "".join(self._inline(paragraph)).strip()
        style = self._styles.of(paragraph)
        if not text:
            return "", False
        if style.heading:
            return f"{'#' * style.heading} {' '.join(text.split())}", False
        if style.list_id is None:
            return text, False
        mark = f"{self._count(style.list_id, style.level)}." if style.numbered else "-"
        return f"{'  ' * style.level}{mark} {' '.join(text.split())}", True

    def _count(self, list_id: str, level: int) -> int:
        counts = self._counts.setdefault(list_id, {})
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        counts[level] = counts.get(level, self._styles.first(list_id, level) - 1) + 1
        return counts[level]

    def _inline(self, element: Any) -> Iterator[str]:
        for child in element:
            tag = child.tag
            if tag == _W + "t":
                yield child.text or ""
            elif tag == _FORMULA:
                yield office_formula(child)
            elif tag == _PICTURE:
                yield picture(child.get("descr"))
            elif tag in _SIGNS:
                yield _SIGNS[tag]
            elif tag in (_W + "footnoteReference", _W + "endnoteReference"):
                kind = tag[len(_W) :].removesuffix("Reference")
                self.notes.add((kind, child.get(_W + "id")))
                yield f"[^{kind[0]}{child.get(_W + 'id')}]"
            elif isinstance(tag, str) and tag not in _SKIPPED:
                yield from self._inline(child)

    def _table(self, table: Any) -> str:
        """A table; one with a single column is a frame around text and read as such."""
        rows = [list(_content(row, _W + "tc")) for row in _content(table, _W + "tr")]
        if all(len(row) <= 1 for row in rows):
            return "\n\n".join(block for row in rows for cell in row for block in self.blocks(_content(cell)))
        lines = [[text for cell in row for text in self._cell(cell)] for row in rows]
        if all(_HOLLOW.fullmatch("".join(line)) for line in lines):
            return ""
        width = max(map(len, lines))
        head = lines[0] + [""] * (width - len(lines[0]))
        return markdown_table(head, lines[1:])

    def _cell(self, cell: Any) -> list[str]:
        """The text of a cell, and an empty one for each further column that it spans."""
        properties = cell.find(_W + "tcPr")
        span = properties.find(_W + "gridSpan") if properties is not None else None
        columns = span.get(_W + "val", "1") if span is not None else "1"
        text = " ".join("".join(self._inline(paragraph)) for paragraph in cell.iter(_W + "p"))  # of inner tables too
        return [text, *[""] * (min(int(columns), 100) - 1 if columns.isdigit() else 0)]


def _content(parent: Any, *wanted: str) -> Iterator[Any]:
    """Paragraphs and tables (or what is wanted) of an element, through the wrappers that Word puts around them."""
    tags = wanted or (_W + "p", _W + "tbl")
    for child in parent:
        if child.tag in tags:
            yield child
        elif (
            isinstance(child.tag, str)
            and child.tag not in _SKIPPED
            and child.tag not in (_W + "tblPr", _W + "sectPr", _W + "tcPr")
        ):
            yield from _content(child, *tags)
