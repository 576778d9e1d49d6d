"""ZIP archives written field by field (APPNOTE 6.3), so that they can say what no honest program writes."""

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

STORED, DEFLATED = 0, 8
_LOCAL = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True)
class Member:
    """A member as it stands in the archive.

    data: compressed bytes. size: unpacked, as the archive states it. flags: bit 0 is "encrypted". mode: Unix file mode.
    """

    name: str | bytes
    data: bytes = b""
    size: int = 0
    checksum: int = 0
    method: int = STORED
    flags: int = 0
    mode: int = 0
    extra: bytes = field(default=b"", repr=False)

    @property
    def encoded(self) -> bytes:
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    def local(self) -> bytes:
        """The header before the data."""
        sizes = (self.checksum, len(self.data), self.size)
        return _LOCAL.pack(b"PK\3\4", 20, self.flags, self.method, 0, 33, *sizes, len(self.encoded), 0) + self.encoded

    def entry(self, offset: int) -> bytes:
        """The entry of the directory. The system is Unix (3), so that the mode counts."""
        sizes = (self.checksum, len(self.data), self.size)
        lengths = (len(self.encoded), len(self.extra), 0, 0, 0)
        head = _ENTRY.pack(b"PK\1\2", 3 << 8 | 20, 20, self.flags, self.method, 0, 33, *sizes, *lengths, self.mode << 16, offset)
        return head + self.encoded + self.extra


def stored(name: str | bytes, content: bytes = b"", flags: int = 0, mode: int = 0) -> Member:
    return Member(name, content, len(content), zlib.crc32(content), STORED, flags, mode)


def deflated(name: str | bytes, content: bytes, size: int | None = None) -> Member:
    """size: what the archive is to state, where that is a lie."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    return Member(name, data, len(content) if size is None else size, zlib.crc32(content), DEFLATED)


def repeated(name: str | bytes, unit: bytes, times: int, head: bytes = b"", tail: bytes = b"", size: int | None = None) -> Member:
    """`head`, `unit` many times, `tail`: the unit is compressed once, so that gigabytes take no time to make."""
    data = deflate_repeated(unit, times, head, tail)
    checksum = zlib.crc32(head)
    for _ in range(times):
        checksum = zlib.crc32(unit, checksum)
    checksum = zlib.crc32(tail, checksum)
    return Member(name, data, len(head) + len(unit) * times + len(tail) if size is None else size, checksum, DEFLATED)


def deflate_repeated(unit: bytes, times: int, head: bytes = b"", tail: bytes = b"") -> bytes:
    """A raw deflate stream (RFC 1951) whose blocks are copies of one another: a full flush makes them independent."""
    return b"".join([_block(head), _block(unit) * times, _block(tail), b"\3\0"])


def _block(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH) if content else b""


def write_zip(members: Iterable[Member], comment: bytes = b"") -> bytes:
    body, directory, count = bytearray(), bytearray(), 0
    for member in members:
        directory += member.entry(len(body))
        body += member.local() + member.data
        count += 1
    return bytes(body + directory) + end_record(count, len(directory), len(body), comment)


def end_record(count: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    shown = min(count, 0xFFFF)
    return _END.pack(b"PK\5\6", 0, 0, shown, shown, size, offset, len(comment)) + comment


def zip_of(contents: Mapping[str, bytes | str | Member]) -> bytes:
    """A well-formed archive of contents by their names; a Member stands for itself. The first one is stored."""
    members = []
    for name, content in contents.items():
        if isinstance(content, Member):
            members.append(content)
        else:
            data = content.encode() if isinstance(content, str) else content
            members.append(deflated(name, data) if members else stored(name, data))
    return write_zip(members)


def overlapping(members: int, kernel_bytes: int) -> bytes:
    """An archive whose members share one compressed kernel: each quotes the headers after it in a stored deflate block.

    After David Fifield, "A better zip bomb", USENIX WOOT 2019.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = bytes(kernel_bytes)
    kernel = packer.compress(content) + packer.flush()
    made: list[Member] = []
    body, quoted = kernel, b""
    for number in reversed(range(members)):
        if made:
            header = made[0].local()
            body = b"\0" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + header + body
            quoted = header + quoted
        size = len(quoted) + kernel_bytes
        made.insert(0, Member(f"{number:04}", body, size, zlib.crc32(content, zlib.crc32(quoted)), DEFLATED))
    whole = made[0].local() + body
    directory = b"".join(member.entry(len(whole) - len(member.local()) - len(member.data)) for member in made)
    return whole + directory + end_record(members, len(directory), len(whole))
