"""Rich Text, read by its control words (Microsoft, Rich Text Format specification 1.9.1).

Headers, footers, comments, pictures, field codes, hidden and deleted text are left out; the labels of lists are kept as shown.
"""

import locale
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from tasks.extraction.office import rtf_words as words
from tasks.extraction.office.blocks import gather_blocks
from tasks.extraction.reading import CorruptError, LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, markdown_table

_TOKEN = re.compile(rb"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([\x00-\xff])|([{}])|([^\\{}]+)", re.DOTALL)
_START = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0]*(?=\{[\s{]*\\)")  # pieces of a document that do not say "rtf" are read too
_DEEPEST = 4096  # groups within groups
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_BULLET_NUMBERS = (-3913, -3929)  # of the signs for it in the fonts Symbol and Wingdings
_BULLETS = set("•·o▪‣◦§-*\u2013\u2014")

_Place = Literal["text", "skipped", "fonts", "styles", "title", "label", "note"]


@dataclass(frozen=True)
class _Group:
    """What holds within a group of braces. place: where its text goes. skipping: characters to drop after a Unicode one."""

    place: _Place = "text"
    encoding: str | None = None  # None for that of the document
    symbols: bool = False
    hidden: bool = False
    fallback: int = 1
    optional: bool = False


@dataclass
class _Paragraph:
    """heading, level: of a list, 0-based. label: of a list item, as shown."""

    text: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    style: int = 0
    heading: int = 0
    level: int = 0
    in_table: bool = False


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read Rich Text; it has no pages before it is laid out."""
    with source.view() as view:
        start = _START.match(view)
        if start is None:
            raise CorruptError("does not begin like Rich Text")
        reader = _Reader()
        for text in gather_blocks(reader.blocks(view, start.end()), settings.part_characters):
            yield Part(text, clean_title("".join(reader.title)), reader.language)


class _Reader:
    """Goes through the control words; keeps the open groups, the paragraph and table that are being written."""

    def __init__(self) -> None:
        self.title: list[str] = []
        self.language: str | None = None
        self._group = _Group()
        self._open: list[_Group] = []
        self._paragraph = _Paragraph()
        self._encoding = "cp1252"
        self._fonts: dict[int, tuple[str | None, bool]] = {}
        self._font = 0
        self._headings: dict[int, int] = {}
        self._style = 0
        self._style_name: list[str] = []
        self._bytes = bytearray()
        self._skip = 0
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._rows: list[list[str]] = []
        self._items: list[str] = []
        self._notes: list[list[str]] = []

    def blocks(self, view: bytes | mmap.mmap, at: int) -> Iterator[str]:
        """The Markdown blocks of a document. Raises CorruptError when it ends within a group."""
        is_whole = view[at : at + 5] == b"{\\rtf"
        while at < len(view) and (token := _TOKEN.match(view, at)):
            at = token.end()
            word, number, code, sign, brace, run = token.groups()
            if run:
                self._add_bytes(run.translate(None, b"\r\n\0"))
                continue
            if code:
                self._add_bytes(bytes([int(code, 16)]))
                continue
            self._write_bytes()
            if brace:
                self._skip = 0
                self._brace(brace)
                if not self._open and is_whole:
                    break  # what follows the last brace is no part of it
                continue
            name = word.decode("ascii") if word else sign.decode("latin-1")
            value = int(number) if number else None
            if name == "bin":
                at += max(0, value or 0)
            elif self._skip and name != "u":
                self._skip -= 1
            elif self._group.place == "text" and name in words.ENDS_PARAGRAPH:
                yield from self._end_paragraph()
            elif self._group.place == "text" and name == "row":
                self._end_row()
            else:
                self._word(name, value)
        if len(self._open) > 1 or at > len(view):
            raise CorruptError("rtf: ends within a group")
        self._write_bytes()
        yield from self._end_paragraph()
        yield from self._end_table()
        yield "\n".join(self._items)
        yield from (f"[^{number}]: {' '.join(''.join(note).split())}" for number, note in enumerate(self._notes, start=1))

    def _brace(self, brace: bytes) -> None:
        if brace == b"{":
            if len(self._open) >= _DEEPEST:
                raise LimitError(f"rtf: more than {_DEEPEST} groups within groups")
            self._open.append(self._group)
            self._group = replace(self._group, optional=False)
        elif self._open:
            if self._group.place == "styles" and self._open[-1].place == "styles":
                self._end_style()
            self._group = self._open.pop()

    def _word(self, name: str, value: int | None) -> None:
        """A control word that neither ends a paragraph nor a row."""
        group = self._group
        on = value != 0
        if name == "*":
            self._group = replace(group, optional=True)
        elif group.place == "skipped":
            return
        elif name in words.SKIPPED or (group.optional and name not in words.KEPT) or (name[:1] == "m" and name.endswith("Pr")):
            self._group = replace(group, place="skipped")
        elif name == "u" and value is not None:
            self._add_text("•" if value in _BULLET_NUMBERS else chr(value & 0xFFFF))
            self._skip = group.fallback
        elif name == "uc":
            self._group = replace(group, fallback=min(max(value or 0, 0), 16))
        elif name in words.HIDING:
            self._group = replace(group, hidden=on)
        elif name == "plain":
            self._group = replace(group, hidden=False)
        elif name in words.SIGNS:
            self._add_text(words.SIGNS[name])
        elif name in _PLACES:
            self._enter(name)
        elif name == "cell" and group.place == "text":
            self._cell.append(self._take_text())
            self._cells.append(" ".join(" ".join(self._cell).split()))
            self._cell = []
        else:
            self._set(name, value)

    def _enter(self, name: str) -> None:
        self._group = replace(self._group, place=_PLACES[name])
        if name == "footnote":
            self._notes.append([])
            self._paragraph.text.append(f"[^{len(self._notes)}]")

    def _set(self, name: str, value: int | None) -> None:
        """A property of the characters, the paragraph, a font, a style or the document."""
        number = max(value or 0, 0)
        place = self._group.place
        if name == "f" and place != "fonts":
            encoding, symbols = self._fonts.get(number, (None, False))
            self._group = replace(self._group, encoding=encoding, symbols=symbols)
        elif place == "text":
            self._set_paragraph(name, number)
        elif place == "fonts" and name == "f":
            self._font = number
        elif place == "fonts" and name == "fcharset":
            self._fonts[self._font] = words.CHARACTER_SETS.get(number), number == words.SYMBOLS
        elif place == "styles" and name == "s":
            self._style = number
        elif place == "styles" and name == "outlinelevel" and number < 6:
            self._headings[self._style] = number + 1

    def _set_paragraph(self, name: str, number: int) -> None:
        """A property of the paragraph or, before the first one, of the document."""
        paragraph = self._paragraph
        if name == "pard":
            self._paragraph = _Paragraph(paragraph.text, paragraph.label)
        elif name == "s":
            paragraph.style = number
        elif name == "outlinelevel" and number < 6:
            paragraph.heading = number + 1
        elif name == "ilvl":
            paragraph.level = min(number, 8)
        elif name == "intbl":
            paragraph.in_table = True
        elif name == "ansicpg":
            self._encoding = words.known_encoding(f"cp{number}") or self._encoding
        elif name in words.DOCUMENT_SETS:
            self._encoding = words.DOCUMENT_SETS[name]
        elif name == "deflang":
            self.language = clean_language(locale.windows_locale.get(number))

    def _add_bytes(self, run: bytes) -> None:
        dropped = min(self._skip, len(run))
        self._skip -= dropped
        if self._group.place != "skipped":
            self._bytes += run[dropped:]

    def _write_bytes(self) -> None:
        """Characters of several bytes are complete only when something else than bytes follows."""
        if not self._bytes:
            return
        if self._group.symbols:
            text = "".join("•" if byte in (0xA7, 0xB7) else chr(byte) for byte in self._bytes)
        else:
            text = self._bytes.decode(self._group.encoding or self._encoding, "replace")
        self._bytes.clear()
        self._add_text(text)

    def _add_text(self, text: str) -> None:
        group = self._group
        if group.hidden or group.place in ("skipped", "fonts"):
            return
        target = {"title": self.title, "label": self._paragraph.label, "styles": self._style_name}.get(
            group.place, self._notes[-1] if group.place == "note" else self._paragraph.text
        )
        target.append(text)

    def _end_style(self) -> None:
        found = _HEADING.match("".join(self._style_name).strip())
        if found:
            self._headings[self._style] = int(found.group(1))
        self._style, self._style_name = 0, []

    def _take_text(self) -> str:
        """The text of the paragraph, which goes on as an empty one with the same properties."""
        text = "".join(self._paragraph.text)
        self._paragraph.text, self._paragraph.label = [], []
        if _HALF_CHARACTER.search(text):  # a character above U+FFFF is written as two
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text.strip()

    def _end_paragraph(self) -> Iterator[str]:
        paragraph = self._paragraph
        label = "".join(paragraph.label).strip()
        heading = paragraph.heading or self._headings.get(paragraph.style, 0)
        text = self._take_text()
        if paragraph.in_table:
            self._cell.append(text)
            return
        yield from self._end_table()
        if text and label and not heading:
            mark = "-" if set(label) <= _BULLETS else label
            self._items.append(f"{'  ' * paragraph.level}{mark} {' '.join(text.split())}")
            return
        if text:
            yield "\n".join(self._items)
            self._items = []
            yield f"{'#' * min(heading, 6)} {' '.join([label, *text.split()]).strip()}" if heading else text

    def _end_row(self) -> None:
        if any(self._cells):
            self._rows.append(self._cells)
        self._cells, self._cell = [], []

    def _end_table(self) -> Iterator[str]:
        """The table before a paragraph; one with a single column is a frame around text."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        yield "\n".join(self._items)
        self._items = []
        width = max(map(len, rows))
        if width == 1:
            yield from (row[0] for row in rows)
        else:
            yield markdown_table([*rows[0], *[""] * (width - len(rows[0]))], rows[1:])


_PLACES: dict[str, _Place] = {
    "fonttbl": "fonts",
    "stylesheet": "styles",
    "title": "title",
    "listtext": "label",
    "pntext": "label",
    "footnote": "note",
}
