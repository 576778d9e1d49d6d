"""Which files are looked into."""

import pytest

from tasks.unpacking.kinds import name_container

MAIL = b"Received: from x\r\nFrom: a@example.org\r\nSubject: b\r\n\r\ntext"


@pytest.mark.parametrize(
    ("head", "extension", "kind"),
    [
        (b"PK\x03\x04" + bytes(26) + b"readme.txt", "zip", "zip"),
        (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "docx", None),
        (b"PK\x03\x04" + bytes(26) + b"word/", "zip", "zip"),  # anybody's folder may be called so; the worker looks closer
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", "epub", None),
        (b"\x1f\x8b\x08\x00", "tgz", "gzip"),
        (b"BZh91AY&SY", "", "bzip2"),
        (b"BZh is how a text can begin", "txt", None),
        (b"7z\xbc\xaf\x27\x1c", "7z", "7z"),
        (bytes(257) + b"ustar\x0000", "", "tar"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "msg", "msg"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "doc", None),
        (MAIL, "", "eml"),
        (b"Subject: only\n\ntext", "eml", "eml"),
        (b"Note: not a mail\nFrom: the author\n", "txt", None),
        (b"From a@example.org Mon Jan 1\n" + MAIL, "mbox", "mbox"),
        (b"From the beginning it was clear\n", "txt", None),
        (b"", "zip", None),
    ],
)
def test_kinds(head: bytes, extension: str, kind: str | None) -> None:
    assert name_container(head, extension) == kind
