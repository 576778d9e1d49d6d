"""The text of a Word 97 to 2003 file and what is said about its paragraphs (Microsoft, MS-DOC), before it becomes Markdown."""

import bisect
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.extraction.reading import CorruptError, EncryptedError

_WORD, _WORD_6 = 0xA5EC, 0xA5DC
_WORD_97 = 0xC1  # version of the file format; earlier ones are laid out otherwise
_PAGE = 512  # bytes of a page of paragraph properties
_MOST_PIECES = 1_000_000
# Properties of paragraphs (MS-DOC 2.6.2) and the sizes of others by their kind (spra, 2.2.5.1).
_IN_TABLE, _ROW_END, _LIST_LEVEL, _LIST, _INNER_ROW_END = 0x2416, 0x2417, 0x260A, 0x460B, 0x244C
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_LONG_TABLE_SIZE = 0xD608  # whose length takes two bytes


@dataclass(frozen=True)
class ParagraphProperties:
    """style: its number, of which 1 to 9 are the headings. level: of a list, 0-based; is_item: of one."""

    style: int = 0
    in_table: bool = False
    ends_row: bool = False
    is_item: bool = False
    level: int = 0


_PLAIN = ParagraphProperties()


@dataclass
class WordText:
    """The text of a document, as Word stores it, and the properties of its paragraphs.

    lengths: characters of the main text, of the footnotes, the headers, (macros), the comments, the endnotes, the text boxes.
    """

    text: str
    lengths: tuple[int, ...]
    _starts: list[int] = field(default_factory=list)  # of pieces, in characters
    _places: list[tuple[int, int]] = field(default_factory=list)  # of pieces in the file, and bytes per character
    _bounds: list[int] = field(default_factory=list)  # of paragraphs in the file
    _properties: list[ParagraphProperties] = field(default_factory=list)

    def properties(self, character: int) -> ParagraphProperties:
        """The properties of the paragraph that a character belongs to."""
        piece = bisect.bisect_right(self._starts, character) - 1
        if piece < 0:
            return _PLAIN
        place, width = self._places[piece]
        found = bisect.bisect_right(self._bounds, place + (character - self._starts[piece]) * width) - 1
        return self._properties[found] if 0 <= found < len(self._properties) else _PLAIN


def flags_of(main: bytes) -> tuple[int, int]:
    """Version of the file format and its flags. Raises CorruptError for another file, EncryptedError for a locked one."""
    magic, version = struct.unpack_from("<HH", main)
    flags = struct.unpack_from("<H", main, 10)[0]
    if magic not in (_WORD, _WORD_6):
        raise CorruptError("doc: no Word document")
    if flags & 0x100:
        raise EncryptedError("doc")
    return version, flags


def read_old_text(main: bytes, flags: int) -> WordText:
    """The text of a Word 6 or 95 file, which says nothing about its paragraphs here. Raises CorruptError for a fast-saved one."""
    if flags & 4:
        raise CorruptError("doc: fast-saved by Word 6 or 95; save it again")
    start = struct.unpack_from("<I", main, 0x18)[0]
    length = struct.unpack_from("<I", main, 0x34)[0]
    text = main[start : start + length].decode("cp1252", "replace")
    return WordText(text, (length, 0, 0, 0, 0, 0, 0))


def is_old(version: int) -> bool:
    """Whether a file was written by Word 6 or 95."""
    return version < _WORD_97


