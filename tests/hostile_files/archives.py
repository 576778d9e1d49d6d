"""Archives that unpack to too much, or to places where nothing may be written."""

import bz2
import gzip
import io
import lzma
import random
import stat
import tarfile
import zlib
from collections.abc import Iterator

from tests.hostile_files import zips
from tests.hostile_files.case import CORRUPT, ENCRYPTED, LIMIT, READ, UNSUPPORTED, Made, hostile

MIB = 1 << 20
WORDS = b"Words that anybody may read, line after line.\n"
# An archive is refused by name while there is no stage that opens it; then by what is wrong with it.
BOMB = LIMIT | UNSUPPORTED | CORRUPT
NAMES = LIMIT | UNSUPPORTED | CORRUPT | READ
LOCKED = ENCRYPTED | UNSUPPORTED
TRAVERSALS: tuple[str | bytes, ...] = (
    *("../../evil.txt", "/abs/evil.txt", "C:\\evil.txt", "..\\..\\evil.txt", "a/../../evil.txt", "./../evil.txt"),
    *("~/evil.txt", "\\\\server\\share\\evil.txt", "CON", "evil.txt:stream", ".", "..", "/", "", "a//b.txt", "a\nb.txt"),
    *("\u202etxt.exe", "n" * 4096 + ".txt", "d/" * 2000 + "deep.txt", b"\xff\xfe.txt", "evil\0.txt", "\x1b[2J.txt", " .txt"),
)


def make_archives() -> Iterator[Made]:
    yield from _zip_bombs()
    yield from _lies()
    yield from _names()
    yield from _tars()
    yield from _streams()
    yield from _locked()


def _zip_bombs() -> Iterator[Made]:
    zeros = zips.repeated("zeros.bin", bytes(MIB), 600)
    yield hostile("bomb-ratio.zip", "memory and disk: 600 MiB from 0.6 MB", BOMB, zips.write_zip([zeros]))
    many = zips.write_zip(zips.stored(f"{number}.txt", b"x") for number in range(20_000))
    yield hostile("bomb-count.zip", "time: 20,000 members", BOMB, many)
    yield hostile(
        "bomb-count-wide.zip", "memory: a directory of 70,000 members, more than its end record can count", BOMB, _wide()
    )
    yield hostile("bomb-nested.zip", "depth and size: 16 archives in each of 5 levels, 100 GB in all", BOMB, _nested(5, 16))
    yield hostile("bomb-deep.zip", "recursion: an archive in an archive, 200 levels", BOMB, _nested(200, 1))
    yield hostile("bomb-overlap.zip", "size: 300 members share one kernel", BOMB, zips.overlapping(300, 4 * MIB))
    same = zips.deflated("same.txt", bytes(4 * MIB))
    body = same.local() + same.data
    directory = same.entry(0) * 1000
    repeated = body + directory + zips.end_record(1000, len(directory), len(body))
    yield hostile("bomb-same-member.zip", "size: 1,000 entries for the same bytes", BOMB, repeated)


def _wide() -> bytes:
    entry = zips.stored("a", b"").entry(0)
    body = zips.stored("a", b"").local()
    return body + entry * 70_000 + zips.end_record(70_000, len(entry) * 70_000, len(body))


def _nested(levels: int, copies: int) -> bytes:
    content = zips.write_zip([zips.deflated("0.txt", bytes(100_000))])
    for _ in range(levels):
        content = zips.write_zip([zips.deflated(f"{number}.zip", content) for number in range(copies)])
    return content


