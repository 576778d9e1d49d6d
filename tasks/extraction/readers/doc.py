"""Word documents of 1993 to 2003 (Microsoft, MS-DOC). Headers, footers, comments and field codes are left out."""

import re
import struct
from collections.abc import Iterator

from tasks.extraction.office.blocks import gather_blocks
from tasks.extraction.office.doc_pieces import WordText, flags_of, is_old, read_old_text, read_text
from tasks.extraction.office.ole import open_ole
from tasks.extraction.reading import CorruptError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import markdown_table

# Characters with a meaning of their own (MS-DOC 2.4.1 and 2.8.25).
_CELL, _FIELD, _FIELD_END = "\x07", "\x13", "\x15"
_PARAGRAPH = re.compile("[^\r\x07\x0c]*[\r\x07\x0c]?")
_SIGNS = str.maketrans({"\x0b": "\n", "\x0e": "\n", "\x1e": "\u2011", "\x1f": ""})
_CONTROLS = re.compile("[\x00-\x08\x0f-\x1d]")  # places of pictures, notes, comments
_FIELD_PARTS = re.compile("[\x13\x14\x15]")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a Word document; it has no pages before it is laid out."""
    with open_ole(source) as file:
        main = file.stream("WordDocument")
        try:
            version, flags = flags_of(main)
            if is_old(version):
                found = read_old_text(main, flags)
            else:
                found = read_text(main, file.stream("1Table" if flags & 0x200 else "0Table"))
        except (struct.error, IndexError) as error:
            raise CorruptError(f"doc: {error}") from error
        for text in gather_blocks(_all_blocks(found), settings.part_characters):
            yield Part(text, file.title)


def _all_blocks(found: WordText) -> Iterator[str]:
    """The main text, the footnotes and endnotes, the text boxes."""
    bounds = [0]
    for length in found.lengths:
        bounds.append(bounds[-1] + length)
    for number in (0, 1, 5, 6):
        yield from _blocks(found, bounds[number], bounds[number + 1])


def _blocks(found: WordText, begin: int, end: int) -> Iterator[str]:
    """The Markdown blocks of a stretch of the text; neighbouring list items and rows form one."""
    items: list[str] = []
    rows: list[list[str]] = []
    cells: list[str] = []
    cell: list[str] = []
    fields = _Fields()
    at, end = begin, min(end, len(found.text))
    while at < end and (paragraph := _PARAGRAPH.match(found.text, at, end)):
        at = paragraph.end()
        raw = paragraph.group()
        properties = found.properties(at - 1)
        text = fields.visible(raw.rstrip("\r\x07\x0c"))
        if items and (raw.endswith(_CELL) or properties.in_table):
            yield "\n".join(items)
            items = []
        if raw.endswith(_CELL):
            if properties.ends_row:
                rows.append(cells)
                cells, cell = [], []
            else:
                cells.append(" ".join(" ".join([*cell, text]).split()))
                cell = []
            continue
        if properties.in_table:
            cell.append(text)
            continue
        if rows or cells:
            yield from _table([*rows, cells] if cells else rows)
            rows, cells, cell = [], [], []
        is_heading = 1 <= properties.style <= 9
        if items and text and (is_heading or not properties.is_item):
            yield "\n".join(items)
            items = []
        if text and is_heading:
            yield f"{'#' * min(properties.style, 6)} {' '.join(text.split())}"
        elif text and properties.is_item:
            items.append(f"{'  ' * properties.level}- {' '.join(text.split())}")
        else:
            yield text
    yield "\n".join(items)
    yield from _table([*rows, cells] if cells else rows)


def _table(rows: list[list[str]]) -> Iterator[str]:
    """A table; one with a single column is a frame around text."""
    width = max(map(len, rows), default=0)
    if width <= 1:
        yield from (row[0] for row in rows if row)
    elif any(map(any, rows)):
        yield markdown_table([*rows[0], *[""] * (width - len(rows[0]))], rows[1:])


class _Fields:
    """Fields are written as code, separator and result; of these the result is text. They may go over paragraphs."""

    def __init__(self) -> None:
        self._codes: list[bool] = []  # of the open fields: whether their code is being written
        self._hidden = 0  # how many of them

    def visible(self, raw: str) -> str:
        """What of a paragraph is text."""
        kept = []
        at = 0
        for part in _FIELD_PARTS.finditer(raw):
            kept.append("" if self._hidden else raw[at : part.start()])
            at = part.end()
            if part.group() != _FIELD and self._codes:
                self._hidden -= self._codes.pop()
            if part.group() != _FIELD_END:
                self._codes.append(part.group() == _FIELD)
                self._hidden += part.group() == _FIELD
        kept.append("" if self._hidden else raw[at:])
        return _CONTROLS.sub("", "".join(kept)).translate(_SIGNS).strip()
