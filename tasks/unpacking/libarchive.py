"""7z and RAR archives by libarchive (BSD licence, a library of the system) through libarchive-c of the extra `archives`."""

import importlib.metadata
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tasks.unpacking.members import ContainerError, Member

HINT = "pip install 'doctune[archives]', and libarchive of the system (macOS has it; on Debian: libarchive13)"


LIBARCHIVE = frozenset({"7z", "rar"})


def engine_version() -> str | None:
    """The installed version of libarchive-c, None when it is not there: what is refused without it is opened with it."""
    try:
        return importlib.metadata.version("libarchive-c")
    except importlib.metadata.PackageNotFoundError:
        return None


class _Blocks(io.RawIOBase):
    """The content of a member as a stream over the blocks that libarchive gives."""

    def __init__(self, entry: Any) -> None:
        self._blocks = iter(entry.get_blocks())
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._waiting:
            self._waiting = next(self._blocks, b"")
        count = min(len(buffer), len(self._waiting))
        buffer[:count] = self._waiting[:count]
        self._waiting = self._waiting[count:]
        return count


def iterate_libarchive(path: Path, kind: str) -> Iterator[Member]:
    """The members of an archive in any format that libarchive reads. Raises ContainerError."""
    try:
        import libarchive
    except (ImportError, OSError, AttributeError, TypeError) as error:  # all but the first: the library itself is missing
        raise ContainerError("unpacking.missing_extra", f"{kind}: {HINT}") from error
    try:
        with libarchive.file_reader(str(path)) as archive:
            for entry in archive:
                if entry.isdir:
                    continue
                if not entry.isreg:
                    yield Member(entry.pathname, None, "unpacking.special_member", "a link or a device")
                    continue
                yield Member(entry.pathname, io.BufferedReader(_Blocks(entry)))
    except libarchive.exception.ArchiveError as error:
        words = " ".join(str(error.msg or "damaged").split())  # str(error) would hold an address in memory
        locked = any(word in words.lower() for word in ("passphrase", "encrypt", "password"))
        raise ContainerError("unpacking.encrypted" if locked else "unpacking.corrupt", f"{kind}: {words}") from error
