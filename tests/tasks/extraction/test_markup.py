"""Markup languages as Markdown: structure kept, directives and macros gone."""

import importlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.extraction.reading import ReaderError, Source
from tasks.extraction.settings import ExtractionSettings
from tests.tasks.extraction.test_readers import read

RST = """=====
Title
=====

:Author: Ann

A *word* of ``code``, :ref:`a section <sec>`, `the site <https://example.org>`_ and :py:func:`~a.b.run` [1]_.

.. _target:
.. a comment

Section
-------

- one
  goes on

  - inner
- two

+---+---+
| a | b |
+===+===+
| c | d |
+---+---+

====  ====
x     y
====  ====
1     2
====  ====

.. code-block:: python
   :linenos:

   x = 1

.. note:: Careful.

.. toctree::

   a
   b

As follows::

   raw

Term
   Meaning.

.. [1] A note.
"""
ORG = """#+title: Title
#+language: de
* TODO [#A] Heading :tag:
:PROPERTIES:
:ID: 7
:END:
DEADLINE: <2025-01-01>
See [[https://example.org][the site]], =code= and *bold* /italic/.[fn:1]
# a comment
| a | b |
|---+---|
| c | d |
#+begin_src python :results output
x = *1*
#+end_src
- term :: meaning
[fn:1] A note.
"""
ASCIIDOC = """= Title
Ann Author <a@example.org>
:name: Fox
:toc:

The {name} *runs* to https://example.org[the site], see <<sec,below>>.footnote:[A note.]

// a comment
[[sec]]
== Section

* one
** inner
* two

NOTE: Careful.

[source,python]
----
x = 1 # <1>
----

|===
|a |b

|c
|d
|===

term:: meaning

image::picture.png[Alt]
"""
TEX = r"""\documentclass{article}
\usepackage{x} % a comment
\newcommand{\firm}{Fox Inc}
\title{Title}\author{J\"org \and Ann}
\begin{document}
\maketitle
\section{Section}\label{s}
\firm{} costs 5\% of $a_1$ in Stra\ss e --- ``quoted'', \emph{now}.\footnote{A note.}
\begin{itemize}
\item one
\item two
\end{itemize}
\begin{verbatim}
x % y
\end{verbatim}
\begin{tabular}{l|r}
\hline
a & b \\
c & d \\
\end{tabular}
\begin{equation}\label{e}E = mc^2\end{equation}
\unknown{kept} \href{https://example.org}{the site}
\end{document}
"""
TYPST = """#set document(title: "Title")
#let count = 8
// a comment
= Heading
There are #count of *these* and _those_, #link("https://example.org")[the site].#footnote[A note.]
+ one
/ term: meaning

#table(columns: 2, [a], [b], [c], $d$)

$ x^2 $

```python
x = 1 // kept
```
#figure(image("a.png"), caption: [A picture])
"""
DJOT = "{.big}\n# Heading\n\nA *strong* and _soft_ {=marked=} $`x^2`.\n\n::: note\nInside.\n:::\n"


