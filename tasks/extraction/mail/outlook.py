"""Outlook messages: properties in the streams of an OLE container (MS-OXMSG, MS-OXCMSG, MS-OXRTFCP)."""

import struct
from collections.abc import Callable, Mapping, Set
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tasks.extraction.kreuzberg_offline import convert
from tasks.extraction.mail.message import DEEPEST, Message
from tasks.extraction.mail.mime import read_message
from tasks.extraction.readers.html import read_markup
from tasks.extraction.reading import LimitError, Source
from tasks.extraction.texts import decode_all, is_blank
from tasks.storage.messages import parse_message

_PROPERTIES = "__properties_version1.0"
_SUBJECT, _CLASS, _SENDER, _SENDER_ADDRESS, _SENDER_SMTP = "0037", "001A", "0C1A", "0C1F", "5D01"
_BODY, _HTML, _RTF = "1000", "1013", "1009"
_NAME, _ADDRESS, _SMTP, _DATA = "3001", "3003", "39FE", "3701"
_SUBMITTED, _DELIVERED, _RECIPIENT_TYPE, _CODEPAGE, _HTML_CODEPAGE = 0x0039, 0x0E06, 0x0C15, 0x3FFD, 0x3FDE
_KINDS = {1: "To", 2: "Cc", 3: "Bcc"}
_MOST_RECIPIENTS = 1000
_LARGEST_RTF = 64 * 1024 * 1024
_RTF_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans Serif"
    b"SymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def read_outlook(container: Any, links: bool) -> Message:
    """The message in an open OLE container. Raises LimitError for a body that unpacks to too much."""
    names: dict[tuple[str, ...], set[str]] = {}
    for path in container.listdir():
        for level, name in enumerate(path):
            names.setdefault(tuple(path[:level]), set()).add(name)
    return _read(_Storage(container, names, ()), links, 0)


def _read(storage: "_Storage", links: bool, depth: int) -> Message:
    numbers = storage.numbers(32 if depth == 0 else 24)
    codepage = numbers.get(_CODEPAGE) or numbers.get(_HTML_CODEPAGE) or 1252
    storage.encoding = f"cp{codepage}" if codepage not in (65001, 20127) else "utf-8"
    body = _body(storage, numbers, links)
    people = {"From": _sender(storage), **_recipients(storage)}
    people["Date"] = _date(numbers.get(_SUBMITTED) or numbers.get(_DELIVERED))
    inner = []
    locked = False
    for name in storage.folders("__attach_version1.0_"):
        attached = storage.inside(name)
        if attached.has(_DATA + "000D"):
            if depth < DEEPEST:
                inner.append(_read(attached.inside(f"__substg1.0_{_DATA}000D"), links, depth + 1))
        elif not body.strip() and storage.text(_CLASS).startswith("IPM.Note.SMIME"):
            signed = read_message(parse_message(attached.data(_DATA)), links)
            body, locked = signed.body, signed.locked or not signed.body
    return Message(storage.text(_SUBJECT), people, body, tuple(inner), locked=locked)


class _Storage:
    """A storage of the container: its streams are named for the properties that they hold. tree: names in each storage."""

    def __init__(self, container: Any, tree: Mapping[tuple[str, ...], Set[str]], folder: tuple[str, ...]) -> None:
        self.container = container
        self.tree = tree
        self.folder = folder
        self.encoding = "cp1252"
        self.names = tree.get(folder, frozenset())

    def inside(self, name: str) -> "_Storage":
        found = _Storage(self.container, self.tree, (*self.folder, name))
        found.encoding = self.encoding
        return found

    def folders(self, start: str) -> list[str]:
        return sorted(name for name in self.names if name.startswith(start))

    def has(self, name: str) -> bool:
        return f"__substg1.0_{name}" in self.names

    def stream(self, name: str) -> bytes:
        if name not in self.names:
            return b""
        with self.container.openstream([*self.folder, name]) as stream:
            content: bytes = stream.read()
            return content

    def data(self, name: str) -> bytes:
        return self.stream(f"__substg1.0_{name}0102")

    def text(self, name: str) -> str:
        """A property that is a string, in Unicode or in the message's code page."""
        wide = self.stream(f"__substg1.0_{name}001F")
        if wide:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self.stream(f"__substg1.0_{name}001E").rstrip(b"\0")
        return _decoded(narrow, self.encoding)

    def numbers(self, header: int) -> dict[int, int]:
        """Properties with a value of fixed size, by their identifier; the table follows a header of that many bytes."""
        table = self.stream(_PROPERTIES)[header:]
        rows = (struct.unpack_from("<HHIQ", table, at) for at in range(0, len(table) - 15, 16))
        return {
            identifier: value & 0xFFFFFFFF if kind == 3 else value for kind, identifier, _, value in rows if kind in (3, 0x40)
        }


