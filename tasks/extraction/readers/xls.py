"""Excel workbooks of 1993 to 2003 (Microsoft, MS-XLS; BIFF 5, 7 and 8), read record by record."""

import struct
from collections.abc import Iterator, Sequence

from tasks.extraction.office.biff import ERRORS, CellFormats, checked_column, rk_number, truth
from tasks.extraction.office.blocks import gather_blocks
from tasks.extraction.office.ole import encoding_of, open_ole
from tasks.extraction.office.sheets import sheet_tables
from tasks.extraction.reading import CorruptError, EncryptedError, Part, Source
from tasks.extraction.settings import ExtractionSettings

# Numbers of records, MS-XLS 2.3.
_BOF, _EOF, _CONTINUE, _FILE_PASS, _DATE_1904, _CODE_PAGE, _FORMAT, _STYLE = 0x809, 0x0A, 0x3C, 0x2F, 0x22, 0x42, 0x41E, 0xE0
_SHEET, _SHARED_STRINGS, _SHARED, _LABEL, _RICH_LABEL = 0x85, 0xFC, 0xFD, 0x204, 0xD6
_NUMBER, _RK, _RKS, _FORMULA, _FORMULA_TEXT, _BOOL_OR_ERROR = 0x203, 0x27E, 0xBD, 0x06, 0x207, 0x205
_CELLS = (_SHARED, _LABEL, _RICH_LABEL, _NUMBER, _RK, _RKS, _FORMULA, _BOOL_OR_ERROR)
_BIFF8 = 0x600


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a workbook; its pages are sheets, each a heading and a table."""
    with open_ole(source) as file:
        data = file.stream("Workbook", "Book")
        try:
            reader = _Reader(data)
            tables = (
                table for name, at in reader.sheets for table in sheet_tables(name, reader.rows(at), settings.part_characters)
            )
            for text in gather_blocks(tables, settings.part_characters):
                yield Part(text, file.title, pages=len(reader.sheets), pages_lost=0)
        except (struct.error, IndexError) as error:
            raise CorruptError(f"xls: {error}") from error


class _Reader:
    """sheets: name and place of each."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._formats = CellFormats()
        self._encoding = "cp1252"
        self._shared: list[str] = []
        self.sheets: list[tuple[str, int]] = []
        kind, begin = next(((kind, content) for kind, content in self._records(0)), (0, b""))
        if kind != _BOF:
            raise CorruptError("xls: the workbook has no beginning")
        self._wide = struct.unpack_from("<H", begin)[0] >= _BIFF8
        self._read_globals()

    def _read_globals(self) -> None:
        pending: list[bytes] = []  # the shared strings, which go on in records of their own
        for kind, data in self._records(0):
            if kind == _FILE_PASS:
                raise EncryptedError("xls")
            if kind == _SHARED_STRINGS or (kind == _CONTINUE and pending):
                pending.append(data)
                continue
            if pending:
                self._shared = list(_shared_strings(pending))
                pending = []
            if kind == _DATE_1904:
                self._formats.epoch = 1904 if data[0] else 1900
            elif kind == _CODE_PAGE:
                self._encoding = encoding_of(struct.unpack_from("<H", data)[0])
            elif kind == _FORMAT:
                number = struct.unpack_from("<H", data)[0]
                self._formats.codes[number] = self._string(data, 2, 2 if self._wide else 1)
            elif kind == _STYLE:
                self._formats.styles.append(struct.unpack_from("<H", data, 2)[0])
            elif kind == _SHEET and data[5] == 0:  # others are charts and macros
                self.sheets.append((self._string(data, 6, 1), struct.unpack_from("<I", data)[0]))

    def rows(self, at: int) -> Iterator[dict[int, str]]:
        """The rows of a sheet, as the texts of their cells by column."""
        cells: dict[int, str] = {}
        row = formula = -1
        for kind, data in self._records(at):
            if kind == _FORMULA_TEXT and formula >= 0:
                cells[formula] = self._string(data, 0, 2)
                formula = -1
            if kind not in _CELLS:
                continue
            if (number := struct.unpack_from("<H", data)[0]) != row:
                yield {column: text for column, text in cells.items() if text.strip()}
                row, cells = number, {}
            column = checked_column(struct.unpack_from("<H", data, 2)[0])
            if kind == _FORMULA and data[12:14] == b"\xff\xff" and data[6] == 0:
                formula = column  # its text is in a record of its own
                continue
            for offset, text in enumerate(self._texts(kind, data)):
                cells[checked_column(column + offset)] = text
        yield {column: text for column, text in cells.items() if text.strip()}

    def _texts(self, kind: int, data: bytes) -> Iterator[str]:
        """The texts of a record of one or, for packed numbers, several cells."""
        style = struct.unpack_from("<H", data, 4)[0]
        if kind == _SHARED:
            yield self._shared[struct.unpack_from("<I", data, 6)[0]]
        elif kind in (_LABEL, _RICH_LABEL):
            yield self._string(data, 6, 2)
        elif kind == _RK:
            yield self._formats.show(rk_number(struct.unpack_from("<I", data, 6)[0]), style)
        elif kind == _RKS:
            for at in range(4, len(data) - 2, 6):
                style, rk = struct.unpack_from("<HI", data, at)
                yield self._formats.show(rk_number(rk), style)
        elif kind == _BOOL_OR_ERROR:
            yield ERRORS.get(data[6], "") if data[7] else truth(data[6])
        elif data[12:14] == b"\xff\xff" and kind == _FORMULA:
            yield truth(data[8]) if data[6] == 1 else ERRORS.get(data[8], "") if data[6] == 2 else ""
        else:
            yield self._formats.show(struct.unpack_from("<d", data, 6)[0], style)

    def _string(self, data: bytes, at: int, width: int) -> str:
        """A string whose length is a number of `width` bytes."""
        length = int.from_bytes(data[at : at + width], "little")
        at += width
        if not self._wide:
            return data[at : at + length].decode(self._encoding, "replace")
        if data[at] & 1:
            return data[at + 1 : at + 1 + 2 * length].decode("utf-16-le", "replace")
        return data[at + 1 : at + 1 + length].decode("latin-1")

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """The records from a place to the end of that substream, without those of charts inside it."""
        depth = 0
        while at + 4 <= len(self._data):
            kind, size = struct.unpack_from("<HH", self._data, at)
            if at + 4 + size > len(self._data):
                raise CorruptError("xls: the workbook ends within a record")
            depth += (kind == _BOF) - (kind == _EOF)
            if depth <= 1:
                yield kind, self._data[at + 4 : at + 4 + size]
            if depth <= 0:
                return
            at += 4 + size