def _lies() -> Iterator[Made]:
    small = zips.repeated("words.txt", WORDS * 1000, 8000, size=1000)
    yield hostile("lie-small.zip", "memory: 368 MB that are stated as 1,000 bytes", BOMB, zips.write_zip([small]))
    inner = zips.repeated("inner.zip", bytes(MIB), 600, size=1000)
    yield hostile("lie-inner.zip", "the look into inner archives: 600 MiB stated as 1,000 bytes", BOMB, zips.write_zip([inner]))
    kind = zips.repeated("mimetype", b"application/epub+zip" * 1000, 20_000, size=20)
    lying = zips.write_zip([kind, zips.stored("META-INF/container.xml")])
    yield hostile("lie-mimetype.epub", "the member that names the format: 400 MB stated as 20 bytes", BOMB, lying)
    large = zips.Member("words.txt", WORDS, 0xFFFFFFF0, 0, zips.STORED)
    yield hostile("lie-large.zip", "sums of sizes: 4 GB that are 46 bytes", BOMB, zips.write_zip([large]))
    honest = zips.write_zip([zips.deflated("words.txt", WORDS * 50)])
    yield hostile(
        "lie-offset.zip", "a directory that is said to begin before the file", BOMB | READ, honest[:-6] + b"\xf0\xff\xff\xff\0\0"
    )
    yield hostile(
        "lie-count.zip", "a directory said to hold 60,000 members", BOMB | READ, honest[:-12] + b"\x60\xea" + honest[-10:]
    )
    odd = zips.Member("words.txt", WORDS, len(WORDS), zlib.crc32(WORDS), method=97)
    yield hostile("lie-method.zip", "a compression that nobody knows", BOMB, zips.write_zip([odd]))
    wrong = zips.Member("words.txt", WORDS, len(WORDS), 1, zips.STORED)
    yield hostile("lie-checksum.zip", "a checksum that does not fit", BOMB | READ, zips.write_zip([wrong]))
    packed = lzma.compress(bytes(64 * MIB), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}])
    head = b"\x09\x04\x05\0" + bytes([93]) + (1 << 16).to_bytes(4, "little")
    strong = zips.Member("zeros.bin", head + packed, 100, 0, method=14, flags=2)
    yield hostile("lie-lzma.zip", "memory: LZMA, 64 MiB stated as 100 bytes", BOMB, zips.write_zip([strong]))


def _names() -> Iterator[Made]:
    hostile_names = zips.write_zip([zips.stored(name, WORDS) for name in TRAVERSALS])
    yield hostile("names.zip", "paths outside the folder, and names that no system takes", NAMES, hostile_names)
    link, folder = stat.S_IFLNK | 0o777, stat.S_IFDIR | 0o777
    links = [
        zips.stored("passwd.txt", b"/etc/passwd", mode=link),
        zips.stored("out", b"../../..", mode=link),
        zips.stored("out/evil.txt", WORDS),
        zips.stored("device.txt", b"", mode=stat.S_IFCHR | 0o666),
        zips.stored("pipe.txt", b"", mode=stat.S_IFIFO | 0o666),
        zips.stored("folder.txt", WORDS, mode=folder),
        zips.stored("set-uid.txt", WORDS, mode=stat.S_IFREG | 0o6777),
    ]
    yield hostile("links.zip", "symbolic links out of the folder, devices, pipes", NAMES, zips.write_zip(links))
    twins = [zips.stored("twin.txt", WORDS), zips.stored("twin.txt", WORDS * 2), zips.stored("TWIN.TXT", WORDS * 3)]
    clash = [zips.stored("clash", WORDS), zips.stored("clash/inner.txt", WORDS)]
    yield hostile("twins.zip", "members of the same name; a file that is a folder too", NAMES, zips.write_zip([*twins, *clash]))


def _tars() -> Iterator[Made]:
    entries = [*(_entry(name) for name in TRAVERSALS if isinstance(name, str) and name.strip("\0"))]
    yield hostile("names.tar", "paths outside the folder", NAMES, _tar(entries))
    entries = [
        _entry("passwd.txt", tarfile.SYMTYPE, "/etc/passwd"),
        _entry("hard.txt", tarfile.LNKTYPE, "/etc/passwd"),
        _entry("up", tarfile.SYMTYPE, "../../.."),
        _entry("up/evil.txt"),
        _entry("null.txt", tarfile.CHRTYPE),
        _entry("disk.txt", tarfile.BLKTYPE),
        _entry("pipe.txt", tarfile.FIFOTYPE),
        _entry("self.txt", tarfile.SYMTYPE, "self.txt"),
        _entry("twin.txt"),
        _entry("twin.txt"),
    ]
    yield hostile("links.tar", "links out of the folder, devices, pipes", NAMES, _tar(entries))
    empty = _tar([_entry(f"{number}") for number in range(12_000)])
    yield hostile("count.tar.gz", "time: 12,000 members in 0.1 MB", BOMB, gzip.compress(empty, 6))
    honest = _tar([_entry("words.txt")])
    for name, size in (
        ("lie-size.tar", b"77777777777\0"),
        ("lie-negative.tar", b"\xff" * 12),
        ("lie-huge.tar", b"\x80" + b"\x7f" * 11),
    ):
        head = bytearray(honest[:512])
        head[124:136] = size
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % sum(head)
        yield hostile(name, "a size that is not there", NAMES, bytes(head) + honest[512:])
    sparse = tarfile.TarInfo("sparse.txt")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 50)}
    sparse.size = 512
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(sparse, io.BytesIO(b"1\n%d\n1\n" % (1 << 50) + bytes(512)))
    yield hostile("lie-sparse.tar", "disk: a sparse file of a petabyte", NAMES, stream.getvalue())
    with_long = _tar([_entry("n" * 300_000 + ".txt")])
    yield hostile("long-name.tar", "a name of 300,000 letters", NAMES, with_long)


