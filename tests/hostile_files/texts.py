"""Texts, tables and data of one line, of no end, of no sense, and markup that wants to read other files."""

import codecs
import json
from collections.abc import Iterator

from tests.hostile_files.case import CORRUPT, DAMAGED, EMPTY, LIMIT, READ, UNSUPPORTED, Made, hostile

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank."
MB = 1_000_000
DATA = CORRUPT | LIMIT | READ | EMPTY
NAMED = UNSUPPORTED | READ | LIMIT | CORRUPT | EMPTY  # formats that not every release reads


def make_texts(secret: str) -> Iterator[Made]:
    """secret: path of a file that must stay unread."""
    yield from _lines()
    yield from _tables()
    yield from _nothing()
    yield from _encodings()
    yield from _marks()
    yield from _data()
    yield from _includes(secret)


def _lines() -> Iterator[Made]:
    words = (SENTENCE + " ") * (MB // 65)
    yield hostile("line.txt", "memory and time: a line of 40 MB", READ | LIMIT, (SENTENCE + " ") * (40 * MB // 65), heavy=True)
    yield hostile("line-unbroken.txt", "time: a word of 1 MB", READ | LIMIT, "x" * MB)
    yield hostile("line.md", "time: a line of 1 MB", READ | LIMIT, "# " + words)
    yield hostile("line.csv", "time: a record of 1 MB in one field", READ | LIMIT, "a,b\n" + words.replace(",", "") + ",2\n")
    yield hostile("line.json", "time: a value of 1 MB", READ | LIMIT, json.dumps({"text": words}))
    yield hostile(
        "line.jsonl", "time: a record of 1 MB", READ | LIMIT, json.dumps({"text": words}) + "\n" + json.dumps({"text": "b"})
    )
    yield hostile(
        "line.html", "time: a page of 1 MB in a line", READ | LIMIT, f"<!DOCTYPE html><html><body><p>{words}</p></body></html>"
    )
    yield hostile("lines.txt", "time: a million empty lines", READ | LIMIT, SENTENCE + "\n" * MB + SENTENCE)
    yield hostile("returns.txt", "time: a million carriage returns", READ | LIMIT, SENTENCE + "\r" * MB + SENTENCE)


def _tables() -> Iterator[Made]:
    yield hostile("fields.csv", "size: a million fields in a record", LIMIT | CORRUPT, ",".join(["a"] * MB) + "\n")
    yield hostile(
        "header.csv",
        "size: 9,999 columns and 20,000 rows of one field",
        LIMIT | READ,
        ",".join(["a"] * 9999) + "\n" + "x\n" * 20_000,
    )
    yield hostile(
        "quote.csv", "memory: a quote never closed before 2 MB", READ | LIMIT | CORRUPT, 'a,b\n1,"' + "2,3\n" * (MB // 2)
    )
    yield hostile("quotes.csv", "time: a million quotes", READ | LIMIT | CORRUPT | EMPTY, "a,b\nx," + '"' * MB + "\ny,z\n")
    yield hostile("nul.csv", "NUL characters among the fields", DAMAGED, "a,b\n1,\0\n" + "2,3\n" * 100)
    yield hostile("separator.csv", "a delimiter that is none", READ | CORRUPT | LIMIT, "sep=\n\na,b\n1,2\n")
    for number, mark in enumerate('"\\\r\u00e9\u0000'):
        yield hostile(f"separator-{number}.csv", f"{mark!r} as the delimiter", DAMAGED, f"sep={mark}\na,b\n1,2\n3,4\n")
    yield hostile(
        "ragged.tsv", "records of every length", READ | LIMIT, "\n".join("\t".join(["x"] * (at % 700)) for at in range(1400))
    )


def _nothing() -> Iterator[Made]:
    kinds = ("txt", "md", "csv", "json", "jsonl", "html", "docx", "pdf", "xlsx", "eml", "rtf", "zip", "epub", "doc")
    nothing = EMPTY | CORRUPT | UNSUPPORTED
    for kind in kinds:
        yield hostile(f"nothing.{kind}", "no content", nothing, b"")
        yield hostile(f"nul-bytes.{kind}", "NUL bytes only", nothing, bytes(100_000))
        yield hostile(f"spaces.{kind}", "white space only", nothing, b" \n\t\r" * 50_000)
    for name in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        marks = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
        marks |= {"utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE}
        yield hostile(f"mark-{name}.txt", "a byte order mark only", nothing, marks[name])
        yield hostile(f"marks-{name}.md", "byte order marks only", nothing, marks[name] * 10_000)
    for name, character in (
        ("joiners", "\u200d"),
        ("combining", "\u0301"),
        ("private", "\ue000"),
        ("feeds", "\f"),
        ("bidi", "\u202e"),
    ):
        yield hostile(f"only-{name}.txt", "characters that show nothing", nothing | READ, character * 100_000)


def _encodings() -> Iterator[Made]:
    text = (SENTENCE + "\n").encode()
    for name, content in (
        ("continuation", text * 50 + b"\x80" * 100 + text),
        ("overlong", text * 50 + b"\xc0\xaf\xe0\x80\xaf" * 20 + text),
        ("half", text * 50 + b"\xf0\x9f"),
        ("surrogates", text * 50 + b"\xed\xa0\x80\xed\xb0\x80" * 10 + text),
        ("late", text * 15_000 + b"\xff\xfe\x80" + text),
        ("odd-utf-16", codecs.BOM_UTF16_LE + SENTENCE.encode("utf-16-le") + b"\x41"),
        ("half-utf-16", codecs.BOM_UTF16_LE + SENTENCE.encode("utf-16-le") + b"\x00\xd8"),
        ("big-utf-32", codecs.BOM_UTF32_LE + SENTENCE.encode("utf-32-le") + b"\xff\xff\xff\xff"),
        ("escapes", text * 5 + b"\x1b$B" * 1000 + text),
        ("ansi", b"\x1b[31m" + text * 50 + b"\x1b[2J\x1b]0;title\x07"),
        ("controls", text * 50 + bytes(range(1, 9)) + text),
    ):
        yield hostile(f"bytes-{name}.txt", "bytes that are no text", DAMAGED, content)
        yield hostile(f"bytes-{name}.html", "bytes that are no text", DAMAGED, b"<!DOCTYPE html><html><body><p>" + content)
    stacked = "e" + "\u0301" * MB
    yield hostile("stacked.txt", "time: a million accents on one letter", READ | LIMIT, SENTENCE + stacked)


def _marks() -> Iterator[Made]:
    """Markdown on which careless expressions take minutes."""
    for name, content in (
        ("brackets", "[" * 300_000),
        ("images", "![" * 200_000),
        ("links", "[a](" * 100_000),
        ("closings", "](" * 150_000),
        ("ticks", "`" * 300_000 + "x"),
        ("fences", "```\n" * 100_001),
        ("quotes", ">" * 300_000 + " x"),
        ("lists", "".join("  " * at + "- x\n" for at in range(1000))),
        ("stars", "*a_ " * 100_000),
        ("front-matter", "---\n" + "a: b\n" * 100_000),
        ("headings", "#" * 300_000 + " x"),
        ("tables", "|" * 300_000 + "\n" + "|-" * 150_000),
        ("comments", "<!-- " * 200_000),
        ("tags", "<a " * 200_000),
        ("escapes", "\\" * 300_000),
        ("entities", "&amp;" * 200_000),
        ("references", "".join(f"[{at}]: x\n" for at in range(50_000))),
    ):
        yield hostile(
            f"marks-{name}.md",
            f"time: {name} of Markdown without end",
            READ | EMPTY | LIMIT,
            f"{SENTENCE}\n\n{content}\n\n{SENTENCE}\n",
        )


def _data() -> Iterator[Made]:
    for name, content in (
        ("arrays", "[" * 200_000 + "]" * 200_000),
        ("open", "[" * 500_000),
        ("objects", '{"a":' * 100_000 + "1" + "}" * 100_000),
        ("shallow", '{"a":' * 150 + f'"{SENTENCE}"' + "}" * 150),
        ("digits", '{"text": "a word", "n": ' + "9" * 100_000 + "}"),
        ("exponent", '{"text": "a word", "n": 1e999999999, "m": -1e-999999999}'),
        ("not-a-number", '{"text": "a word", "n": NaN, "m": Infinity}'),
        ("surrogates", '{"text": "half \\ud800 and \\udc00 half", "\\ud800": "x"}'),
        ("keys", "{" + ",".join(f'"k{at}":{at}' for at in range(100_000)) + "}"),
        ("twins", '{"text": "one", "text": "two"}' + " " * 100),
        ("strings", json.dumps([SENTENCE] * 15_000)),
        ("escapes", '{"text": "' + "\\u0041" * 300_000 + '"}'),
        ("long-key", '{"' + "k" * 500_000 + '": {"a": 1, "b": 2, "c": 3}}'),
        ("amplified", '{"' + "k" * 200_000 + '": {' + ",".join(f'"{at}": {at}' for at in range(20_000)) + "}}"),
        ("cells", '{"nbformat": 4, "cells": [{"cell_type": "code", "source": {"a": 1}, "outputs": [[]]}, 7, null]}'),
        ("names", '{"nbformat": 4, "cells": {"a": []}, "metadata": [], "worksheets": 5}'),
    ):
        yield hostile(f"data-{name}.json", f"JSON: {name}", DATA, content)
        if "nbformat" in content:
            yield hostile(f"data-{name}.ipynb", f"notebook: {name}", DATA, content)
        yield hostile(f"data-{name}.jsonl", f"JSON Lines: {name}", DATA, content + "\n" + '{"text": "b"}\n')
    output = {"output_type": "stream", "text": ["a line of output\n"] * 30_000}
    notebook = {"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1", "outputs": [output]}], "metadata": {}}
    yield hostile("output.ipynb", "size: 30,000 lines of output", DATA, json.dumps(notebook))
    anchors = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 10)
    )
    for name, content in (
        ("laughs", anchors),
        ("cycle", "a: &a\n  b: *a\n  text: a few words\n"),
        ("flow", "a: " + "[" * 100_000 + "]" * 100_000),
        ("deep", "".join("  " * at + f"k{at}:\n" for at in range(1200))),
        ("object", "a: !!python/object/apply:os.system ['touch evil']\ntext: a few words\n"),
        ("merge", "a: &a {x: 1}\nb:\n" + "  <<: *a\n" * 50_000),
        ("keys", "? " * 50_000 + "x"),
        ("documents", "---\na: few words\n" * 50_000),
    ):
        yield hostile(f"yaml-{name}.yaml", f"YAML: {name}", NAMED, content)
    for name, content in (
        ("dotted", "a" + ".a" * 50_000 + " = 1\n"),
        ("arrays", "a = " + "[" * 50_000 + "]" * 50_000 + "\n"),
        ("tables", "".join(f"[{'.'.join(['a'] * at)}]\n" for at in range(1, 1000))),
        ("open", 'a = """' + "x\n" * 500_000),
        ("digits", "a = " + "9" * 100_000 + "\nb = 'some words'\n"),
    ):
        yield hostile(f"toml-{name}.toml", f"TOML: {name}", NAMED, content)
    cues = "".join(f"{at}\n00:00:{at % 60:02},000 --> 00:00:{at % 60:02},900\nwords {at}\n\n" for at in range(15_000))
    yield hostile("cues.srt", "time: 15,000 subtitles", NAMED, cues)
    yield hostile(
        "cues-open.vtt", "time: tags never closed", NAMED, "WEBVTT\n\n00:00.000 --> 00:01.000\n" + "<v " * 200_000 + "words\n"
    )


def _includes(secret: str) -> Iterator[Made]:
    """Markup whose full tools would read other files."""
    for extension, line in (
        ("rst", f".. include:: {secret}\n\n.. raw:: html\n   :file: {secret}\n\n.. csv-table::\n   :file: {secret}\n"),
        ("adoc", f"include::{secret}[]\n"),
        ("org", f'#+INCLUDE: "{secret}"\n#+SETUPFILE: {secret}\n'),
        ("tex", f"\\input{{{secret}}}\\include{{{secret}}}\\verbatiminput{{{secret}}}\\immediate\\write18{{cat {secret}}}\n"),
        ("md", f"!include {secret}\n\n![[{secret}]]\n\n{{% include '{secret}' %}}\n"),
    ):
        yield hostile(f"include.{extension}", "the content of another file", NAMED, f"{SENTENCE}\n\n{line}\n{SENTENCE}\n")
    for name, content in (
        ("loop", "\\documentclass{article}\\begin{document}\\def\\x{\\x\\x}\\x " + SENTENCE + "\\end{document}"),
        ("deep", "\\documentclass{article}\\begin{document}" + "{" * 200_000 + SENTENCE + "}" * 200_000 + "\\end{document}"),
        ("begins", "\\documentclass{article}\\begin{document}" + "\\begin{itemize}\\item " * 30_000 + SENTENCE),
        (
            "laughs",
            "\\documentclass{article}"
            + "".join(f"\\newcommand{{\\a{chr(98 + at)}}}{{{f'{chr(92)}a{chr(97 + at)}' * 10}}}" for at in range(9))
            + "\\newcommand{\\aa}{ha}\\begin{document}\\aj\\end{document}",
        ),
        ("dollars", "\\documentclass{article}\\begin{document}" + "$" * 200_001 + SENTENCE),
    ):
        yield hostile(f"macros-{name}.tex", "macros and groups without end", NAMED, content)
    yield hostile(
        "deep.org", "recursion: 2,000 levels of headings", NAMED, "".join("*" * at + " x\n" for at in range(1, 2000)) + SENTENCE
    )
    yield hostile("deep.rst", "recursion: nested blocks", NAMED, "".join("   " * at + "* x\n\n" for at in range(800)) + SENTENCE)
    yield hostile(
        "attributes.adoc",
        "attributes that name one another",
        NAMED,
        "".join(f":a{at}: {{a{at + 1}}}{{a{at + 1}}}\n" for at in range(200)) + f"\n{{a0}}\n\n{SENTENCE}\n",
    )
