"""Each reader on a small document, on a damaged one, and the reasons that they give."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.extraction.registry import FORMATS
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractedPart, ExtractionRequest, read_document
from tasks.storage.reasons import REASONS
from tests.tasks.extraction import documents

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
    "odt": documents.odt([SENTENCE, "second"]),
    "rtf": b"{\\rtf1\\ansi " + SENTENCE.encode() + b"\\par second\\par}",
    "epub": documents.epub([SENTENCE], "A book"),
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
}


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) == set(FORMATS)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_reader_reads_its_format(tmp_path: Path, format_name: str) -> None:
    (row,) = read(tmp_path, format_name, SAMPLES[format_name])
    assert row.reason is None, row.detail
    assert row.text is not None
    assert SENTENCE in row.text
    assert (row.part, row.format, bool(row.engine), bool(row.engine_version)) == (0, format_name, True, True)


@pytest.mark.parametrize("format_name", FORMATS)
def test_reading_twice_gives_the_same(tmp_path: Path, format_name: str) -> None:
    assert read(tmp_path, format_name, SAMPLES[format_name]) == read(tmp_path, format_name, SAMPLES[format_name])


@pytest.mark.parametrize("format_name", FORMATS)
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


@pytest.mark.parametrize("format_name", ["docx", "pptx", "xlsx", "odt", "epub", "json", "ipynb"])
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


def test_office_metadata(tmp_path: Path) -> None:
    (book,) = read(tmp_path, "epub", SAMPLES["epub"])
    assert (book.title, book.language_hint, book.pages) == ("A book", "en-GB", None)
    (workbook,) = read(tmp_path, "xlsx", SAMPLES["xlsx"])
    assert (workbook.pages, workbook.pages_lost) == (1, 0)
    assert f"## Prices\n\n| name | note |\n| --- | --- |\n| fox | {SENTENCE} |" in (workbook.text or "")


@pytest.mark.parametrize("format_name", ["docx", "pptx", "xlsx", "odt", "epub"])
def test_no_character_is_lost_or_escaped(tmp_path: Path, format_name: str) -> None:
    """Some engines drop what stands as an entity in XML, or leave the backslashes of Markdown."""
    words = "R&amp;D at 5 &lt; 6 (maybe) [sic]! &#8212; snake_case"
    make = {
        "docx": lambda: documents.docx([words]),
        "pptx": lambda: documents.pptx([documents.shape([words])]),
        "xlsx": lambda: documents.xlsx([["a", "b"], [words, "c"]]),
        "odt": lambda: documents.odt([words]),
        "epub": lambda: documents.epub([words], "x"),
    }
    (row,) = read(tmp_path, format_name, make[format_name]())
    assert "R&D at 5 < 6 (maybe) [sic]! \u2014 snake_case" in (row.text or "")


def test_word_structure(tmp_path: Path) -> None:
    paragraph = documents.paragraph
    cell = "<w:tc>{0}<w:p><w:r><w:t>{1}</w:t></w:r></w:p></w:tc>"
    wide = cell.format('<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>', "wide")
    row = "<w:tr>" + cell.format("", "a") + cell.format("", "b") + cell.format("", "c") + "</w:tr>"
    deleted = "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t> added</w:t></w:r></w:ins>"
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    content = documents.docx(
        [
            paragraph("Intro", "Heading1"),
            paragraph("Text", extra=deleted + note),
            paragraph("x", "Listed"),
            paragraph("y", "Listed", level=1),
            paragraph("three", "Counted"),
            paragraph("sub", "Counted", level=1),
            paragraph("four", "Counted"),
            f"<w:sdt><w:sdtContent>{paragraph('wrapped')}</w:sdtContent></w:sdt>",
            f"<w:tbl><w:tr>{wide}{cell.format('', 'z')}</w:tr>{row}</w:tbl>",
            "<w:tbl><w:tr>" + cell.format("", "framed") + "</w:tr></w:tbl>",
            "<w:p><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p>",
        ],
        notes='<w:footnote w:id="1"><w:p><w:r><w:t>unused</w:t></w:r></w:p></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote>',
    )
    (found,) = read(tmp_path, "docx", content)
    assert (found.title, found.language_hint, found.pages) == ("A paper", "de-AT", None)
    assert found.text == (
        "# Intro\n\nText added[^f2]\n\n- x\n  - y\n3. three\n  1. sub\n4. four\n\nwrapped\n\n"
        "| wide |  | z |\n| --- | --- | --- |\n| a | b | c |\n\nframed\n\none\ttwo\nthree\n\n[^f2]: A note."
    )


def test_slides(tmp_path: Path) -> None:
    first = documents.shape(["<a:r><a:t>Ti</a:t></a:r><a:r><a:t>tle</a:t></a:r>"], "title")
    listed = documents.shape(['<a:pPr><a:buAutoNum type="arabicPeriod"/></a:pPr><a:r><a:t>one</a:t></a:r>'] * 2)
    footer = documents.shape(["page 1"], "sldNum")
    cells = "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{c}</a:t></a:r></a:p></a:txBody></a:tc>" for c in "ab")
    table = f"<a:tbl><a:tr>{cells}</a:tr></a:tbl>"
    for strict in (False, True):
        (row,) = read(tmp_path, "pptx", documents.pptx([first + listed + footer, table], notes="Say hello.", strict=strict))
        assert row.text == "## Title\n\n1. one\n2. one\n\nNotes: Say hello.\f| a | b |\n| --- | --- |"
        assert (row.pages, row.pages_lost) == (2, 0)


def test_a_damaged_slide_is_counted_as_lost(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pptx", documents.pptx([documents.shape(["good"]), "<unclosed>"]))
    assert (row.text, row.pages, row.pages_lost) == ("good", 2, 1)


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    attack = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    content = documents.pptx([documents.shape(["&a; plain words"])])
    members = {"ppt/slides/slide1.xml": attack}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts = {name: members.get(name, "") + text for name, text in parts.items()}
    (row,) = read(tmp_path, "pptx", documents.zipped(parts))
    assert "secret words" not in (row.text or "")


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


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "a|b\n1|2\n", "sep=;\na;b\n1;2\n", 'a,"b"\r\n1,"2"\r\n']
)
def test_csv_dialects(tmp_path: Path, content: str) -> None:
    (row,) = read(tmp_path, "csv", content.encode())
    assert row.text == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_csv_cells_cannot_break_the_table(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "csv", b'a,b\n"x|y","two\nlines"\n1,2,3\n\n')
    assert row.text == "| a | b |\n| --- | --- |\n| x\\|y | two lines |\n| 1 | 2 | 3 |"


def test_a_long_csv_comes_in_parts_that_repeat_the_header(tmp_path: Path) -> None:
    content = "name,note\n" + "".join(f"{number},value of {number}\n" for number in range(300))
    rows = read(tmp_path, "csv", content.encode(), part_characters=1000)
    assert [row.part for row in rows] == list(range(len(rows)))
    assert len(rows) > 3
    assert all(row.text and row.text.startswith("| name | note |\n| --- | --- |\n") and len(row.text) <= 1000 for row in rows)
    assert sum((row.text or "").count("value of") for row in rows) == 300


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
