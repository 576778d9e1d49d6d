"""What containers hold, and the errors by which one that cannot be opened says so."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tasks.unpacking.settings import UnpackingSettings

PIECE_BYTES = 1 << 20
LONGEST_PART = 200  # characters of a file name that are kept
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Member:
    """One member of a container. name: as the container has it. content: None with a problem.

    problem: reason code why it cannot become a document. detail: words for it.
    """

    name: str
    content: IO[bytes] | None
    problem: str | None = None
    detail: str | None = None


class ContainerError(Exception):
    """A container that cannot be opened, or not to its end. reason: its code. detail: words for a person."""

    def __init__(self, reason: str, detail: str | None = None) -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.detail = detail


class NotAContainer(Exception):
    """Only looked like one: a document whose format is a ZIP archive, say."""


@dataclass
class Allowance:
    """What may still come out of a container of `size` bytes. Counts what really comes out, not what the container states."""

    size: int
    members: int
    unpacked: int
    max_ratio: float
    ratio_from_bytes: int
    used_members: int = 0
    used_bytes: int = 0

    @classmethod
    def of(cls, size: int, settings: UnpackingSettings) -> "Allowance":
        """For a container of `size` bytes that no other one stands around."""
        # Its own ratio bounds the sum of what comes out of archives inside it too: a few KB that nest must not fill a disk.
        most = min(settings.max_unpacked_bytes, max(settings.ratio_from_bytes, int(settings.max_ratio * size)))
        return cls(size, settings.max_members, most, settings.max_ratio, settings.ratio_from_bytes)

    def take_member(self) -> None:
        """Count one member. Raises ContainerError."""
        self.used_members += 1
        if self.used_members > self.members:
            raise ContainerError("unpacking.archive_bomb", f"more than {self.members} members")

    def take_bytes(self, count: int) -> None:
        """Count bytes that came out. Raises ContainerError."""
        self.used_bytes += count
        if self.used_bytes > self.ratio_from_bytes and self.used_bytes > self.max_ratio * max(1, self.size):
            raise ContainerError("unpacking.archive_bomb", f"unpacks to more than {self.max_ratio:g} times its size")
        if self.used_bytes > self.unpacked:
            raise ContainerError("unpacking.archive_bomb", f"unpacks to more than {self.unpacked} bytes")

    def pieces(self, content: IO[bytes]) -> Iterator[bytes]:
        """The content, piece by piece, counted. Raises ContainerError."""
        while piece := content.read(PIECE_BYTES):
            self.take_bytes(len(piece))
            yield piece


def display_name(name: str) -> str:
    """A member's name that can stand in a path: no way up or out, nothing unprintable, no part of endless length."""
    parts = [part for part in _UNPRINTABLE.sub("_", name.replace("\\", "/")).split("/") if part not in ("", ".")]
    return "/".join("__" if part == ".." else _shortened(part) for part in parts[-20:]) or "unnamed"


def _shortened(part: str) -> str:
    if len(part) <= LONGEST_PART:
        return part
    suffix = Path(part).suffix[:20]
    return part[: LONGEST_PART - len(suffix)] + suffix


def distinct(names: Iterable[str]) -> list[str]:
    """The names, those that stand there already with a number before the extension."""
    taken: set[str] = set()
    counts: dict[str, int] = {}
    found = []
    for name in names:
        wanted = name
        while wanted in taken:
            counts[name] = counts.get(name, 1) + 1
            folder, slash, file = name.rpartition("/")
            suffix = Path(file).suffix
            wanted = f"{folder}{slash}{file.removesuffix(suffix)}~{counts[name]}{suffix}"
        taken.add(wanted)
        found.append(wanted)
    return found
