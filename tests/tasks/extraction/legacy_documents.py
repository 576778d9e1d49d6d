"""Small documents in the binary formats of Office, made on the spot, for the tests of their readers."""

import struct
from collections.abc import Mapping, Sequence

from tests.tasks.extraction.documents import content_types, relationships, zipped

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALLEST = 4096  # bytes of a stream; smaller ones would go into a stream of their own


def ole(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (MS-CFB); streams are filled up with zeros."""
    filled = {
        name: data + bytes(max(_SMALLEST, -(-len(data) // _SECTOR) * _SECTOR) - len(data)) for name, data in streams.items()
    }
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    links: list[int] = []
    sectors = b""
    for number, (name, data) in enumerate(sorted(filled.items(), key=lambda item: (len(item[0]), item[0].upper())), start=1):
        start, count = len(links), len(data) // _SECTOR
        links += [*range(start + 1, start + count), _END]
        sectors += data
        entries.append(_entry(name, 2, start, len(data), right=number + 1 if number < len(filled) else _FREE))
    entries += [bytes(128)] * (-len(entries) % 4)
    directory = len(links)
    count = len(entries) // 4
    links += [*range(directory + 1, directory + count), _END]
    table = len(links)
    tables = -(-(len(links) + 1) // 127)
    links += [_FAT] * tables
    links += [_FREE] * (-len(links) % 128)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<16xHHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, tables, directory, 0, _SMALLEST, _END, 0, _END, 0)
    places = [*range(table, table + tables)]
    header += struct.pack("<109I", *places, *[_FREE] * (109 - tables))
    return header + sectors + b"".join(entries) + struct.pack(f"<{len(links)}I", *links)


def _entry(name: str, kind: int, start: int, size: int, right: int = _FREE, child: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII16xI16xIQ", encoded, len(encoded) + 2, kind, 1, _FREE, right, child, 0, start, size)


def doc(paragraphs: Sequence[tuple[str, bytes]], notes: str = "", flags: int = 0, version: int = 0xC1) -> bytes:
    """A Word document of a paragraph's text (with its end mark) and properties: the style's number, then changes to it."""
    text = "".join(paragraph for paragraph, _ in paragraphs)
    start = 2048
    bounds = [start]
    for paragraph, _ in paragraphs:
        bounds.append(bounds[-1] + 2 * len(paragraph))
    page = bytearray(_SECTOR)
    struct.pack_into(f"<{len(bounds)}I", page, 0, *bounds)
    at = 510
    for number, (_, properties) in enumerate(paragraphs):
        at -= 2 + len(properties) + len(properties) % 2
        page[at + 1] = -(-len(properties) // 2)
        page[at + 2 : at + 2 + len(properties)] = properties
        page[4 * len(bounds) + 13 * number] = at // 2
    page[511] = len(paragraphs)
    whole = (text + notes).encode("utf-16-le")
    main = bytearray(start) + whole + bytes(-len(whole) % _SECTOR)
    pieces = struct.pack("<IIHIH", 0, len(text + notes), 0, start, 0)
    pages = struct.pack("<III", bounds[0], bounds[-1], len(main) // _SECTOR)
    main += page
    clx = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<HH", main, 0, 0xA5EC, version)
    struct.pack_into("<H", main, 10, 0x200 | flags)
    for at, size in ((0x20, 0x0E), (0x3E, 0x16), (0x98, 0x5D)):  # of the parts that the head consists of
        struct.pack_into("<H", main, at, size)
    struct.pack_into("<7I", main, 0x4C, len(text), len(notes), 0, 0, 0, 0, 0)
    struct.pack_into("<II", main, 0x1A2, 0, len(clx))
    struct.pack_into("<II", main, 0x102, len(clx), len(pages))
    return ole({"WordDocument": bytes(main), "1Table": clx + pages})


def style(number: int, *changes: tuple[int, int]) -> bytes:
    """Properties of a paragraph; a change is its number and a value of one byte."""
    return struct.pack("<H", number) + b"".join(struct.pack("<HB", *change) for change in changes)


def record(kind: int, data: bytes) -> bytes:
    """A record of an Excel workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def xls(cells: bytes, strings: bytes = b"", extra: bytes = b"") -> bytes:
    """A workbook with a sheet "Prices"; its styles 0 to 2 show numbers, dates and percentages. extra: records that come first."""
    begin, begin_sheet = (record(0x809, struct.pack("<HHHH8x", 0x600, kind, 0x0DBB, 1996)) for kind in (0x05, 0x10))
    styles = b"".join(record(0xE0, struct.pack("<HH16x", 0, number)) for number in (0, 14, 9))
    name = b"\x06\x00Prices"
    size = len(begin) + len(extra) + len(styles) + 4 + 6 + len(name) + len(strings) + 4
    sheet = record(0x85, struct.pack("<IBB", size, 0, 0) + name)
    end = record(0x0A, b"")
    return ole({"Workbook": begin + extra + styles + sheet + strings + end + begin_sheet + cells + end})


def xls_sheet(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of texts."""
    cells = b""
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            cells += record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))
    return xls(cells)


def shared_strings(pieces: Sequence[bytes], count: int) -> bytes:
    """The records of the shared strings, cut as given."""
    head = struct.pack("<II", count, count)
    return record(0xFC, head + pieces[0]) + b"".join(record(0x3C, piece) for piece in pieces[1:])


def xlsb(records: bytes, strings: Sequence[str] = ()) -> bytes:
    """A binary workbook with a sheet "Prices"; its styles 0 to 2 show numbers, dates and percentages."""
    styles = b"".join(wide_record(47, struct.pack("<HH12x", 0, number)) for number in (0, 14, 9))
    return zipped(
        {
            "[Content_Types].xml": content_types({"/xl/workbook.bin": "application/vnd.ms-excel.sheet.binary.macroEnabled.main"}),
            "_rels/.rels": relationships({"r1": ("officeDocument", "xl/workbook.bin")}),
            "xl/workbook.bin": wide_record(143, b"")
            + wide_record(156, struct.pack("<II", 0, 1) + wide("r1") + wide("Prices"))
            + wide_record(144, b""),
            "xl/_rels/workbook.bin.rels": relationships(
                {
                    "r1": ("worksheet", "worksheets/sheet1.bin"),
                    "r2": ("styles", "styles.bin"),
                    "r3": ("sharedStrings", "sharedStrings.bin"),
                }
            ),
            "xl/worksheets/sheet1.bin": wide_record(148, bytes(16)) + wide_record(145, b"") + records + wide_record(146, b""),
            "xl/styles.bin": wide_record(617, b"") + styles + wide_record(618, b"") + wide_record(279, b""),
            "xl/sharedStrings.bin": wide_record(159, struct.pack("<II", len(strings), len(strings)))
            + b"".join(wide_record(19, b"\0" + wide(text)) for text in strings)
            + wide_record(160, b""),
        }
    )


def xlsb_sheet(rows: Sequence[Sequence[str]]) -> bytes:
    """A binary workbook of texts."""
    records = b""
    for row, texts in enumerate(rows):
        records += wide_record(0, struct.pack("<I13x", row))
        for column, text in enumerate(texts):
            records += wide_record(6, struct.pack("<II", column, 0) + wide(text))
    return xlsb(records)


def wide(text: str) -> bytes:
    """A string of a binary workbook."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def wide_record(kind: int, data: bytes) -> bytes:
    """A record of a binary workbook, whose number and size are written seven bits at a time."""
    head = b""
    for number in (kind, len(data)):
        rest = number
        while rest >= 0x80:
            head += bytes([rest & 0x7F | 0x80])
            rest >>= 7
        head += bytes([rest])
    return head + data


def ppt(slides: Sequence[bytes], texts: Sequence[bytes] = (), notes: bytes = b"", token: int = 0xE391C05F) -> bytes:
    """A presentation of the records within its slides. texts: of its placeholders, by slide. notes: of the first slide."""
    data = b""
    places = []
    for number, shapes in enumerate(slides):
        places.append(len(data))
        data += atom(0x03EE, atom(0x03EF, struct.pack("<16xII", 900 if notes and number == 0 else 0, 0), 0) + shapes)
    places.append(len(data))
    data += atom(0x03F0, notes)
    entries = b""
    for number in range(len(slides)):
        entries += atom(0x03F3, struct.pack("<IIiI4x", number + 1, 0, 0, 256 + number), 0) + (texts[number] if texts else b"")
    pages = atom(0x03F3, struct.pack("<IIiI4x", len(slides) + 1, 0, 0, 900), 0) if notes else b""
    places.append(len(data))
    data += atom(0x03E8, atom(0x0FF0, entries) + atom(0x0FF0, pages, 0x2F))
    directory = len(data)
    data += atom(0x1772, struct.pack(f"<I{len(places)}I", 1 | len(places) << 20, *places), 0)
    edit = len(data)
    data += atom(0x0FF5, struct.pack("<IIIIIII", 0, 0, 0, directory, len(places), len(places), 0), 0)
    user = atom(0x0FF6, struct.pack("<III", 20, token, edit) + bytes(12), 0)
    return ole({"Current User": user, "PowerPoint Document": data})


def atom(kind: int, data: bytes, version: int = 0x0F) -> bytes:
    """A record of a presentation; of version 15 where it holds others. The upper bits are its instance."""
    return struct.pack("<HHI", version, kind, len(data)) + data


def text_box(kind: int, text: str) -> bytes:
    """A text box of a slide. kind: 0 title, 1 body, 2 notes, 4 other."""
    return atom(0xF00D, placeholder(kind, text))


def placeholder(kind: int, text: str) -> bytes:
    """The records of a text."""
    return atom(0x0F9F, struct.pack("<I", kind), 0) + atom(0x0FA0, text.encode("utf-16-le"), 0)
