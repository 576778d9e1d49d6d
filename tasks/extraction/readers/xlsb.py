"""Excel binary workbooks (Microsoft, MS-XLSB): the parts of an XLSX package, with records in the place of XML."""

import struct
from collections.abc import Iterator

from tasks.extraction.office.biff import ERRORS, CellFormats, checked_column, rk_number, truth
from tasks.extraction.office.blocks import gather_blocks
from tasks.extraction.office.ooxml import Package, open_package
from tasks.extraction.office.sheets import sheet_tables
from tasks.extraction.reading import CorruptError, LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings

# Numbers of records, MS-XLSB 2.3.
_ROW, _RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED = 0, 2, 3, 4, 5, 6, 7
_FORMULA_STRING, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR, _RICH_STRING = 8, 9, 10, 11, 62
_SHARED_ITEM, _FORMAT, _STYLE, _CELL_STYLES, _END_CELL_STYLES, _WORKBOOK, _SHEET = 19, 44, 47, 617, 618, 153, 156
_END_DATA = 146
_LARGEST_RECORD = 16 * 1024 * 1024  # bytes; a string has at most 32,767 characters
_SHARED_CHARACTERS = 256 * 1024 * 1024  # of all shared strings, which are held in memory


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a workbook; its pages are sheets, each a heading and a table."""
    with open_package(source) as package:
        try:
            main = package.main_part("xl/workbook.bin")
            targets = package.targets(main)
            title, language = package.properties()
            reader = _Reader(package, main)
            sheets = [(name, targets[key][1]) for key, name in reader.sheets if targets.get(key, ("", ""))[0] == "worksheet"]
            tables = (table for name, part in sheets for table in sheet_tables(name, reader.rows(part), settings.part_characters))
            for text in gather_blocks(tables, settings.part_characters):
                yield Part(text, title, language, pages=len(sheets), pages_lost=0)
        except (struct.error, IndexError) as error:
            raise CorruptError(f"xlsb: {error}") from error


class _Reader:
    """sheets: relationship and name of each."""

    def __init__(self, package: Package, main: str) -> None:
        self._package = package
        self._formats = CellFormats()
        self.sheets: list[tuple[str, str]] = []
        for kind, data in self._records(main):
            if kind == _WORKBOOK:
                self._formats.epoch = 1904 if data[0] & 1 else 1900
            elif kind == _SHEET:
                key, at = _wide_string(data, 8)
                self.sheets.append((key, _wide_string(data, at)[0]))
        for part in package.related(main, "styles"):
            self._read_styles(part)
        self._shared = [text for part in package.related(main, "sharedStrings") for text in self._shared_strings(part)]

    def rows(self, part: str) -> Iterator[dict[int, str]]:
        """The rows of a sheet, as the texts of their cells by column."""
        cells: dict[int, str] = {}
        for kind, data in self._records(part):
            if kind in (_ROW, _END_DATA):
                yield cells
                cells = {}
            elif _RK <= kind <= _FORMULA_ERROR or kind == _RICH_STRING:
                column, style = struct.unpack_from("<II", data)
                text = self._text(kind, data, style & 0xFFFFFF)
                if text and not text.isspace():
                    cells[checked_column(column)] = text
        yield cells

    def _text(self, kind: int, data: bytes, style: int) -> str:
        if kind == _SHARED:
            return self._shared[int.from_bytes(data[8:12], "little")]
        if kind == _RK:
            return self._formats.show(rk_number(struct.unpack_from("<I", data, 8)[0]), style)
        if kind in (_REAL, _FORMULA_NUMBER):
            return self._formats.show(struct.unpack_from("<d", data, 8)[0], style)
        if kind in (_STRING, _FORMULA_STRING):
            return _wide_string(data, 8)[0]
        if kind == _RICH_STRING:
            return _wide_string(data, 9)[0]
        return truth(data[8]) if kind in (_BOOL, _FORMULA_BOOL) else ERRORS.get(data[8], "")

    def _shared_strings(self, part: str) -> Iterator[str]:
        characters = 0
        for kind, data in self._records(part):
            if kind == _SHARED_ITEM:
                text = _wide_string(data, 1)[0]
                characters += len(text)
                if characters > _SHARED_CHARACTERS:
                    raise LimitError(f"more than {_SHARED_CHARACTERS} characters of shared strings")
                yield text

    def _read_styles(self, part: str) -> None:
        within = False
        for kind, data in self._records(part):
            if kind in (_CELL_STYLES, _END_CELL_STYLES):
                within = kind == _CELL_STYLES
            elif kind == _FORMAT:
                self._formats.codes[struct.unpack_from("<H", data)[0]] = _wide_string(data, 2)[0]
            elif kind == _STYLE and within:
                self._formats.styles.append(struct.unpack_from("<H", data, 2)[0])

    def _records(self, part: str) -> Iterator[tuple[int, bytes]]:
        """The records of a part: number and content. Raises CorruptError when the last one is cut off."""
        waiting, at = b"", 0
        for piece in self._package.pieces(part):
            waiting, at = waiting[at:] + piece, 0
            while (head := _head(waiting, at)) is not None:
                kind, size, begin = head
                if size > _LARGEST_RECORD:
                    raise LimitError(f"xlsb: a record is larger than {_LARGEST_RECORD} bytes")
                if begin + size > len(waiting):
                    break
                yield kind, waiting[begin : begin + size]
                at = begin + size
        if at < len(waiting):
            raise CorruptError("xlsb: a part ends within a record")


def _head(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Number and size of the record at a place, and where its content begins (MS-XLSB 2.1.4); None when it is cut off."""
    numbers = []
    for longest in (2, 4):
        number = 0
        for shift in range(longest):
            if at >= len(data):
                return None
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << (7 * shift)
            if byte < 0x80:
                break
        numbers.append(number)
    return numbers[0], numbers[1], at


def _wide_string(data: bytes, at: int) -> tuple[str, int]:
    """The string at a place, "" for a missing one, and where it ends."""
    length = struct.unpack_from("<I", data, at)[0]
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(data):
        raise CorruptError("xlsb: a string is longer than its record")
    return data[at + 4 : end].decode("utf-16-le", "replace"), end
