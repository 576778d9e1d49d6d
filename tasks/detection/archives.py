"""Looking into containers without unpacking them: ZIP members and OLE streams, and whether they are bombs.

Everything is judged on the central directory, whose size bounds the work, before any member is read. Sizes in it may be lies:
no more of a member is inflated than is asked for.
"""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import IO

from tasks.detection.settings import MIB, DetectionSettings

_LONGEST_END = 65_557  # bytes: the record and its comment
_END = struct.Struct("<4s4H2LH")  # end of central directory record (APPNOTE 4.3.16)
_NESTED = (".zip", ".docx", ".docm", ".pptx", ".pptm", ".xlsx", ".xlsm", ".odt", ".ods", ".odp", ".epub", ".jar", ".apk")
_NESTED_BUDGET = 64 * MIB  # bytes of inner archives that are looked into
_SMALL = 1 * MIB  # most bytes of a member that names the format
_BYTES_PER_ENTRY = 512  # of central directory, generous: 46 and the name
_METHODS = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
)  # the only ones of OPC, OpenDocument and EPUB; zipfile inflates others whole
_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, IndexError)
_FONT_OBFUSCATION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


@dataclass
class ArchiveSignals:
    """What an archive's directory says. members, unpacked: of inner archives too. depth: 1 for an archive without inner ones."""

    format: str = "zip"
    members: int = 0
    unpacked: int = 0
    depth: int = 1
    encrypted: bool = False
    damage: str | None = None
    overfull: bool = False  # the directory itself is too large to be read
    budget: int = field(default=_NESTED_BUDGET, repr=False)


def measure_archive(stream: IO[bytes], settings: DetectionSettings) -> ArchiveSignals:
    """Read the directory of a ZIP archive and of those inside it. Damage is reported, not raised."""
    signals = ArchiveSignals()
    try:
        _measure(stream, settings, signals, depth=1)
    except _DAMAGE as error:
        signals.damage = f"{type(error).__name__}: {error}"
    except RuntimeError:  # zipfile's way to say that a member needs a password
        signals.encrypted = True
    return signals


def decide_archive(signals: ArchiveSignals, size: int, settings: DetectionSettings) -> tuple[str, str] | None:
    """The reason and its detail for refusing an archive of `size` bytes, None when it may be read."""
    ratio = signals.unpacked // max(1, size)
    checks = (
        (signals.overfull or signals.members > settings.max_members, "archive_bomb", f"more than {settings.max_members} members"),
        (signals.unpacked > settings.max_unpacked_bytes, "archive_bomb", f"unpacks to {signals.unpacked} bytes"),
        (
            signals.unpacked > settings.ratio_from_bytes and ratio > settings.max_ratio,
            "archive_bomb",
            f"unpacks to {ratio} times its size",
        ),
        (signals.depth > settings.max_depth, "archive_bomb", f"archives inside archives, {signals.depth} deep"),
        (signals.encrypted, "encrypted", signals.format),
        (signals.damage is not None, "corrupt", f"{signals.format}: {signals.damage}"),
    )
    return next(((f"detection.{what}", detail) for applies, what, detail in checks if applies), None)


def _measure(stream: IO[bytes], settings: DetectionSettings, signals: ArchiveSignals, depth: int) -> None:
    count, size = _directory_stated(stream)
    if count > settings.max_members or size > settings.max_members * _BYTES_PER_ENTRY:
        signals.overfull = True
        return
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        signals.members += len(members)
        signals.unpacked += sum(member.file_size for member in members)
        signals.encrypted |= any(member.flag_bits & 1 for member in members)
        signals.depth = max(signals.depth, depth)
        if depth == 1 and not signals.encrypted:
            signals.format = _name_format(archive)
            signals.encrypted = _is_protected(archive, signals.format)
            if signals.format not in ("zip", "jar") and any(member.compress_type not in _METHODS for member in members):
                signals.damage = "a member is compressed by a method that the format does not know"
        for member in members:
            _look_inside(archive, member, settings, signals, depth)


