"""OpenDocument text, tables and lists as Markdown (OASIS OpenDocument 1.3, part 3), for texts, spreadsheets and presentations."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tasks.extraction.office.blocks import picture
from tasks.extraction.office.formulas import mathml_formula
from tasks.extraction.office.zips import Container
from tasks.extraction.reading import CorruptError
from tasks.extraction.safe_xml import parse_xml, stream_elements
from tasks.extraction.texts import clean_language, clean_title, markdown_table

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE = "{" + _SPACE + "office:1.0}"
TEXT = "{" + _SPACE + "text:1.0}"
TABLE = "{" + _SPACE + "table:1.0}"
DRAW = "{" + _SPACE + "drawing:1.0}"
PRESENTATION = "{" + _SPACE + "presentation:1.0}"
_STYLE = "{" + _SPACE + "style:1.0}"
_SVG = "{" + _SPACE + "svg-compatible:1.0}"
_META = "{" + _SPACE + "meta:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_SKIPPED = {
    *(OFFICE + name for name in ("annotation", "annotation-end", "forms", "event-listeners")),
    *(TEXT + name for name in ("tracked-changes", "sequence-decls", "variable-decls", "user-field-decls", "ruby-text", "note")),
    PRESENTATION + "notes",
}
_LIST_STYLE = TEXT + "list-style"
BLOCKS = {TEXT + name for name in ("p", "h", "list", "section", "numbered-paragraph")} | {TABLE + "table", DRAW + "frame"}
_BLANKS = re.compile(r"[ \t\r\n]+")
_MOST_REPEATED = 1024  # columns of a table that hold the same text
_MOST_SPACES = 100


class Document:
    """An open OpenDocument file: its metadata, and which of its lists are numbered. Raises CorruptError for damage.

    title, language, tables (their number): as the document states them, None for nothing.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self.title, self.language, self.tables = self._metadata()
        self._numbered: dict[str, set[int]] = {}  # list style -> levels that are numbered, from 1
        self._notes: list[str] = []
        if container.has("styles.xml"):
            for style in parse_xml(container.read("styles.xml")).iter(_LIST_STYLE):
                self._add_list(style)

    def stream(self, *tags: str) -> Iterator[Any]:
        """The outermost elements of the content that have one of the tags, one after the other (`stream_elements`)."""
        if not self._container.has("content.xml"):
            raise CorruptError("content.xml is missing")
        for element in stream_elements(self._container.pieces("content.xml"), [*tags, _LIST_STYLE]):
            if element.tag == _LIST_STYLE:
                self._add_list(element)
            elif not any(above.tag in _SKIPPED for above in element.iterancestors()):
                yield element

    def blocks(self, elements: Iterable[Any]) -> Iterator[str]:
        """Markdown blocks of elements, such as the children of one."""
        for child in elements:
            tag = child.tag
            if tag == TEXT + "h":
                depth = child.get(TEXT + "outline-level", "1")
                text = " ".join(self.inline(child).split())
                yield f"{'#' * (int(depth) if depth in set('123456') else 6)} {text}" if text else ""
            elif tag == TEXT + "p":
                yield self.inline(child).strip()
                yield from self._frames([child])
            elif tag == TEXT + "list":
                yield "\n".join(self._items(child, 1, child.get(TEXT + "style-name", "")))
            elif tag == TABLE + "table":
                yield self.table(child)
            elif tag == DRAW + "frame":
                yield self._frame_text(child)
                yield from self._frames([child])
            elif isinstance(tag, str) and tag not in _SKIPPED:
                yield from self.blocks(child)

    def notes(self) -> Iterator[str]:
        """The footnotes and endnotes of what was read so far; each is given once."""
        yield from self._notes
        self._notes = []

    def inline(self, element: Any) -> str:
        """The text of a paragraph, without the text boxes and lists inside it."""
        return "".join(self._pieces(element))

    def table(self, table: Any) -> str:
        """A table; one with a single column is a frame around text."""
        rows = [self._cells(row) for row in _nearest(table, TABLE + "table-row")]
        width = max((len(row) for row in rows), default=0)
        if width <= 1:
            return "\n\n".join(row[0] for row in rows if row and row[0])
        rows = [row for row in rows if any(row)]
        return markdown_table([*rows[0], *[""] * (width - len(rows[0]))], rows[1:]) if rows else ""

    def cell_text(self, cell: Any) -> str:
        """The text of a cell on one line for each of its paragraphs."""
        return "\n".join(block for block in self.blocks(cell) if block)

    def _cells(self, row: Any) -> list[str]:
        cells: list[str] = []
        for cell in _nearest(row, TABLE + "table-cell", TABLE + "covered-table-cell"):
            text = self.cell_text(cell) if cell.tag == TABLE + "table-cell" else ""
            cells += [text] * min(repeated(cell, "columns"), _MOST_REPEATED)
        while cells and not cells[-1]:
            cells.pop()
        return cells

    def _pieces(self, element: Any) -> Iterator[str]:
        yield _BLANKS.sub(" ", element.text or "")
        for child in element:
            tag = child.tag
            if tag == TEXT + "s":
                count = child.get(TEXT + "c", "1")
                yield " " * (min(int(count), _MOST_SPACES) if count.isdigit() else 1)
            elif tag == TEXT + "tab":
                yield "\t"
            elif tag == TEXT + "line-break":
                yield "\n"
            elif tag == TEXT + "note":
                yield self._note(child)
            elif tag == DRAW + "frame":
                yield self._frame_text(child)
            elif isinstance(tag, str) and tag not in _SKIPPED and tag not in BLOCKS:
                yield from self._pieces(child)
            yield _BLANKS.sub(" ", child.tail or "")

    def _note(self, note: Any) -> str:
        body = note.find(TEXT + "note-body")
        name = f"[^{'e' if note.get(TEXT + 'note-class') == 'endnote' else 'f'}{len(self._notes) + 1}]"
        place = len(self._notes)
        self._notes.append("")
        self._notes[place] = f"{name}: {' '.join(' '.join(self.blocks(body)).split())}" if body is not None else ""
        return name

    def _items(self, items: Any, level: int, style: str) -> Iterator[str]:
        """The items of a list, and of the lists within them, one per line."""
        number = 0
        for item in items.iterchildren(TEXT + "list-item", TEXT + "list-header"):
            texts: list[str] = []
            inner: list[str] = []
            for child in item:
                if child.tag == TEXT + "list":
                    inner += self._items(child, level + 1, child.get(TEXT + "style-name", style))
                elif isinstance(child.tag, str):
                    texts.append(self.inline(child))
            text = " ".join(" ".join(texts).split())
            if text:
                start = item.get(TEXT + "start-value", "")
                number = int(start) if start.isdigit() else number + 1
                mark = f"{number}." if level in self._numbered.get(style, ()) else "-"
                yield f"{'  ' * (min(level, 9) - 1)}{mark} {text}"
            yield from inner

    def _frame_text(self, frame: Any) -> str:
        """What stands for a picture or formula in the line."""
        for part in frame.iterchildren(DRAW + "object"):
            formula = part.find(_MATH)
            name = part.get(_XLINK + "href", "").removeprefix("./") + "/content.xml"
            if formula is None and self._container.has(name):
                root = parse_xml(self._container.read(name))
                formula = root if root.tag == _MATH else root.find(".//" + _MATH)
            if formula is not None:
                return mathml_formula(formula)
        if frame.find(DRAW + "image") is None:
            return ""
        return picture(frame.findtext(_SVG + "desc") or frame.findtext(_SVG + "title"))

    def _frames(self, elements: Iterable[Any]) -> Iterator[str]:
        """The blocks in the text boxes of paragraphs, and the tables in frames."""
        for element in elements:
            for box in _nearest(element, DRAW + "text-box", TABLE + "table"):
                yield from self.blocks(box) if box.tag == DRAW + "text-box" else [self.table(box)]

    def _add_list(self, style: Any) -> None:
        levels = {number.get(TEXT + "level", "") for number in style.iterchildren(TEXT + "list-level-style-number")}
        self._numbered[style.get(_STYLE + "name", "")] = {int(level) for level in levels if level.isdigit()}

    def _metadata(self) -> tuple[str | None, str | None, int | None]:
        if not self._container.has("meta.xml"):
            return None, None, None
        meta = parse_xml(self._container.read("meta.xml"))
        statistic = meta.find(f".//{_META}document-statistic")
        tables = statistic.get(_META + "table-count", "") if statistic is not None else ""
        return (
            clean_title(meta.findtext(f".//{_DC}title")),
            clean_language(meta.findtext(f".//{_DC}language")),
            int(tables) if tables.isdigit() else None,
        )


def repeated(element: Any, what: str) -> int:
    """How often a cell ("columns") or row ("rows") stands for itself."""
    count = element.get(f"{TABLE}number-{what}-repeated", "1")
    return max(1, int(count)) if count.isdigit() else 1


def _nearest(parent: Any, *tags: str) -> Iterator[Any]:
    """The outermost elements with one of the tags below an element, without those inside tables within tables."""
    for child in parent:
        if child.tag in tags:
            yield child
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED and child.tag != TABLE + "table":
            yield from _nearest(child, *tags)