def _entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    entry.size = len(WORDS) if kind == tarfile.REGTYPE else 0
    return entry


def _tar(entries: list[tarfile.TarInfo]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry in entries:
            archive.addfile(entry, io.BytesIO(WORDS))
    return stream.getvalue()


def _streams() -> Iterator[Made]:
    """Compressed single files."""
    zeros = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zips.deflate_repeated(bytes(MIB), 2000) + bytes(8)
    yield hostile("bomb.txt.gz", "memory and disk: 2 GB from 2 MB", BOMB, zeros)
    twice = gzip.compress(gzip.compress(gzip.compress(zeros)))
    yield hostile("bomb-nested.gz", "depth: gzip in gzip in gzip", BOMB, twice)
    yield hostile("bomb.txt.bz2", "memory and disk: 1.4 GB from 64 KB", BOMB, bz2.compress(bytes(45 * MIB)) * 30)
    yield hostile("bomb.txt.xz", "memory and disk: 640 MB from 90 KB", BOMB, lzma.compress(bytes(64 * MIB), preset=0) * 10)
    crowd = gzip.compress(WORDS) * 5000
    yield hostile("crowd.txt.gz", "time: 5,000 gzip members in a row", NAMES, crowd)
    yield hostile("cut.txt.gz", "a stream that ends too early", NAMES, gzip.compress(random.Random(1).randbytes(50_000))[:20_000])
    yield hostile("tail.txt.gz", "garbage behind a stream", NAMES, gzip.compress(WORDS * 50) + b"garbage" * 100)
    named = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"../../evil.txt\0" + gzip.compress(WORDS * 50)[10:]
    yield hostile("named.txt.gz", "the name that gzip keeps leads outside", NAMES, named)
    tar = zips.deflate_repeated(bytes(MIB), 1200, head=_tar([_entry("words.txt")])[:512])
    yield hostile("bomb.tgz", "size: a tar that never ends", BOMB | READ, b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + tar + bytes(8))


def _locked() -> Iterator[Made]:
    secret = random.Random(2).randbytes(200)
    locked = zips.Member("words.txt", secret, 188, 0, zips.DEFLATED, flags=1)
    yield hostile("locked.zip", "a password", LOCKED, zips.write_zip([locked]))
    aes = zips.Member("words.txt", secret, 180, 0, 99, flags=1, extra=b"\x01\x99\x07\0\x02\0AE\x03\x08\0")
    yield hostile("locked-aes.zip", "a password, AES", LOCKED, zips.write_zip([aes]))
    half = zips.write_zip([zips.stored("open.txt", WORDS), locked])
    yield hostile("locked-half.zip", "a password on one of two members", LOCKED | READ, half)
    start = b"7z\xbc\xaf\x27\x1c\0\x04"
    yield hostile("random.7z", "random bytes behind a signature", BOMB, start + random.Random(3).randbytes(4000))
    header = (1 << 40).to_bytes(8, "little") + (1 << 50).to_bytes(8, "little") + bytes(4)
    lying = start + zlib.crc32(header).to_bytes(4, "little") + header + bytes(100)
    yield hostile("lie-header.7z", "memory: a header of a petabyte", BOMB, lying)
