"""OLE compound files (Microsoft, MS-CFB): the streams of the Office formats before 2007."""

import codecs
import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tasks.extraction.reading import CorruptError, Source
from tasks.extraction.texts import clean_title

_SUMMARY = "\x05SummaryInformation"
_CODE_PAGE, _TITLE = 1, 2  # properties, MS-OLEPS 3.1
_NARROW, _WIDE = 30, 31  # kinds of strings
_MOST_PROPERTIES = 100
_DAMAGE = (OSError, ValueError, IndexError, KeyError, TypeError, OverflowError, AttributeError)  # what olefile raises for it


class OleFile:
    """An open compound file. title: as its properties state it."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.title = self._title()

    def has(self, name: str) -> bool:
        """Whether there is a stream of that name."""
        return bool(self._file.exists(name))

    def stream(self, *names: str) -> bytes:
        """The first of the streams that is there. Raises CorruptError when none is, or when it is damaged."""
        name = next((each for each in names if self.has(each)), None)
        if name is None:
            raise CorruptError(f"has no stream {names[0]}")
        try:
            content: bytes = self._file.openstream(name).read()
        except _DAMAGE as error:
            raise CorruptError(" ".join(str(error).split())[:300]) from error
        return content

    def _title(self) -> str | None:
        if not self.has(_SUMMARY):
            return None
        try:
            return clean_title(_read_title(self.stream(_SUMMARY)))
        except (CorruptError, struct.error):  # a damaged property set does not keep the text from being read
            return None


def _read_title(summary: bytes) -> str | None:
    """The title in a property set (MS-OLEPS). olefile's own way takes minutes where the number of properties is a lie."""
    begin = struct.unpack_from("<I", summary, 44)[0]
    count = min(struct.unpack_from("<I", summary, begin + 4)[0], _MOST_PROPERTIES)
    pairs = list(struct.iter_unpack("<II", summary[begin + 8 : begin + 8 + 8 * count]))
    places = dict(reversed(pairs))  # the first of its kind counts
    if _TITLE not in places:
        return None
    at = begin + places[_TITLE]
    kind, size = struct.unpack_from("<II", summary, at)
    if kind not in (_NARROW, _WIDE):
        return None
    content = summary[at + 8 : at + 8 + (size if kind == _NARROW else 2 * size)]
    encoding = "utf-16-le"
    if kind == _NARROW:
        page = struct.unpack_from("<H", summary, begin + places[_CODE_PAGE] + 4)[0] if _CODE_PAGE in places else 0
        encoding = encoding_of(page)
    return content.decode(encoding, "replace").partition("\0")[0]


def encoding_of(code_page: int) -> str:
    """The encoding that a code page stands for; that of Western Europe for an unknown one."""
    known = {1200: "utf-16-le", 10000: "mac_roman", 32768: "mac_roman", 65001: "utf-8"}
    try:
        return codecs.lookup(known.get(code_page, f"cp{code_page}")).name
    except LookupError:
        return "cp1252"


@contextmanager
def open_ole(source: Source) -> Iterator[OleFile]:
    """Open a document as a compound file. Raises CorruptError when it is none."""
    from tasks.storage.compound import CompoundFile

    try:
        file = CompoundFile(io.BytesIO(source.data) if source.data is not None else source.path)
    except _DAMAGE as error:
        raise CorruptError(f"{source.format}: {' '.join(str(error).split())[:300]}") from error
    with file:
        yield OleFile(file)