def _shared_strings(pieces: Sequence[bytes]) -> Iterator[str]:
    """The shared strings (MS-XLS 2.4.265), which may be cut anywhere between the records that hold them."""
    count = struct.unpack_from("<I", pieces[0], 4)[0]
    piece, at = 0, 8
    for _ in range(count):
        if at >= len(pieces[piece]):
            piece, at = piece + 1, 0
        data = pieces[piece]
        length, flags = struct.unpack_from("<HB", data, at)
        at += 3
        skipped = 0
        if flags & 8:  # formatting runs follow
            skipped += 4 * struct.unpack_from("<H", data, at)[0]
            at += 2
        if flags & 4:  # how the text is pronounced follows
            skipped += struct.unpack_from("<I", data, at)[0]
            at += 4
        texts = []
        while True:
            width = 2 if flags & 1 else 1
            taken = min(length, (len(pieces[piece]) - at) // width)
            texts.append(pieces[piece][at : at + taken * width].decode("utf-16-le" if width == 2 else "latin-1", "replace"))
            at, length = at + taken * width, length - taken
            if not length:
                break
            piece, at = piece + 1, 1
            flags = pieces[piece][0]
        while skipped > len(pieces[piece]) - at:
            skipped -= len(pieces[piece]) - at
            piece, at = piece + 1, 0
        at += skipped
        yield "".join(texts)
