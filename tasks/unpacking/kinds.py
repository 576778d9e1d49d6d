"""Which files are containers, from their first bytes and their extension. Being wrong costs a look by a worker, no more."""

import re

HEAD_BYTES = 4096
ARCHIVES = frozenset({"zip", "tar", "gzip", "bzip2", "xz", "7z", "rar"})
MAILS = frozenset({"eml", "mbox", "msg"})

_SIGNATURES = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
)
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_USTAR = slice(257, 262)
# First members by which documents that are ZIP archives begin, and nothing that a folder of somebody's may be called; what is
# not caught here is seen by the worker.
_DOCUMENT_FIRST = (b"[Content_Types].xml", b"_rels/.rels", b"mimetypeapplication/", b"docProps/app.xml", b"docProps/core.xml")
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]")
_MAIL_HEADERS = (b"received:", b"message-id:", b"mime-version:", b"return-path:", b"delivered-to:")


def name_container(head: bytes, extension: str) -> str | None:
    """The kind of container that a file may be (ARCHIVES, MAILS), None for none.

    head: its first HEAD_BYTES bytes. extension: lower case, no dot.
    """
    if head.startswith(_ZIP):
        return None if head[30:].startswith(_DOCUMENT_FIRST) else "zip"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if _BZIP2.match(head):
        return "bzip2"
    if head[_USTAR] == b"ustar":
        return "tar"
    if head.startswith(_OLE):
        return "msg" if extension == "msg" else None
    return _name_mail(head, extension)


def _name_mail(head: bytes, extension: str) -> str | None:
    start = head.lstrip(b"\xef\xbb\xbf\r\n")
    if start.startswith(b"From ") and extension != "eml":
        return "mbox" if extension == "mbox" or _has_mail_headers(start.partition(b"\n")[2]) else None
    return "eml" if extension == "eml" or (_HEADER.match(start) and _has_mail_headers(start)) else None


def _has_mail_headers(start: bytes) -> bool:
    block = b"\n" + start.replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
    return b"\nfrom:" in block and any(b"\n" + name in block for name in _MAIL_HEADERS)
