"""XML: vocabularies of documents, data, feeds; and what hostile XML ends as."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.extraction.markup.xmltree import parse_text
from tasks.extraction.reading import ReaderError
from tests.tasks.extraction.test_readers import read

DOCBOOK = """<?xml version="1.0"?><!DOCTYPE article [<!ENTITY firm "Fox Inc">]>
<article xml:lang="en"><info><title>Title</title><author>Ann</author></info>
<section><title>Section</title><para>Of &firm; and <emphasis>more</emphasis> <literal>code</literal>&nbsp;here.<footnote><para>A
note.</para></footnote></para><itemizedlist><listitem><para>one</para></listitem><listitem><para>two</para></listitem></itemizedlist>
<programlisting language="python">x = 1
y = 2</programlisting><note><para>Careful.</para></note><variablelist><varlistentry><term>term</term><listitem>
<para>meaning</para></listitem></varlistentry></variablelist><table><title>Caption</title>
<tgroup cols="2"><thead><row><entry>a</entry>
<entry>b</entry></row></thead><tbody><row><entry>c</entry><entry>d</entry></row></tbody></tgroup></table></section></article>"""
JATS = """<article xml:lang="en" article-type="research-article"><front><journal-meta><journal-id>J</journal-id></journal-meta>
<article-meta><article-id>10.1/x</article-id><title-group><article-title>Title</article-title></title-group>
<abstract><p>In short.</p></abstract></article-meta></front><body><sec><title>Section</title><p>See <xref>1</xref> and
<inline-formula><tex-math>x^2</tex-math></inline-formula>.</p><list list-type="order"><list-item><p>one</p></list-item></list>
<table-wrap><label>Table 1</label><table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table></table-wrap>
</sec></body><back><ref-list><title>References</title>
<ref><mixed-citation>Fox A. On Foxes.</mixed-citation></ref></ref-list></back></article>"""


def test_docbook(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "docbook", DOCBOOK.encode())
    assert (row.title, row.language_hint) == ("Title", "en")
    for each in (
        *("# Title\n\n## Section\n\nOf Fox Inc and *more* `code` here.[^1]", "- one\n- two", "```python\nx = 1\ny = 2\n```"),
        *("**Note**\n\nCareful.", "**term**\n\nmeaning", "Caption\n\n| a | b |\n| --- | --- |\n| c | d |", "[^1]: A note."),
    ):
        assert each in (row.text or "")


def test_jats(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "jats", JATS.encode())
    assert (row.title, row.language_hint) == ("Title", "en")
    for each in (
        *("# Title\n\n## Abstract\n\nIn short.\n\n## Section\n\nSee 1 and x^2.", "1. one", "| a | b |\n| --- | --- |\n| c | d |"),
        "\n\n## References\n\n- Fox A. On Foxes.",
    ):
        assert each in (row.text or "")
    assert "10.1/x" not in (row.text or "")


def test_an_excerpt_has_several_roots(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "docbook", b"<para>one</para>\n<para>two</para>")
    assert (row.text or "").split() == ["one", "two"]


def test_data_feeds_outlines_and_drawings(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "xml", "<a><b id='7'>x</b><c>some <i>mixed</i> words</c></a>".encode("utf-16"), "utf-16")
    assert (row.text or "").split("\n")[:3] == ["b id: 7", "b: x", "some mixed words"]
    feed = b"<rss><channel><title>News</title><item><title>One</title><description>&lt;p&gt;Words.&lt;/p&gt;</description></item>"
    (row,) = read(tmp_path, "feed", feed + b"</channel></rss>")
    assert (row.title, (row.text or "").split()) == ("News", ["#", "News", "##", "One", "Words."])
    (row,) = read(tmp_path, "opml", b'<opml><body><outline text="a"><outline text="b"/></outline></body></opml>')
    assert row.text == "- a\n  - b\n"
    (row,) = read(tmp_path, "svg", b"<svg><style>.a{}</style><text><tspan>Two</tspan><tspan>words</tspan></text></svg>")
    assert row.text == "Two words\n"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>', "limit"),
        (f'<!DOCTYPE a [<!ENTITY long "{"x" * 900}">]><a>{"&long;" * 2000}</a>', "limit"),
        (f"<!DOCTYPE a [<!ENTITY long '{'x' * 2000}'>]><a>&long;</a>", "limit"),
        ("<a>" * 200 + "x" + "</a>" * 200, "limit"),
        ("<a>" * 100_000, "limit"),
        ("<a><b></a>", "corrupt"),
        ("<a/>", "empty"),
    ],
)
@pytest.mark.parametrize("format_name", ["xml", "docbook"])
def test_hostile_xml_ends_typed(tmp_path: Path, format_name: str, content: str, reason: str) -> None:
    (row,) = read(tmp_path, format_name, content.encode())
    assert row.reason == f"extraction.{reason}"


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    content = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><a>text &e;</a>'
    (row,) = read(tmp_path, "xml", content.encode())
    assert "secret words" not in (row.text or "")


PIECES = ["<a>", "</a>", "<b c='d'>", "</b>", "text", "&amp;", "&x;", "<!-- c -->", "<![CDATA[x]]>", "<?pi?>", "<", "\0", "\x01"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_tree_or_a_foreseen_error(text: str) -> None:
    try:
        root = parse_text(f"<r>{text}</r>")
    except ReaderError:
        return
    assert root.tag == "r"