@pytest.mark.parametrize(
    ("name", "text", "expected", "gone"),
    [
        (
            "rst",
            RST,
            [
                "# Title\n",
                "**Author**: Ann",
                "A *word* of `code`, a section, the site and `run` [^1].",
                "## Section\n",
                "- one\n  goes on\n\n  - inner\n- two",
                "| a | b |\n| --- | --- |\n| c | d |",
                "| x | y |\n| --- | --- |\n| 1 | 2 |",
                "```python\nx = 1\n```",
                "**Note**\n\nCareful.",
                "As follows:\n\n```\nraw\n```",
                "**Term**\n\nMeaning.",
                "[^1]: A note.",
            ],
            ["target", "comment", "toctree", "linenos", "::", "example.org"],
        ),
        (
            "org",
            ORG,
            [
                "# Heading\n",
                "See the site, `code` and **bold** *italic*.[^1]",
                "| a | b |\n| --- | --- |\n| c | d |",
                "```python\nx = *1*\n```",
                "- **term**: meaning",
                "[^1]: A note.",
            ],
            ["PROPERTIES", "TODO", "DEADLINE", "comment", ":tag:", "example.org"],
        ),
        (
            "asciidoc",
            ASCIIDOC,
            [
                "# Title\n\nAnn Author\n",
                "The Fox **runs** to the site, see below.[^1]",
                "## Section\n",
                "- one\n   - inner\n- two",
                "**Note**: Careful.",
                "```python\nx = 1\n```",
                "| a | b |\n| --- | --- |\n| c | d |",
                "**term**: meaning",
                "[^1]: A note.",
            ],
            ["comment", "toc", "[[", "example.org", "picture", "|==="],
        ),
        (
            "tex",
            TEX,
            [
                "# Title\n\nJörg, Ann\n",
                "## Section\n",
                "Fox Inc costs 5% of $a_1$ in Straße — “quoted”, *now*.[^1]",
                "- one\n- two",
                "```\nx % y\n```",
                "| a | b |\n| --- | --- |\n| c | d |",
                "$$\nE = mc^2\n$$",
                "kept the site",
                "[^1]: A note.",
            ],
            ["documentclass", "comment", "label", "hline", "example.org", "\\"],
        ),
        (
            "typst",
            TYPST,
            [
                "# Heading\nThere are 8 of **these** and *those*, the site.[^1]",
                "1. one",
                "- **term**: meaning",
                "$$\nx^2\n$$",
                "| a | b |\n| --- | --- |\n| c | $d$ |",
                "```python\nx = 1 // kept\n```",
                "A picture",
                "[^1]: A note.",
            ],
            ["#set", "#let", "comment", "columns", "example.org", "a.png"],
        ),
        ("djot", DJOT, ["# Heading", "A **strong** and _soft_ marked $x^2$.", "Inside."], ["{", ":::"]),
    ],
)
def test_structure_is_kept_and_directives_go(tmp_path: Path, name: str, text: str, expected: list[str], gone: list[str]) -> None:
    (row,) = read(tmp_path, name, text.encode())
    assert row.text is not None, row.detail
    for each in expected:
        assert each in row.text
    for each in gone:
        assert each not in row.text


@pytest.mark.parametrize(("name", "text"), [("rst", RST), ("org", ORG), ("asciidoc", ASCIIDOC), ("tex", TEX), ("typst", TYPST)])
def test_titles(tmp_path: Path, name: str, text: str) -> None:
    (row,) = read(tmp_path, name, text.encode())
    assert row.title == "Title"
    assert row.language_hint == ("de" if name == "org" else None)


MARKS = [
    *(
        "`",
        "``",
        "*",
        "**",
        "_",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "<",
        ">",
        "$",
        "$$",
        "#",
        "=",
        "==",
        "|",
        "|===",
        "\\",
        "\n",
        "\n\n",
    ),
    *(
        "\n\n",
        " ",
        "   ",
        "- ",
        "* ",
        "1. ",
        "::",
        ".. note::",
        "#+begin_src\n",
        "#+end_src",
        "----",
        "\\begin{x}",
        "\\end{x}",
        "\\item",
    ),
    *(
        "\\begin{tabular}",
        "&",
        "%",
        "#table(",
        "#let a = ",
        '"',
        "//",
        "+--+",
        "[fn:1]",
        "word",
        "ß",
        "```",
        "{a}",
        ":a: b",
        ":END:",
    ),
    *(
        ":a: b",
        ":END:",
        "@book{a, ",
        "%A ",
        "TY  - ",
        "00:00:01,000 --> 00:00:02,000\n",
        "BEGIN:VEVENT\n",
        "SUMMARY:",
        "~",
        "footnote:[",
        "<<a>>",
    ),
]
MODULES = ["rst", "org", "asciidoc", "tex", "typst", "djot", "config", "subtitles", "bibliography", "calendar"]