def _body(storage: _Storage, numbers: dict[int, int], links: bool) -> str:
    """The body as plain text, else from HTML, else from compressed Rich Text."""
    choices: tuple[Callable[[], str], ...] = (
        lambda: storage.text(_BODY).replace("\r\n", "\n"),
        lambda: _from_html(storage, numbers, links),
        lambda: _from_rtf(storage),
    )
    for choose in choices:
        text = choose()
        if not is_blank(text):
            return text
    return ""


def _from_html(storage: _Storage, numbers: dict[int, int], links: bool) -> str:
    content = storage.data(_HTML)
    page = numbers.get(_HTML_CODEPAGE)
    markup = _decoded(content, f"cp{page}" if page and page != 65001 else "utf-8") if content else storage.text(_HTML)
    return read_markup(markup, everything=True, links=links).text if markup.strip() else ""


def _from_rtf(storage: _Storage) -> str:
    packed = storage.data(_RTF)
    if len(packed) < 16:
        return ""
    content = unpack_rtf(packed)
    return convert(Source(Path("body.rtf"), len(content), content, "rtf")).markdown if content.startswith(b"{\\rtf") else ""


def unpack_rtf(packed: bytes) -> bytes:
    """Undo the compression of Rich Text in messages (MS-OXRTFCP 3.1). Raises LimitError where it unpacks to too much."""
    size, kind = struct.unpack_from("<I4s", packed, 4)
    if kind == b"MELA":
        return packed[16 : 16 + size]
    if kind != b"LZFu":
        return b""
    if size > _LARGEST_RTF:
        raise LimitError(f"a body of more than {_LARGEST_RTF} bytes")
    window = bytearray(_RTF_START.ljust(4096, b"\0"))
    place, at = len(_RTF_START), 16
    found = bytearray()
    while at < len(packed) and len(found) < size:
        flags, at = packed[at], at + 1
        for bit in range(8):
            if flags >> bit & 1:
                if at + 1 >= len(packed):
                    return bytes(found)
                offset, length = packed[at] << 4 | packed[at + 1] >> 4, (packed[at + 1] & 0xF) + 2
                at += 2
                if offset == place:
                    return bytes(found)
                taken = range(offset, offset + length)
            else:
                if at >= len(packed):
                    return bytes(found)
                window[place] = packed[at]
                taken, at = range(place, place + 1), at + 1
            for source in taken:
                byte = window[source % 4096]
                window[place] = byte
                place = (place + 1) % 4096
                found.append(byte)
    return bytes(found[:size])


def _sender(storage: _Storage) -> str:
    address = storage.text(_SENDER_SMTP) or storage.text(_SENDER_ADDRESS)
    return _person(storage.text(_SENDER), address)


def _recipients(storage: _Storage) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name in storage.folders("__recip_version1.0_")[:_MOST_RECIPIENTS]:
        recipient = storage.inside(name)
        kind = _KINDS.get(recipient.numbers(8).get(_RECIPIENT_TYPE, 1), "To")
        found.setdefault(kind, []).append(_person(recipient.text(_NAME), recipient.text(_SMTP) or recipient.text(_ADDRESS)))
    return {kind: ", ".join(filter(None, found[kind])) for kind in _KINDS.values() if kind in found}


def _person(name: str, address: str) -> str:
    name, address = name.strip().strip("'\""), address.strip()
    if "@" not in address:
        return name or address
    return f'"{name}" <{address}>' if name and name != address else address


def _date(filetime: int | None) -> str:
    """A time in units of 100 nanoseconds since 1601 as ISO 8601; "" for none."""
    if not filetime or filetime > 2_650_467_743_990_000_000:  # the year 9999
        return ""
    moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=filetime // 10)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeError):
        return decode_all(content, "utf-8")