def _look_inside(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, settings: DetectionSettings, signals: ArchiveSignals, depth: int
) -> None:
    """Follow an inner archive, at most one level deeper than allowed and within the budget of bytes."""
    if not member.filename.lower().endswith(_NESTED) or depth > settings.max_depth or member.flag_bits & 1:
        return
    if not 0 < member.file_size <= signals.budget or signals.members > settings.max_members:
        return
    signals.budget -= member.file_size
    try:
        _measure(io.BytesIO(_content_of(archive, member)), settings, signals, depth + 1)
    except (*_DAMAGE, RuntimeError):
        return  # a damaged attachment is no reason to refuse the document around it


def _directory_stated(stream: IO[bytes]) -> tuple[int, int]:
    """Entries and bytes of the central directory as the end record states them; 0, 0 without such a record (zipfile says why)."""
    stream.seek(0, io.SEEK_END)
    size = stream.tell()
    stream.seek(max(0, size - _LONGEST_END))
    tail = stream.read()
    at = tail.rfind(b"PK\5\6")
    stream.seek(0)
    if at < 0 or len(tail) - at < _END.size:
        return 0, 0
    count, stated = _END.unpack_from(tail, at)[4:6]
    wide = tail.rfind(b"PK\6\6", 0, at)  # ZIP64: where a field of the record has no room
    if (count == 0xFFFF or stated == 0xFFFFFFFF) and 0 <= wide <= len(tail) - 56:
        count, stated = struct.unpack_from("<2Q", tail, wide + 32)
    return count, stated


def _content_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member, no more of it than its stated size; nothing of one that cannot be inflated piece by piece."""
    if member.compress_type not in _METHODS:
        return b""
    with archive.open(member) as stream:
        return stream.read(member.file_size)


def _text_of(archive: zipfile.ZipFile, name: str) -> str:
    """A small member as text; "" when it is not there or is too large to be what it should be."""
    try:
        member = archive.getinfo(name)
    except KeyError:
        return ""
    return _content_of(archive, member).decode("utf-8", "replace") if member.file_size <= _SMALL else ""


def _name_format(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    mimetype = _text_of(archive, "mimetype").strip()
    if mimetype:
        return _of_mimetype(mimetype)
    if "[Content_Types].xml" in names:
        if "xl/workbook.bin" in names:
            return "xlsb"
        folders = {name.partition("/")[0] for name in names}
        for folder, name in (("word", "docx"), ("ppt", "pptx"), ("xl", "xlsx"), ("visio", "vsdx")):
            if folder in folders:
                return name
    if "META-INF/container.xml" in names:
        return "epub"
    if any(name.endswith(".iwa") for name in names):
        return "iwork"
    return "jar" if "META-INF/MANIFEST.MF" in names else "zip"


def _of_mimetype(mimetype: str) -> str:
    if mimetype == "application/epub+zip":
        return "epub"
    if mimetype == "application/hwp+zip":
        return "hwpx"
    kind = mimetype.removeprefix("application/vnd.oasis.opendocument.").removesuffix("-template")
    known = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
    return known.get(kind, "odf" if kind != mimetype else "zip")


def _is_protected(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether the format's own means (not ZIP's) lock the content: OpenDocument passwords, EPUB rights management."""
    if name in ("odt", "ods", "odp", "odf"):
        return "encryption-data" in _text_of(archive, "META-INF/manifest.xml")
    if name == "epub":
        rules = _text_of(archive, "META-INF/encryption.xml")
        for harmless in _FONT_OBFUSCATION:
            rules = rules.replace(harmless, "")
        return "META-INF/rights.xml" in archive.namelist() or "http://www.w3.org/2001/04/xmlenc#aes" in rules
    return False


def name_ole(stream: IO[bytes]) -> tuple[str, str | None]:
    """The format inside an OLE container and what is wrong with it ("encrypted", or words about damage), None for nothing."""
    from tasks.storage.compound import CompoundFile

    try:
        with CompoundFile(stream) as container:
            names = {"/".join(path).lower() for path in container.listdir()}
    except Exception as error:  # noqa: BLE001 - olefile raises whatever its parsing ran into
        return "ole", f"{type(error).__name__}: {error}"
    if "encryptedpackage" in names:
        return "ole", "encrypted"
    streams = {
        **{"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"},
        **{"__properties_version1.0": "msg", "fileheader": "hwp"},
    }
    return next((name for stream_name, name in streams.items() if stream_name in names), "ole"), None
