"""Archives that the standard library opens: ZIP, tar (plain or compressed), and single compressed files."""

import bz2
import errno
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from tasks.unpacking.members import ContainerError, Member, NotAContainer

_TAR_BLOCK = 512
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError, OverflowError),
    RuntimeError,  # NotImplementedError, and RecursionError: tarfile recurses on headers of headers
)
_READS_AFTER_END = 100  # tarfile asks for what a header states block by block, also when the file has long ended
_COMPRESSED: dict[str, tuple[Callable[[str], IO[bytes]], tuple[str, ...]]] = {
    "gzip": (gzip.open, (".gz", ".tgz")),  # type: ignore[dict-item]  # binary by default
    "bzip2": (bz2.open, (".bz2", ".tbz2")),
    "xz": (lzma.open, (".xz", ".txz")),
}
# Members by which a ZIP archive is a document or a program: ECMA-376, OpenDocument, EPUB, iWork, JAR and APK.
_DOCUMENT_MEMBERS = ("[Content_Types].xml", "mimetype", "META-INF/container.xml", "META-INF/MANIFEST.MF", "AndroidManifest.xml")


def iterate_zip(path: Path) -> Iterator[Member]:
    """The members of a ZIP archive. Raises NotAContainer, ContainerError."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            if not names.isdisjoint(_DOCUMENT_MEMBERS) or any(name.endswith(".iwa") for name in names):
                raise NotAContainer
            for member in members:
                if not member.filename.endswith("/"):
                    yield from _zip_member(archive, member)
    except (*_DAMAGE, OSError) as error:
        _raise_unless_damage(error)
        raise ContainerError("unpacking.corrupt", f"zip: {error}") from error


def _raise_unless_damage(error: Exception) -> None:
    """Raise what the disk did. An offset that leads out of the archive gives EINVAL, a bad stream an error without a number."""
    if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
        raise error


def _zip_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[Member]:
    name = member.filename
    if not member.flag_bits & 0x800:  # not marked as UTF-8, and often is it all the same
        raw = name.encode("cp437", "replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = member.filename
    kind = member.external_attr >> 28
    if kind not in (0, 0o10):  # file type bits of Unix: 010 is a regular file, 0 where they are not used
        yield Member(name, None, "unpacking.special_member", "not a regular file")
    elif member.flag_bits & 1:
        yield Member(name, None, "unpacking.encrypted", "zip")
    else:
        try:
            content = archive.open(member)
        except (*_DAMAGE, OSError) as error:
            _raise_unless_damage(error)
            yield Member(name, None, "unpacking.corrupt", str(error))
            return
        with content:
            yield Member(name, content)


def iterate_tar(path: Path) -> Iterator[Member]:
    """The members of a plain tar archive. Raises ContainerError."""
    with path.open("rb") as stream:
        yield from _tar_members(stream)


class _Ending(io.RawIOBase):
    """A stream that does not let itself be read on and on after its end. Raises EOFError."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._empty_reads = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._empty_reads += not piece
        if self._empty_reads > _READS_AFTER_END:
            raise EOFError("a member is said to be larger than what is there")
        return piece


def _tar_members(stream: IO[bytes]) -> Iterator[Member]:
    try:
        # As a stream: no seeking, so that a compressed one is read once, and links are never followed.
        with tarfile.open(fileobj=_Ending(stream), mode="r|", errorlevel=2) as archive:
            for member in archive:
                if member.isdir():
                    continue
                if not member.isreg():
                    yield Member(member.name, None, "unpacking.special_member", "a link or a device")
                    continue
                content = archive.extractfile(member)
                if content is not None:
                    with content:
                        yield Member(member.name, content)
    except (*_DAMAGE, OSError) as error:
        _raise_unless_damage(error)
        raise ContainerError("unpacking.corrupt", f"tar: {error}") from error


def iterate_compressed(path: Path, kind: str, name: str) -> Iterator[Member]:
    """The members of a compressed tar archive, or the one file that is compressed. name: of the file itself.

    Raises ContainerError.
    """
    opened, suffixes = _COMPRESSED[kind]
    try:
        with closing(opened(str(path))) as stream:
            block = stream.read(_TAR_BLOCK)
        with closing(opened(str(path))) as stream:
            if block[257:262] == b"ustar":
                yield from _tar_members(stream)
                return
            inner = next((name[: -len(suffix)] for suffix in suffixes if name.lower().endswith(suffix)), name)
            yield Member(inner, stream)
    except (*_DAMAGE, OSError) as error:
        _raise_unless_damage(error)
        raise ContainerError("unpacking.corrupt", f"{kind}: {error}") from error
