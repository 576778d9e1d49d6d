"""Each reader on a small document, on a damaged one, and the reasons that they give."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.extraction.registry import FORMATS
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractedPart, ExtractionRequest, read_document
from tasks.storage.reasons import REASONS
from tests.tasks.extraction import documents, legacy_documents

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank."
PAGE = (
    '<!DOCTYPE html><html lang="en-US"><head><title>A page</title></head>'
    '<body><nav><a href="/">Home</a> <a href="/b">Blog</a></nav>'
    f"<article><h1>Heading</h1><p>{SENTENCE} {SENTENCE}</p><p>{SENTENCE}</p><table><tr><th>k</th><th>v</th></tr><tr><td>one</td>"
    f'<td>two</td></tr></table><p>{SENTENCE} <a href="http://example.org">A link</a>.</p></article></body></html>'
)
MAIL = (
    "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Date: Mon, 2 Jun 2025 10:00:00 +0000\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n'
    f"Content-Transfer-Encoding: 8bit\r\n\r\n{SENTENCE}\r\n--x\r\nContent-Type: application/pdf\r\n"
    'Content-Disposition: attachment; filename="plan.pdf"\r\n\r\nabc\r\n--x--\r\n'
)
NOTEBOOK = {
    "nbformat": 4,
    "metadata": {"language_info": {"name": "python"}},
    "cells": [
        {"cell_type": "markdown", "source": ["# Title\n", SENTENCE]},
        {
            "cell_type": "code",
            "source": "print(1)",
            "outputs": [{"output_type": "stream", "text": ["1\n"]}, {"output_type": "error", "ename": "E", "evalue": "bad"}],
        },
    ],
}


def read(folder: Path, format_name: str, content: bytes, encoding: str | None = None, **options: object) -> list[ExtractedPart]:
    path = folder / f"document.{format_name}"
    path.write_bytes(content)
    chosen = ExtractionSettings.model_validate(options)
    return read_document(ExtractionRequest(hashlib.sha256(content).hexdigest(), (str(path),), format_name, encoding, chosen))


SAMPLES: dict[str, bytes] = {
    "pdf": documents.pdf([SENTENCE, SENTENCE], title="A title"),
    "html": PAGE.encode(),
    "docx": documents.docx([SENTENCE, "second"]),
    "pptx": documents.pptx([documents.shape([SENTENCE])]),
    "xlsx": documents.xlsx([["name", "note"], ["fox", SENTENCE]]),
    "xlsb": legacy_documents.xlsb_sheet([["name", "note"], ["fox", SENTENCE]]),
    "doc": legacy_documents.doc([(SENTENCE + "\r", b"\0\0")]),
    "ppt": legacy_documents.ppt([legacy_documents.text_box(1, SENTENCE)]),
    "xls": legacy_documents.xls_sheet([["name", "note"], ["fox", SENTENCE]]),
    "odt": documents.odt([SENTENCE, "second"]),
    "ods": documents.ods([["name", "note"], ["fox", SENTENCE]]),
    "odp": documents.odp([SENTENCE]),
    "rtf": b"{\\rtf1\\ansi " + SENTENCE.encode() + b"\\par second\\par}",
    "epub": documents.epub([SENTENCE], "A book"),
    "fb2": documents.fb2(f"<section><p>{SENTENCE}</p></section>"),
    "eml": MAIL.encode(),
    "msg": documents.msg("Greetings", SENTENCE),
    "mbox": f"From a@b.c Mon Jan  1 00:00:00 2024\n{MAIL}".encode(),
    "mhtml": f"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{PAGE}".encode(),
    "csv": f"name;note\nfox;{SENTENCE}\n".encode(),
    "tsv": f"name\tnote\nfox\t{SENTENCE}\n".encode(),
    "markdown": f"---\ntitle: A title\nlang: en\n---\n# Heading\n\n{SENTENCE}\n".encode(),
    "text": SENTENCE.encode(),
    "json": json.dumps({"title": "T", "items": [{"note": SENTENCE, "n": 1, "none": None}]}).encode(),
    "jsonl": (json.dumps({"text": SENTENCE}) + "\n\n" + json.dumps({"a": "b"}) + "\n").encode(),
    "ipynb": json.dumps(NOTEBOOK).encode(),
    "docbook": f"<article><title>A title</title><para>{SENTENCE}</para></article>".encode(),
    "jats": f"<article><front/><body><sec><title>One</title><p>{SENTENCE}</p></sec></body></article>".encode(),
    "tei": f"<TEI><teiHeader><titleStmt><title>T</title></titleStmt></teiHeader><text><p>{SENTENCE}</p></text></TEI>".encode(),
    "xml": f"<notes><note kind='a'>{SENTENCE}</note></notes>".encode(),
    "feed": f"<rss><channel><title>N</title><item><description>{SENTENCE}</description></item></channel></rss>".encode(),
    "opml": f'<opml><body><outline text="{SENTENCE}"/></body></opml>'.encode(),
    "svg": f"<svg><title>Chart</title><text>{SENTENCE}</text></svg>".encode(),
    "rst": f"Title\n=====\n\n{SENTENCE}\n".encode(),
    "org": f"* Title\n\n{SENTENCE}\n".encode(),
    "asciidoc": f"= Title\n\n{SENTENCE}\n".encode(),
    "tex": f"\\begin{{document}}\\section{{Title}}\n{SENTENCE}\n\\end{{document}}".encode(),
    "typst": f"= Title\n\n{SENTENCE}\n".encode(),
    "djot": f"# Title\n\n{SENTENCE}\n".encode(),
    "yaml": f"note: {SENTENCE}\n".encode(),
    "toml": f'note = "{SENTENCE}"\n'.encode(),
    "ini": f"[notes]\nnote = {SENTENCE}\n".encode(),
    "subtitles": f"1\n00:00:01,000 --> 00:00:02,000\n{SENTENCE}\n".encode(),
    "bibliography": f"@book{{fox, abstract = {{{SENTENCE}}}}}".encode(),
    "calendar": f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{SENTENCE}\nEND:VEVENT\nEND:VCALENDAR\n".encode(),
    "vcard": f"BEGIN:VCARD\nFN:Fox\nNOTE:{SENTENCE}\nEND:VCARD\n".encode(),
}


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) | set(documents.PICTURES) == set(FORMATS)


@pytest.mark.parametrize("format_name", SAMPLES)
def test_every_reader_reads_its_format(tmp_path: Path, format_name: str) -> None:
    (row,) = read(tmp_path, format_name, SAMPLES[format_name])
    assert row.reason is None, row.detail
    assert row.text is not None
    assert SENTENCE in row.text
    assert (row.part, row.format, bool(row.engine), bool(row.engine_version)) == (0, format_name, True, True)


@pytest.mark.parametrize("format_name", SAMPLES)
def test_reading_twice_gives_the_same(tmp_path: Path, format_name: str) -> None:
    assert read(tmp_path, format_name, SAMPLES[format_name]) == read(tmp_path, format_name, SAMPLES[format_name])


@pytest.mark.parametrize("format_name", SAMPLES)
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_off_document_gives_text_or_a_reason(tmp_path: Path, format_name: str, data: st.DataObject) -> None:
    sample = SAMPLES[format_name]
    content = sample[: data.draw(st.integers(1, len(sample) - 1))]
    rows = read(tmp_path, format_name, content)
    assert rows
    for row in rows:
        assert (row.text is None) == (row.reason is not None)
        assert row.reason is None or row.reason in REASONS


@pytest.mark.parametrize(
    "format_name", ["docx", "pptx", "xlsx", "xlsb", "doc", "ppt", "xls", "odt", "ods", "odp", "epub", "fb2", "json", "ipynb"]
)
def test_a_damaged_document_is_corrupt(tmp_path: Path, format_name: str) -> None:
    (row,) = read(tmp_path, format_name, SAMPLES[format_name][:-30])
    assert row.reason == "extraction.corrupt"
    assert str(tmp_path) not in (row.detail or "")


@pytest.mark.parametrize(
    ("format_name", "content"),
    [
        ("docx", documents.docx([])),
        ("pptx", documents.pptx([documents.shape([" "])])),
        ("html", b"<html><body><script>x()</script></body></html>"),
        ("markdown", b"![](a.png)\n\n<!-- nothing -->\n"),
        ("json", b"[null, {}, []]"),
        ("text", b"\xef\xbb\xbf -- \n"),
        ("ipynb", b'{"cells": []}'),
        ("pdf", documents.pdf(["", ""])),
    ],
)
def test_success_without_text_is_a_failure(tmp_path: Path, format_name: str, content: bytes) -> None:
    (row,) = read(tmp_path, format_name, content)
    assert (row.text, row.reason) == (None, "extraction.empty")


def test_html_keeps_content_and_drops_navigation(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "html", SAMPLES["html"])
    assert row.text is not None
    assert (row.title, row.language_hint, row.engine) == ("A page", "en-US", "doctune")
    assert "# Heading" in row.text
    assert "| one | two |" in row.text
    assert "Blog" not in row.text
    assert "example.org" not in row.text


def test_html_without_main_content_is_read_as_plain_text(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "html", b"<html><body>" + b"<div>" * 5000 + b"deep words</body></html>")
    assert (row.text, row.engine) == ("deep words", "doctune")


def test_html_in_a_legacy_encoding(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "html", f"<html><body><p>Grüße. {SENTENCE}</p></body></html>".encode("cp1252"), "cp1252")
    assert "Grüße" in (row.text or "")


def test_mail(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "eml", SAMPLES["eml"])
    assert row.title == "Grüße"
    assert row.text == (
        f"# Grüße\n\nFrom: Ann <ann@example.org>  \nTo: bob@example.org  \nDate: Mon, 02 Jun 2025 10:00:00 +0000\n\n{SENTENCE}"
    )


def test_mail_with_an_html_body_only(tmp_path: Path) -> None:
    mail = f"From: a@b.c\nSubject: s\nContent-Type: text/html; charset=unknown-9\n\n{PAGE}"
    (row,) = read(tmp_path, "eml", mail.encode())
    assert SENTENCE in (row.text or "")
    assert "<p>" not in (row.text or "")


def test_mail_that_is_encrypted(tmp_path: Path) -> None:
    mail = b"From: a@b.c\nSubject: s\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIIB"
    (row,) = read(tmp_path, "eml", mail)
    assert row.reason == "extraction.encrypted"


def test_notebook(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "ipynb", SAMPLES["ipynb"])
    assert row.text == f"# Title\n{SENTENCE}\n\n```python\nprint(1)\n```\n\n```\n1\n```\n\n```\nE: bad\n```"


def test_json(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "json", SAMPLES["json"])
    assert row.text == f"title: T\nitems.note: {SENTENCE}\nitems.n: 1\n\n"
    assert row.title == "T"
    (lines,) = read(tmp_path, "jsonl", SAMPLES["jsonl"])
    assert lines.text == f"{SENTENCE}\n\na: b\n\n"
    (bad,) = read(tmp_path, "jsonl", b'{"a": "b"}\nno json\n')
    assert (bad.reason, (bad.detail or "")[:7]) == ("extraction.corrupt", "line 2:")
    (deep,) = read(tmp_path, "json", b"[" * 150 + b'"x"' + b"]" * 150)
    assert deep.reason == "extraction.limit"


def test_markdown_front_matter(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "markdown", SAMPLES["markdown"])
    assert (row.text, row.title, row.language_hint) == (f"# Heading\n\n{SENTENCE}\n", "A title", "en")
    (rule,) = read(tmp_path, "markdown", b"---\nonly a line\n---\nwords\n")
    assert (rule.text or "").startswith("---\nonly a line")


def test_text_in_parts_loses_nothing(tmp_path: Path) -> None:
    text = "".join(f"Line {number} of it.\n" + "\n" * (number % 3 == 0) for number in range(500))
    rows = read(tmp_path, "text", text.encode("utf-16"), "utf-16", part_characters=1000)
    assert "".join(row.text or "" for row in rows) == text
    assert all(row.text and len(row.text) <= 1000 and row.text.endswith("\n") for row in rows)


def test_more_parts_than_allowed_is_refused(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "text", b"some words\n" * 1000, part_characters=1000, max_parts=5)
    assert row.reason == "extraction.limit"


@pytest.mark.parametrize("name", FORMATS)
def test_a_changed_file_is_noticed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"other")
    request = ExtractionRequest("0" * 64, (str(path), str(tmp_path / "missing")), name, None, ExtractionSettings())
    (row,) = read_document(request)
    assert row.reason == "extraction.source_changed"
    assert str(tmp_path) not in (row.detail or "")


def test_a_copy_is_read_when_the_first_file_is_gone(tmp_path: Path) -> None:
    copy = tmp_path / "copy.txt"
    copy.write_bytes(b"words")
    request = ExtractionRequest(
        hashlib.sha256(b"words").hexdigest(), (str(tmp_path / "gone.txt"), str(copy)), "text", "utf-8", ExtractionSettings()
    )
    assert [row.text for row in read_document(request)] == ["words"]


@pytest.mark.parametrize(
    ("format_name", "content"),
    [
        ("json", b'{"title": "half \\udc00", "text": "a \\ud800 b"}'),
        ("jsonl", b'{"text": "a \\ud800 b"}\n{"text": "c"}\n'),
        ("ipynb", b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "a \\ud800 b"}]}'),
        ("eml", b"From: a@b.c\r\nContent-Type: text/plain; charset=utf-7\r\n\r\na +2AA- b\r\n"),
    ],
)
def test_half_characters_can_be_written(tmp_path: Path, format_name: str, content: bytes) -> None:
    """A text that cannot be written as UTF-8 would fail the whole shard."""
    (part,) = read(tmp_path, format_name, content)
    assert "a \ufffd b" in str(part.text)
    assert f"{part.title}{part.text}".encode()