@pytest.mark.parametrize("module", MODULES)
@given(text=st.lists(st.sampled_from(MARKS), max_size=60).map("".join))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_parts_or_a_foreseen_error(module: str, text: str) -> None:
    content = text.encode()
    source = Source(Path("unused"), len(content), content, module, "utf-8")
    try:
        parts = list(importlib.import_module(f"tasks.extraction.readers.{module}").read(source, ExtractionSettings()))
    except ReaderError:
        return
    assert all(isinstance(part.text, str) for part in parts)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tex", "\\textbf{" * 100 + "x" + "}" * 100),
        ("typst", "#emph[" * 100 + "x" + "]" * 100),
        ("rst", "".join("  " * depth + "- x\n\n" for depth in range(100))),
        ("asciidoc", ":a: " + "x" * 500 + "\n\n" + "{a}" * 3000),
    ],
)
def test_nesting_and_growth_have_limits(tmp_path: Path, name: str, text: str) -> None:
    (row,) = read(tmp_path, name, text.encode())
    assert row.reason == "extraction.limit"


@pytest.mark.parametrize("name", ["yaml", "toml", "ini"])
def test_settings_are_code_in_bounded_parts(tmp_path: Path, name: str) -> None:
    rows = read(tmp_path, name, b"# why\nkey: value\n" * 500, part_characters=1000)
    assert len(rows) > 1
    for row in rows:
        assert row.text is not None
        assert row.text.startswith(f"```{name}\n")
        assert row.text.endswith("\n```")
        assert len(row.text) <= 1000


def test_subtitles(tmp_path: Path) -> None:
    text = "WEBVTT\n\nNOTE no\n\n1\n00:01.000 --> 00:02.000 align:start\n<v Ann>A sentence <i>that</i>\n\n2\n"
    text += "00:02.000 --> 00:03.000\ngoes on &amp; ends.\n\n00:03.000 --> 00:04.000\ngoes on &amp; ends.\n"
    (row,) = read(tmp_path, "subtitles", text.encode())
    assert row.text == "Ann: A sentence that goes on & ends.\n"


@pytest.mark.parametrize(
    "text",
    [
        '@article{key,\n  author = {Ann {Fox}},\n  title = "On {Foxes}",\n  year = 2024\n}\n@comment{x, y = {z}}\n',
        "%0 Article\n%A Ann Fox\n%T On Foxes\n%D 2024\n%F key\n",
        "TY  - ARTICLE\nAU  - Ann Fox\nTI  - On\n      Foxes\nPY  - 2024\nID  - key\nER  - \n",
    ],
)
def test_bibliographies_name_their_fields(tmp_path: Path, text: str) -> None:
    (row,) = read(tmp_path, "bibliography", text.encode())
    assert row.text is not None
    lines = row.text.strip().lower().split("\n")
    assert sorted(lines) == ["author: ann fox", "title: on foxes", "type: article", "year: 2024"]


def test_calendar_and_card(tmp_path: Path) -> None:
    event = "BEGIN:VEVENT\r\nUID:7\r\nSUMMARY;LANGUAGE=en:Meet\\, greet\r\nDESCRIPTION:A long\r\n  line\r\nEND:VEVENT\r\n"
    zone = "BEGIN:VTIMEZONE\r\nDTSTART:1970\r\nEND:VTIMEZONE\r\n"
    (row,) = read(tmp_path, "calendar", f"BEGIN:VCALENDAR\r\n{zone}{event}END:VCALENDAR\r\n".encode())
    assert (row.text or "").strip() == "Summary: Meet, greet\nDescription: A long line"
    (row,) = read(tmp_path, "vcard", b"BEGIN:VCARD\nFN:Ann Fox\nPHOTO:AAAA\nEND:VCARD\n")
    assert (row.text or "").strip() == "Name: Ann Fox"


def test_a_picture_in_a_notebook_has_no_text(tmp_path: Path) -> None:
    output = b'{"output_type": "display_data", "data": {"image/png": "AA", "text/plain": "<Figure>"}}'
    (row,) = read(tmp_path, "ipynb", b'{"cells": [{"cell_type": "code", "source": "plot()", "outputs": [' + output + b"]}]}")
    assert row.text == "```\nplot()\n```"