def read_text(main: bytes, table: bytes) -> WordText:
    """The text of a file of Word 97 or later, put together from its pieces. Raises CorruptError, struct.error."""
    lengths = struct.unpack_from("<7I", main, 0x4C)
    place, size = struct.unpack_from("<II", main, 0x1A2)
    pieces = _piece_table(table[place : place + size])
    count = (len(pieces) - 4) // 12
    if not 0 < count <= _MOST_PIECES:
        raise CorruptError("doc: no table of pieces")
    starts = list(struct.unpack_from(f"<{count + 1}I", pieces))
    if starts[-1] > len(main):  # each character is stored once
        raise CorruptError("doc: more text than the file can hold")
    texts, places = [], []
    for number in range(count):
        length = starts[number + 1] - starts[number]
        offset = struct.unpack_from("<I", pieces, 4 * (count + 1) + 8 * number + 2)[0]
        width = 1 if offset & 0x40000000 else 2
        offset = (offset & 0x3FFFFFFF) // (2 if width == 1 else 1)
        if length < 0 or offset + length * width > len(main):
            raise CorruptError("doc: a piece of text lies outside of the file")
        run = main[offset : offset + length * width]
        texts.append(run.decode("cp1252" if width == 1 else "utf-16-le", "replace"))
        places.append((offset, width))
        if len(texts[-1]) != length:  # a character of two units would shift all that follows
            texts[-1] = "".join(map(chr, struct.unpack(f"<{length}H", run)))
    bounds, properties = _paragraphs(main, table)
    return WordText("".join(texts), lengths, starts[:-1], places, bounds, properties)


def _piece_table(clx: bytes) -> bytes:
    """The table of pieces in the part of the file that holds it (MS-DOC 2.9.38), behind the properties of fast saves."""
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise CorruptError("doc: no table of pieces")
    size = struct.unpack_from("<I", clx, at + 1)[0]
    return clx[at + 5 : at + 5 + size]


def _paragraphs(main: bytes, table: bytes) -> tuple[list[int], list[ParagraphProperties]]:
    """Where paragraphs begin in the file, in order, and their properties (MS-DOC 2.9.176)."""
    place, size = struct.unpack_from("<II", main, 0x102)
    plc = table[place : place + size]
    count = max(0, (len(plc) - 4) // 8)
    found: dict[int, ParagraphProperties] = {}
    for number in struct.unpack_from(f"<{count}I", plc, 4 * (count + 1)) if count else ():
        page = main[(number & 0x3FFFFF) * _PAGE : ((number & 0x3FFFFF) + 1) * _PAGE]
        if len(page) == _PAGE:
            found.update(_page_paragraphs(page))
    bounds = sorted(found)
    return bounds, [found[bound] for bound in bounds]


def _page_paragraphs(page: bytes) -> Iterator[tuple[int, ParagraphProperties]]:
    count = page[511]
    if 4 * (count + 1) + 13 * count > 511:
        raise CorruptError("doc: a page of paragraph properties is overfull")
    for number in range(count):
        at = 2 * page[4 * (count + 1) + 13 * number]
        begin = struct.unpack_from("<I", page, 4 * number)[0]
        if at == 0:
            yield begin, _PLAIN
            continue
        if page[at]:
            size, at = 2 * page[at] - 1, at + 1
        else:
            size, at = 2 * page[at + 1], at + 2
        yield begin, _properties(page[at : at + size])


def _properties(data: bytes) -> ParagraphProperties:
    """What the changes to a paragraph's style say (MS-DOC 2.9.113, GrpPrlAndIstd)."""
    if len(data) < 2:
        return _PLAIN
    values = dict(_changes(data))
    return ParagraphProperties(
        style=struct.unpack_from("<H", data)[0],
        in_table=bool(values.get(_IN_TABLE)),
        ends_row=bool(values.get(_ROW_END) or values.get(_INNER_ROW_END)),
        is_item=values.get(_LIST, 0) not in (0, 0xF801),  # 0xF801: numbering of an old kind, or none
        level=min(values.get(_LIST_LEVEL, 0), 8),
    )


def _changes(data: bytes) -> Iterator[tuple[int, int]]:
    at = 2
    while at + 2 < len(data):
        change = struct.unpack_from("<H", data, at)[0]
        at += 2
        size = _SIZES.get(change >> 13)
        if change == _LONG_TABLE_SIZE:
            size = struct.unpack_from("<H", data, at)[0] + 1 if at + 2 <= len(data) else len(data)
        elif size is None:
            size = data[at] + 1
        yield change, int.from_bytes(data[at : at + min(size, 2)], "little")
        at += size
