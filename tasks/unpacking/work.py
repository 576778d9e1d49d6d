"""What a worker process does with one container: its members, counted as they come, each in a file of its own."""

import errno
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from tasks.storage.root import find_files, local_copy, remove_file, use_data_root, write_pieces
from tasks.unpacking.archives import iterate_compressed, iterate_tar, iterate_zip
from tasks.unpacking.attachments import iterate_eml, iterate_mbox, iterate_msg
from tasks.unpacking.libarchive import LIBARCHIVE, iterate_libarchive
from tasks.unpacking.members import Allowance, ContainerError, Member, NotAContainer, display_name, distinct

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_CHANGED = "unpacking.source_changed"
_PLAIN_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,16}")


@dataclass(frozen=True)
class OpeningRequest:
    """One container to open. location: absolute, or below the data root. name: of its file. folder: where its members go."""

    root: str
    location: str
    name: str
    kind: str
    sha256: str
    folder: str
    allowance: Allowance


@dataclass(frozen=True)
class OpenedMember:
    """A member that came out, or why it did not. name: for display. location: below the data root, "" with a reason."""

    name: str
    location: str
    bytes: int
    sha256: str | None
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Opened:
    """What a container held. is_container: it was one. reason: why it was not opened, None when it was."""

    members: tuple[OpenedMember, ...] = ()
    is_container: bool = True
    reason: str | None = None
    detail: str | None = None


def open_container(request: OpeningRequest) -> Opened:
    """Open one container. Of a bomb nothing is kept; of one that is damaged, what came before the damage."""
    use_data_root(request.root)
    members: list[OpenedMember] = []
    try:
        with local_copy(request.location) as path:
            _refuse_changed(path, request.sha256)
            for member in _write_members(request, path):
                members.append(member)
    except NotAContainer:
        return Opened(is_container=False)
    except ContainerError as error:
        if error.reason == "unpacking.corrupt":
            return Opened(_named_apart(members), reason=error.reason, detail=f"{error.detail}, after {len(members)} members")
        remove_members(request.folder)
        return Opened(reason=error.reason, detail=error.detail)
    except OSError as error:
        remove_members(request.folder)
        return Opened(reason="unpacking.disk_full" if error.errno in _NO_ROOM else _CHANGED, detail=error.strerror)
    if members and all(member.reason == "unpacking.encrypted" for member in members):
        return Opened(reason="unpacking.encrypted", detail=request.kind)
    return Opened(_named_apart(members))


def _refuse_changed(path: Path, sha256: str) -> None:
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
            raise ContainerError(_CHANGED, "its content is not what was inventoried")


def _named_apart(members: Sequence[OpenedMember]) -> tuple[OpenedMember, ...]:
    names = distinct(member.name for member in members)
    return tuple(replace(member, name=name) for member, name in zip(members, names, strict=True))


def remove_members(folder: str) -> None:
    """Remove what came out of a container."""
    for path in find_files(folder):
        remove_file(path)


def iterate_members(path: Path, kind: str, name: str) -> Iterator[Member]:
    """The members of a container; the content of one is only good until the next is asked for."""
    if kind in ("gzip", "bzip2", "xz"):
        return iterate_compressed(path, kind, name)
    if kind in LIBARCHIVE:
        return iterate_libarchive(path, kind)
    readers = {"zip": iterate_zip, "tar": iterate_tar, "eml": iterate_eml, "mbox": iterate_mbox, "msg": iterate_msg}
    return readers[kind](path)


def _write_members(request: OpeningRequest, path: Path) -> Iterator[OpenedMember]:
    with closing(iterate_members(path, request.kind, request.name)) as members:  # type: ignore[type-var]  # generators all
        for number, member in enumerate(members):
            request.allowance.take_member()
            yield _write_member(request, number, member)


def _write_member(request: OpeningRequest, number: int, member: Member) -> OpenedMember:
    name = display_name(member.name)
    if member.content is None:
        return OpenedMember(name, "", 0, None, member.problem, member.detail)
    suffix = PurePosixPath(name).suffix
    location = f"{request.folder}/{number:05}{suffix if _PLAIN_SUFFIX.fullmatch(suffix) else ''}"
    digest = hashlib.sha256()

    def counted() -> Iterator[bytes]:
        assert member.content is not None
        for piece in request.allowance.pieces(member.content):
            digest.update(piece)
            yield piece

    try:
        size = write_pieces(location, counted())
    except (ContainerError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise
        remove_file(location)
        return OpenedMember(name, "", 0, None, "unpacking.corrupt", " ".join(str(error).split())[:300])
    return OpenedMember(name, location, size, digest.hexdigest())
