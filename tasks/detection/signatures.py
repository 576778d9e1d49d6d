"""Formats that show by their first bytes. Offsets and values: the formats' own specifications, as collected in file(1)."""

import re
from dataclasses import dataclass

PDF_HEADER_WITHIN = 1024  # bytes; Adobe's implementation note 13 in the PDF reference, kept by all readers
_PORTABLE_ANYMAP = re.compile(rb"P[1-7]\s+(?:#[^\n]*\n\s*)*(?:\d+\s+\d+\s+(?:#[^\n]*\n\s*)*[^\sA-Za-z]|WIDTH\s)")
_PDF_OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
_FTYP_IMAGES = (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis")
_RIFF = {b"WEBP": "webp", b"WAVE": "audio", b"AVI ": "video"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # a first member, or an archive without members


@dataclass(frozen=True)
class Signature:
    """`magic` at `offset` bytes from the start means `format`."""

    magic: bytes
    format: str
    offset: int = 0


_TABLE = (
    Signature(b"\x89PNG\r\n\x1a\n", "png"),
    Signature(b"\xff\xd8\xff", "jpeg"),
    Signature(b"GIF87a", "gif"),
    Signature(b"GIF89a", "gif"),
    Signature(b"II*\x00", "tiff"),
    Signature(b"MM\x00*", "tiff"),
    Signature(b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    Signature(b"\xff\x4f\xff\x51", "jp2"),
    Signature(b"\x00\x00\x01\x00", "icon"),
    Signature(b"8BPS\x00", "psd"),
    Signature(b"AT&TFORM", "djvu"),
    Signature(b"7z\xbc\xaf\x27\x1c", "7z"),
    Signature(b"\x1f\x8b\x08", "gzip"),
    *(Signature(b"BZh%d1AY&SY" % level, "bzip2") for level in range(1, 10)),
    Signature(b"\xfd7zXZ\x00", "xz"),
    Signature(b"\x28\xb5\x2f\xfd", "zstd"),
    Signature(b"Rar!\x1a\x07", "rar"),
    Signature(b"ustar\x00", "tar", 257),
    Signature(b"ustar  \x00", "tar", 257),
    Signature(b"ID3\x02", "audio"),
    Signature(b"ID3\x03", "audio"),
    Signature(b"ID3\x04", "audio"),
    Signature(b"fLaC", "audio"),
    Signature(b"OggS", "audio"),
    Signature(b"MThd", "audio"),
    Signature(b"\x1aE\xdf\xa3", "video"),
    Signature(b"\x00\x00\x01\xba", "video"),
    Signature(b"\x7fELF", "executable"),
    Signature(b"\xca\xfe\xba\xbe", "executable"),
    Signature(b"\xcf\xfa\xed\xfe", "executable"),
    Signature(b"\x00asm", "executable"),
    Signature(b"SQLite format 3\x00", "sqlite"),
    Signature(b"PAR1", "parquet"),
    Signature(b"\x00\x01\x00\x00\x00", "font"),
    Signature(b"OTTO\x00", "font"),
    Signature(b"wOFF", "font"),
    Signature(b"wOF2", "font"),
    Signature(b"BOOKMOBI", "mobi", 60),
    Signature(b"ITSF\x03", "chm"),
    Signature(b"%!PS", "postscript"),
    Signature(b"\xc5\xd0\xd3\xc6", "postscript"),
    Signature(b"{\\rtf", "rtf"),
)


def find_signature(head: bytes) -> str | None:
    """The format whose signature the first bytes of a file carry; "zip" and "ole" for those containers; None for none."""
    if head.startswith(ZIP):
        return "zip"
    if head.startswith(OLE):
        return "ole"
    for signature in _TABLE:
        if head.startswith(signature.magic, signature.offset):
            return signature.format
    if head.startswith(b"%PDF-") or (b"%PDF-" in head[:PDF_HEADER_WITHIN] and _PDF_OBJECT.search(head)):
        return "pdf"  # a text about PDF has its mark, but no objects
    return _by_fields(head)


def _by_fields(head: bytes) -> str | None:
    """Formats with few letters of their own: the fields behind them must make sense too."""
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return "heif" if head[8:12] in _FTYP_IMAGES else "video"
    if _PORTABLE_ANYMAP.match(head):
        return "pnm"
    if head[:2] == b"BM" and len(head) > 26 and head[6:10] == b"\0\0\0\0" and head[14] in (12, 40, 52, 56, 64, 108, 124):
        return "bmp"
    if head[:2] == b"MZ" and b"\0" in head[:64]:
        return "executable"
    return None
