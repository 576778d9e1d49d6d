"""OLE compound files (Microsoft, MS-CFB): the streams of the Office formats before 2007."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tasks.extraction.reading import CorruptError, Source
from tasks.extraction.texts import clean_title

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
        try:
            title = self._file.get_metadata().title
        except _DAMAGE:  # a damaged property set does not keep the text from being read
            return None
        return clean_title(title.decode("cp1252", "replace") if isinstance(title, bytes) else title)


@contextmanager
def open_ole(source: Source) -> Iterator[OleFile]:
    """Open a document as a compound file. Raises CorruptError when it is none."""
    import olefile

    try:
        file = olefile.OleFileIO(io.BytesIO(source.data) if source.data is not None else source.path)
    except _DAMAGE as error:
        raise CorruptError(f"{source.format}: {' '.join(str(error).split())[:300]}") from error
    with file:
        yield OleFile(file)
