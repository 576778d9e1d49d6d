"""Texts without an extension: which language they are written in, and that nothing a file holds makes detection fail."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.metrics.detection import same_format
from tasks.detection.detector import detect_file
from tasks.detection.formats import FORMATS
from tasks.detection.settings import DetectionSettings
from tasks.detection.texts import name_text
from tasks.storage.reasons import REASONS

PROSE = "The fox went out on a chilly night. It prayed for the moon to give it light,\nand had many a mile to go that night.\n\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROSE * 3, "text"),
        (PROSE + "- one thing\n- another thing\n\n1. first\n2. second\n", "text"),
        (PROSE + "Name: Fox\nAge: 7\n", "text"),
        (PROSE + 'He paid $5 and $7 for #3, "as is" (a_b * c) [sic].\n', "text"),
        ("CHAPTER ONE\n\n" + PROSE + "        * * *\n\n" + PROSE, "text"),
        ("# Title\n\n" + PROSE, "markdown"),
        (PROSE + "See [the site](https://example.org).\n", "markdown"),
        (PROSE + "This is **bold**, that is not.\n\n<!-- note -->\n", "markdown"),
        ("| a | b |\n| --- | --- |\n| c | d |\n", "markdown"),
        ("```python\nimport x\ndef f():\n    return {}\n```\n\n" + PROSE, "markdown"),
        ("Title\n=====\n\n" + PROSE + ".. note::\n\n   Careful.\n", "rst"),
        ("Title\n-----\n\nUse ``code`` and :ref:`this`.\n", "rst"),
        ("#+title: Notes\n\n* One\n\n" + PROSE, "org"),
        ("* One\n** Two\n" + PROSE + "[[https://example.org][the site]]\n", "org"),
        ("= Title\n:toc:\n\n" + PROSE + "== Section\n\n[source,ruby]\n----\nputs 1\n----\n", "asciidoc"),
        ("= Title\n\n" + PROSE + "== Section\n\n" + PROSE, "asciidoc"),
        ('#set page(width: 10cm)\n\n= Title\n\n#link("https://example.org")[x]\n', "typst"),
        ("\\section{One}\n" + PROSE + "\\begin{itemize}\n\\item a\n\\end{itemize}\n", "tex"),
        ("{.note}\n# Title\n\n{=marked=} text\n\n^ caption\n", "djot"),
        ("a:\n  - b: 1\n    c: two\n", "yaml"),
        ("---\nname: fox\nage: 7\n", "yaml"),
        ('[tool]\nname = "fox"\nages = [1, 2]\n', "toml"),
        ("[tool]\nname = the fox\nage: 7\n; a comment\n", "ini"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHello.\n", "subtitles"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n", "subtitles"),
        ("@article{fox,\n  title = {On Foxes}\n}\n", "bibliography"),
        ("%0 Journal Article\n%A Fox, Ann\n%T On Foxes\n", "bibliography"),
        ("TY  - JOUR\nAU  - Fox, Ann\nER  - \n", "bibliography"),
        ("a|b|c\n1|2|3\n4|5|6\n", "csv"),
        ("a\tb\n1\t2\n3\t4\n", "tsv"),
        ("#!/bin/sh\n# a script\nset -e\n", "source"),
        ('#include <stdio.h>\n#define N 7\nint main() {\n  puts("x");\n}\n', "source"),
        ("import os\nfrom sys import argv\n\n\ndef main():\n    print(argv)\n", "source"),
        ("<notes><note>one</note></notes>", "xml"),
        ("<para>One</para>\n<para>Two</para>\n", "docbook"),
        ("<article><front><article-meta/></front></article>", "jats"),
        ("From: a@example.org\nTo: b@example.org\nSubject: Hello\n\nWords.\n", "eml"),
        ("From: the desk of Ann\nTo: whom it may concern\nSubject: Foxes\n\nWords.\n", "text"),
        ("BEGIN:VCARD\nFN:Ann\nEND:VCARD\n", "vcard"),
        ("{\\pard Words.\\par}", "rtf"),
    ],
)
def test_without_an_extension(text: str, expected: str) -> None:
    assert name_text(text, "", complete=True) == expected


def test_an_extension_decides_where_nothing_is_proven() -> None:
    assert name_text(PROSE, "rst", complete=True) == "rst"
    assert name_text("# One\n\n## Two\n", "txt", complete=True) == "text"
    assert name_text("<!DOCTYPE html><p>x", "txt", complete=True) == "html"


@pytest.mark.parametrize("messages", [1, 2])
def test_a_mailbox_has_several_messages(messages: int) -> None:
    message = "From a@example.org Mon Jun  2 10:00:00 2025\nFrom: a@example.org\nReceived: by x\nMessage-ID: <1@x>\n\nWords.\n\n"
    assert name_text(message * messages, "", complete=True) == ("eml" if messages == 1 else "mbox")


def test_a_document_is_the_same_however_far_it_is_seen() -> None:
    text = '[tool]\nname = "fox"\n\n' + "".join(f"[tool.t{number}]\nvalue = {number}\n\n" for number in range(3000))
    assert name_text(text[: 64 * 1024], "", complete=False) == "toml"


SIGNATURES = [
    *(
        b"",
        b"%PDF-1.7\n",
        b"PK\3\4",
        b"PK\5\6",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x89PNG\r\n\x1a\n",
        b"{\\rtf",
        b"<?xml ",
        b"{",
        b"[",
    ),
    *(
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"From: a\n",
        b"---\n",
        b"\x1f\x8b\x08",
        b"<!DOCTYPE html>",
        b"=== \n",
        b"#+a:",
        b"@a{b,",
    ),
]
EXTENSIONS = ["", "docx", "pdf", "txt", "html", "json", "ipynb", "xml", "doc", "eml", "unheard-of", *sorted(FORMATS)]


@given(
    signature=st.sampled_from(SIGNATURES),
    rest=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    extension=st.sampled_from(EXTENSIONS),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_with_any_extension_end_in_a_detection(tmp_path: Path, signature: bytes, rest: bytes, extension: str) -> None:
    path = tmp_path / "file"
    content = signature + rest
    path.write_bytes(content)
    found = detect_file(path, extension, len(content), DetectionSettings())
    assert found.reason is None or found.reason in REASONS
    assert (found.format in FORMATS and FORMATS[found.format].readable) or found.reason is not None


LINES = [
    "# a",
    "= a",
    "* a",
    "** b",
    ".. a::",
    ":a: b",
    "[a]",
    "|===",
    "```",
    "\\begin{x}",
    "a: b",
    "- a",
    "a = 1",
    "%A a",
    "====",
    "",
    "<a>",
    "`",
]


@given(st.lists(st.sampled_from(LINES), max_size=40).map("\n".join), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_lines_have_a_format(text: str, complete: bool) -> None:
    assert name_text(text, "", complete) in FORMATS


def test_names_of_a_corpus() -> None:
    assert same_format("markdown", "mdx")
    assert same_format("jp2", "j2c")
    assert same_format("feed", "xml")
    assert not same_format("xml", "svg")
    assert not same_format(None, "txt")
    assert not same_format("tsv", "csv")
