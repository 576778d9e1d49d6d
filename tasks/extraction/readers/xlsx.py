"""Excel workbooks, read row by row from their XML, so that a million rows need no more memory than a thousand.

Element and attribute names are those of ECMA-376 part 1, chapter 18 (SpreadsheetML). Hidden sheets are read too; formulas give
the value that was last computed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tasks.extraction.office.blocks import gather_blocks
from tasks.extraction.office.ooxml import Package, open_package
from tasks.extraction.office.sheets import NumberFormat, built_in_format, number_format, sheet_tables, show_number
from tasks.extraction.reading import CorruptError, LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_LAST_COLUMN = 16_384
_SHARED_CHARACTERS = 256 * 1024 * 1024  # of all shared strings, which are held in memory


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a workbook; its pages are sheets, each a heading and a table."""
    with open_package(source) as package:
        main = package.main_part("xl/workbook.xml")
        workbook = package.parse(main)
        targets = package.targets(main)
        title, language = package.properties()
        properties = workbook.find(_S + "workbookPr")
        is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        reader = _Reader(package, main, 1904 if is_1904 else 1900)
        sheets = [
            (sheet.get("name", ""), targets[sheet.get(_R + "id")][1])
            for sheet in workbook.iter(_S + "sheet")
            if targets.get(sheet.get(_R + "id"), ("", ""))[0] == "worksheet"
        ]
        tables = (table for name, target in sheets for table in sheet_tables(name, reader.rows(target), settings.part_characters))
        for text in gather_blocks(tables, settings.part_characters):
            yield Part(text, title, language, pages=len(sheets), pages_lost=0)


class _Reader:
    def __init__(self, package: Package, main: str, epoch: int) -> None:
        self._package = package
        self._epoch = epoch
        self._shared = [text for part in package.related(main, "sharedStrings") for text in _shared_strings(package, part)]
        self._formats = [found for part in package.related(main, "styles") for found in _cell_formats(package.parse(part))]

    def rows(self, part: str) -> Iterator[dict[int, str]]:
        """The rows of a sheet, as the texts of their cells by column."""
        for row in self._package.stream(part, _S + "row"):
            cells = {}
            column = -1
            for cell in row.iterchildren(_S + "c"):
                column = _column_of(cell.get("r"), column + 1)
                text = self._text(cell)
                if text and not text.isspace():
                    cells[column] = text
            yield cells

    def _text(self, cell: Any) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return "".join(_rich_text(inline) for inline in cell.iterchildren(_S + "is"))
        value = cell.findtext(_S + "v") or ""
        if not value:
            return ""
        if kind == "s":
            return _at(self._shared, value)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "n":
            return self._number(value, cell.get("s", "0"))
        return str(value)

    def _number(self, value: str, style: str) -> str:
        at = int(style) if style.isascii() and style.isdigit() else 0
        shown_as = self._formats[at] if at < len(self._formats) else NumberFormat()
        if shown_as.kind == "number" and value.isdigit():
            return value
        try:
            return show_number(float(value), shown_as, self._epoch)
        except ValueError:
            return value


def _shared_strings(package: Package, part: str) -> Iterator[str]:
    characters = 0
    for item in package.stream(part, _S + "si"):
        text = _rich_text(item)
        characters += len(text)
        if characters > _SHARED_CHARACTERS:
            raise LimitError(f"more than {_SHARED_CHARACTERS} characters of shared strings")
        yield text


def _rich_text(item: Any) -> str:
    """The runs of a text; how it is pronounced (rPh) is not part of it."""
    return "".join(
        text.text or "" for text in item.iter(_S + "t") if (above := text.getparent()) is None or above.tag != _S + "rPh"
    )


def _cell_formats(styles: Any) -> list[NumberFormat]:
    """The number formats of the cell styles, by their index."""
    own = {each.get("numFmtId"): number_format(each.get("formatCode", "")) for each in styles.iter(_S + "numFmt")}
    found = []
    for style in styles.iterfind(f"{_S}cellXfs/{_S}xf"):
        name = style.get("numFmtId", "0")
        found.append(own.get(name) or built_in_format(int(name) if name.isascii() and name.isdigit() else 0))
    return found


def _at(texts: Sequence[str], number: str) -> str:
    try:
        return texts[int(number)]
    except (ValueError, IndexError) as error:
        raise CorruptError(f"xlsx: no shared string {number[:20]}") from error


def _column_of(reference: str | None, following: int) -> int:
    """The 0-based column of a cell's reference such as "AB12"; the following one where there is none."""
    if not reference:
        column = following
    else:
        column = 0
        for letter in reference.rstrip("0123456789").upper()[:8]:
            column = column * 26 + ord(letter) - 64
        column -= 1
    if not 0 <= column < _LAST_COLUMN:
        raise CorruptError("xlsx: a cell outside of the sheet")
    return column
