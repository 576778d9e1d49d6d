"""What a file is, by its content first, its extension last; and what is refused before anything reads it."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from tasks.detection.detector import Detection, detect_file
from tasks.detection.settings import DetectionSettings
from tasks.storage.reasons import REASONS
from tests.tasks.extraction import documents

TEXT = b"Words that anybody can read, line after line.\n" * 3
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n\r\nBody\r\n"
TAR = b"a.txt".ljust(257, b"\0") + b"ustar\x0000"


def detect(folder: Path, name: str, content: bytes, settings: DetectionSettings | None = None) -> Detection:
    path = folder / name
    path.write_bytes(content)
    found = detect_file(path, path.suffix[1:], len(content), settings or DetectionSettings())
    assert found.reason is None or found.reason in REASONS
    return found


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return stream.getvalue()


LOCKED = archive({"mimetype": b"application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": b"<encryption-data/>"})


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "pdf"),
        ("junk-before.pdf", b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "pdf"),
        ("a.docx", archive({"[Content_Types].xml": b"", "word/document.xml": b"<a/>"}), "docx"),
        ("a.odt", archive({"mimetype": b"application/vnd.oasis.opendocument.text"}), "odt"),
        ("a.epub", archive({"mimetype": b"application/epub+zip"}), "epub"),
        ("a.html", b"<p>One</p>", "html"),
        ("page", b"<!DOCTYPE html><p>One</p>", "html"),
        ("a.eml", MAIL, "eml"),
        ("mail", MAIL, "eml"),
        ("a.json", b'{"a": 1}', "json"),
        ("a.jsonl", b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("a", json.dumps({"cells": [], "nbformat": 4}).encode(), "ipynb"),
        ("a.rtf", b"{\\rtf1 words}", "rtf"),
        ("a", b"a,b,c\n1,2,3\n4,5,6\n", "csv"),
        ("a", b"# One\n\nText\n\n## Two\n\nText\n", "markdown"),
        ("a.txt", TEXT, "text"),
        ("a", TEXT, "text"),
        # Texts that begin like something else, or speak of it.
        ("a.md", b"# On PDF\n\nA file begins with `%PDF-1.7` and goes on.\n", "markdown"),
        ("a.txt", b"ID3 is a way to learn decision trees.\n", "text"),
        ("a.txt", b"RIFF is the container of WAV files.\n", "text"),
        ("a.txt", b"P2 10 20 is the label of a point.\n", "text"),
        ("a.txt", b"BZh is how bzip2 files begin.\n", "text"),
        ("a.txt", b"x" * 257 + b"ustar is how an archive is known.\n", "text"),
        ("padded.txt", b" " * 70_000 + TEXT, "text"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "png"),
        ("a.pgm", b"P5\n# made by hand\n2 2\n255\n\0\0\0\0", "pnm"),
        ("a.pbm", b"P1\n2 2\n0110\n", "pnm"),
    ],
)
def test_readable_formats(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    found = detect(tmp_path, name, content)
    assert (found.format, found.reason) == (expected, None)
    assert not found.mismatch


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"ID3\x03\0\0", "audio"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio"),
        (b"BZh91AY&SY\0", "bzip2"),
        (TAR, "tar"),
        (archive({"a.txt": TEXT}), "zip"),
    ],
)
def test_other_formats_are_named(tmp_path: Path, content: bytes, detail: str) -> None:
    found = detect(tmp_path, "file", content)
    assert (found.reason, found.detail) == ("detection.unsupported", detail)


def test_a_wrong_extension_is_reported(tmp_path: Path) -> None:
    found = detect(tmp_path, "report.txt", documents.pdf(["Text"]))
    assert (found.format, found.mismatch, found.reason) == ("pdf", True, None)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.docx", b"", "detection.empty"),
        ("a.txt", b" \n\t ", "detection.empty"),
        ("a.docx", TEXT + b"\0\1\2\3", "detection.corrupt"),
        ("a.docx", archive({"a.txt": TEXT}), "detection.corrupt"),
        ("a.docx", archive({"[Content_Types].xml": b"", "word/document.xml": TEXT})[:-40], "detection.corrupt"),
        ("a.odt", LOCKED, "detection.encrypted"),
        ("a.dat", bytes(range(256)) * 4, "detection.unsupported"),
    ],
)
def test_what_cannot_be_read_has_its_reason(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    assert detect(tmp_path, name, content).reason == reason


def test_bombs_are_refused_at_their_limits(tmp_path: Path) -> None:
    content = archive({"[Content_Types].xml": b"", "word/document.xml": bytes(2**20)})
    within = DetectionSettings(max_unpacked_bytes=2**20, ratio_from_bytes=2**20)
    assert detect(tmp_path, "a.docx", content, within).reason is None
    by_ratio = DetectionSettings(ratio_from_bytes=2**20 - 1)
    assert detect(tmp_path, "a.docx", content, by_ratio).reason == "detection.archive_bomb"
    assert detect(tmp_path, "a.docx", content, DetectionSettings(max_members=1)).reason == "detection.archive_bomb"
    assert detect(tmp_path, "a.docx", content, DetectionSettings(max_members=2)).reason is None
    nested = archive({"b.zip": archive({"c.zip": archive({"d.txt": TEXT})})})
    assert detect(tmp_path, "a.zip", nested, DetectionSettings(max_depth=3)).reason == "detection.unsupported"
    assert detect(tmp_path, "a.zip", nested, DetectionSettings(max_depth=2)).reason == "detection.archive_bomb"
    assert detect(tmp_path, "a.txt", TEXT, DetectionSettings(max_bytes=len(TEXT))).reason is None
    assert detect(tmp_path, "a.txt", TEXT, DetectionSettings(max_bytes=len(TEXT) - 1)).reason == "detection.too_large"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT, "utf-8"),
        ("Größe".encode("utf-8-sig"), "utf-8-sig"),
        ("Plain words".encode("utf-16"), "utf-16"),
        ("Plain words".encode("utf-16-le"), "utf-16-le"),
        ("Plain words".encode("utf-16-be"), "utf-16-be"),
        (b"<meta charset=windows-1251>" + "Привет, как дела".encode("cp1251"), "cp1251"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, encoding: str) -> None:
    assert detect(tmp_path, "a.txt", content).encoding == encoding
