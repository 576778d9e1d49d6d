"""OLE compound files, the containers of old Office documents, written field by field (MS-CFB) and as small as they can be."""

import random
import struct
from collections.abc import Iterator

from tests.hostile_files.case import CORRUPT, DAMAGED, EMPTY, ENCRYPTED, LIMIT, UNSUPPORTED, Made, hostile

END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD  # marks in the sector table
DATA = 2  # the sector after the table's and the directory's
HUGE = 0x7FFFFFF0  # bytes
STREAMS = {"doc": "WordDocument", "xls": "Workbook", "ppt": "PowerPoint Document", "msg": "__properties_version1.0"}
LOOPS = DAMAGED - {"text"}


def make_compounds() -> Iterator[Made]:
    package = _compound(["EncryptedPackage", "EncryptionInfo"])
    for name in ("locked.docx", "locked.xlsx", "locked.pptx"):
        yield hostile(name, "a password", ENCRYPTED, package)
    for kind, stream in STREAMS.items():
        hollow = UNSUPPORTED | CORRUPT | EMPTY | LIMIT
        yield hostile(f"hollow.{kind}", "a container whose stream is empty", hollow, _compound([stream]))
        far = _compound([stream], start=0x7FFFFFF0, size=HUGE)
        yield hostile(f"far.{kind}", "a stream that begins and ends outside the file", LOOPS, far)
        loop = _compound([stream], start=DATA, size=HUGE, after=DATA)
        yield hostile(f"loop.{kind}", "memory: a stream of 2 GB whose one sector follows on itself", LOOPS, loop)
        huge = _compound([stream], start=DATA, size=0xFFFFFFFFFFFF, after=DATA)
        yield hostile(f"loop-wide.{kind}", "memory: a stream of 256 TB", LOOPS, huge)
        small = _compound([stream], start=0, size=100, after=DATA, mini=(DATA, 0x400000))
        yield hostile(f"loop-mini-table.{kind}", "memory: a table of small sectors of 2 GB", LOOPS, small)
        root = _compound([stream], start=0, size=100, after=DATA, mini=(DATA, 1), root=(DATA, HUGE))
        yield hostile(f"loop-mini-stream.{kind}", "memory: a stream of small sectors of 2 GB", LOOPS, root)
    wide = _compound(["WordDocument"], tables=0xFFFFFFFF)
    yield hostile("tables.doc", "time: a table of 4 billion sectors", LOOPS, wide)
    yield hostile("circle.doc", "a folder that contains itself", DAMAGED, _compound(["A"], kind=1, child=1))
    noise = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(6).randbytes(8000)
    yield hostile("random.doc", "random bytes behind a signature", DAMAGED, noise)
    yield hostile("cut.xls", "a container that ends in its header", DAMAGED, package[:300])


def _compound(
    names: list[str],
    start: int = END,
    size: int = 0,
    after: int = END,
    mini: tuple[int, int] = (END, 0),
    root: tuple[int, int] = (END, 0),
    tables: int = 1,
    kind: int = 2,
    child: int = FREE,
) -> bytes:
    """A file of three sectors: table, directory, data.

    names: of the streams. start, size: of each. after: the sector that follows the data. mini: first sector and sectors of the
    table of small sectors. root: first sector and bytes of the stream that holds these. tables: sectors of the table, as stated.
    """
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<5H6x9L", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, 1, 0, 0x1000, *mini, END, 0)
    head += struct.pack("<L", 0) + b"\xff" * 432
    table = struct.pack("<3L", TABLE, END, after).ljust(512, b"\xff")
    directory = _entry("Root Entry", 5, *root, child=1)
    for number, name in enumerate(names, start=1):
        directory += _entry(name, kind, start, size, right=number + 1 if number < len(names) else FREE, child=child)
    return head + table + directory.ljust(512, b"\0") + bytes(512)


def _entry(name: str, kind: int, start: int, size: int, right: int = FREE, child: int = FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBB3L", len(encoded), kind, 1, FREE, right, child)
    return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<LQ", start, size)
