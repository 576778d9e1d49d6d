"""OpenDocument spreadsheets, read row by row. Cells give what they show; dates are written by ISO 8601."""

import itertools
from collections.abc import Iterator
from typing import Any

from tasks.extraction.office.blocks import gather_blocks
from tasks.extraction.office.odf import OFFICE, TABLE, Document, repeated
from tasks.extraction.office.sheets import sheet_tables
from tasks.extraction.office.zips import open_container
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings

_LAST_COLUMN = 16_384
_CELLS = (TABLE + "table-cell", TABLE + "covered-table-cell")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a spreadsheet; its pages are sheets, as many as it states, each a heading and a table."""
    with open_container(source) as container:
        document = Document(container)
        lost = 0 if document.tables is not None else None
        for text in gather_blocks(_tables(document, settings.part_characters), settings.part_characters):
            yield Part(text, document.title, document.language, pages=document.tables, pages_lost=lost)


def _tables(document: Document, limit: int) -> Iterator[str]:
    by_sheet = itertools.groupby(document.stream(TABLE + "table-row"), lambda row: next(row.iterancestors(TABLE + "table")))
    for sheet, rows in by_sheet:
        yield from sheet_tables(sheet.get(TABLE + "name", ""), _rows(document, rows), limit)


def _rows(document: Document, rows: Iterator[Any]) -> Iterator[dict[int, str]]:
    for row in rows:
        cells: dict[int, str] = {}
        column = 0
        for cell in row.iterchildren(*_CELLS):
            width = min(repeated(cell, "columns"), _LAST_COLUMN - column)
            text = _text(document, cell) if cell.tag == _CELLS[0] else ""
            if text:
                cells |= dict.fromkeys(range(column, column + width), text)
            column += width
        if cells:
            yield from itertools.repeat(cells, repeated(row, "rows"))


def _text(document: Document, cell: Any) -> str:
    """What a cell shows, its value where it says nothing about that."""
    value = cell.get(OFFICE + "value") or cell.get(OFFICE + "string-value") or cell.get(OFFICE + "boolean-value") or ""
    if cell.get(OFFICE + "value-type") == "date":
        day, _, clock = cell.get(OFFICE + "date-value", "").partition("T")
        value = f"{day} {clock}" if clock.strip("0:.") else day
        return str(value or document.cell_text(cell))
    return document.cell_text(cell) or str(value)
