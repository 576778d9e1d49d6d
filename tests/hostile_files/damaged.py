"""Good documents cut off, changed, hidden behind other extensions or other signatures; seeded, so that each run is the same."""

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.hostile_files.case import DAMAGED, EMPTY, Made, hostile
from tests.hostile_files.mutation import mutate, mutate_member

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
SIGNATURES = {
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "docx": b"PK\3\4",
    "zip": b"PK\5\6",
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "rtf": b"{\\rtf1 ",
    "html": b"<!DOCTYPE html>",
    "xml": b'<?xml version="1.0"?>',
    "eml": b"From: a@example.org\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n",
    "gz": b"\x1f\x8b\x08\0",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "bz2": b"BZh91AY&SY",
    "xz": b"\xfd7zXZ\0",
    "png": b"\x89PNG\r\n\x1a\n",
    "tiff": b"II*\0",
    "epub": b"PK\3\4" + bytes(26) + b"mimetypeapplication/epub+zip",
    "json": b'{"a": ',
    "csv": b"a,b,c\n1,2,3\n4,5,6\n",
    "txt": b"\xef\xbb\xbf",
    "md": b"\xff\xfe",
}
EXTENSIONS = (
    "pdf",
    "docx",
    "xlsx",
    "pptx",
    "odt",
    "epub",
    "html",
    "rtf",
    "eml",
    "csv",
    "json",
    "ipynb",
    "jsonl",
    "md",
    "txt",
    "doc",
    "zip",
    "bin",
    "",
)
PIECES = 4  # cuts of each sample


def samples() -> list[Path]:
    """One sample of each extension, the smallest, sorted by extension."""
    found: dict[str, Path] = {}
    for path in sorted(SAMPLES.glob("*/*"), key=lambda each: (each.stat().st_size, each.name)):
        if path.parent.name != "odd" and path.suffix:
            found.setdefault(path.suffix[1:], path)
    return [found[extension] for extension in sorted(found)]


def make_damaged() -> Iterator[Made]:
    chosen = random.Random(20261124)
    for path in samples():
        content = path.read_bytes()
        kind = path.suffix[1:]
        for number in range(PIECES):
            at = chosen.randrange(1, len(content))
            yield hostile(f"cut-{number}.{kind}", f"the end is missing after {at} of {len(content)} bytes", DAMAGED, content[:at])
        for number in range(PIECES):
            yield hostile(f"changed-{number}.{kind}", "bytes changed here and there", DAMAGED, mutate(content, chosen))
        if zipfile.is_zipfile(path):
            for number in range(PIECES):
                yield hostile(f"inner-{number}.{kind}", "bytes changed inside a member", DAMAGED, mutate_member(content, chosen))
        start = chosen.randrange(1, len(content))
        yield hostile(f"headless.{kind}", "the beginning is missing", DAMAGED, content[start:])
    for kind, start in SIGNATURES.items():
        yield hostile(f"noise.{kind}", "random bytes behind a right signature", DAMAGED, start + chosen.randbytes(20_000))
        yield hostile(f"only-signature.{kind}", "a signature and nothing else", DAMAGED | EMPTY, start)


def make_disguised() -> Iterator[Made]:
    """Good documents under the extensions of others: content decides."""
    for path in samples():
        content = path.read_bytes()
        for extension in EXTENSIONS:
            if extension != path.suffix[1:]:
                name = f"disguised-{path.suffix[1:]}.{extension}" if extension else f"disguised-{path.suffix[1:]}"
                yield hostile(name, f"{path.suffix[1:]} that says it is {extension or 'nothing'}", DAMAGED, content)
