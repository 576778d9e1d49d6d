"""Books and formulas: EPUB in the order of its spine, FictionBook, MathML."""

from pathlib import Path

import pytest
from lxml import etree

from tasks.extraction.markup.xhtml import page_blocks, parse_xhtml
from tasks.extraction.office.formulas import mathml_formula
from tests.tasks.extraction import documents
from tests.tasks.extraction.test_readers import read


def book(pages: dict[str, str], spine: list[str], properties: str = "") -> bytes:
    """A book of pages by name, in the order of the spine; the page "nav" is the table of contents."""
    parts = documents.unzipped(documents.epub([], "A book"))
    items = "".join(
        f'<item id="{name}" href="{name}%20page.xhtml" media-type="application/xhtml+xml"{properties if name == "nav" else ""}/>'
        for name in pages
    )
    references = "".join(f'<itemref idref="{name}"/>' for name in spine)
    package = parts["book.opf"].decode()
    head, rest = package.split("<manifest>")[0], "</package>"
    parts["book.opf"] = f"{head}<manifest>{items}</manifest><spine>{references}</spine>{rest}".encode()
    for name, body in pages.items():
        parts[f"{name} page.xhtml"] = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'.encode()
    return documents.zipped(parts)


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    pages = {"nav": "<p>Contents</p>", "a": "<h1>A</h1>", "b": "<h1>B</h1>", "c": "<p>not in the spine</p>"}
    content = book(pages, ["nav", "b", "a", "b", "missing"], ' properties="nav"')
    (row,) = read(tmp_path, "epub", content)
    assert (row.text, row.title, row.pages, row.pages_lost) == ("# B\n\n# A", "A book", 2, 0)


def test_a_damaged_page_of_a_book_is_counted_as_lost(tmp_path: Path) -> None:
    parts = documents.unzipped(book({"a": "<p>words</p>", "b": "<p>x</p>"}, ["a", "b"]))
    del parts["b page.xhtml"]
    (row,) = read(tmp_path, "epub", documents.zipped(parts))
    assert (row.text, row.pages, row.pages_lost) == ("words", 2, 1)
    del parts["a page.xhtml"]
    (row,) = read(tmp_path, "epub", documents.zipped(parts))
    assert row.reason == "extraction.corrupt"


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        ("<p>one\n <b>two</b><br/>three</p>loose <i>words</i>", "one two\nthree\n\nloose words"),
        ("<ol start='3'><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ol>", "3. a\n  - b\n4. c"),
        (
            "<table><tr><th>a</th><td colspan='2'>b</td></tr><tr><td>c</td></tr></table>",
            "| a | b |  |\n| --- | --- | --- |\n| c |  |  |",
        ),
        ("<table><tr><td><h2>framed</h2></td></tr></table>", "## framed"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<pre>  x\n y</pre>", "```\n  x\n y\n```"),
        ("<span><p>a</p></span><script>x()</script><p>b<img src='i.png' alt='A map'/></p>", "a\n\nb![A map]()"),
        ("<p>caf&eacute;&nbsp;&mdash; &unknown;</p>", "caf\u00e9\u00a0\u2014 \ufffd"),
    ],
)
def test_pages_become_markdown(body: str, markdown: str) -> None:
    kind = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "xhtml11.dtd">'
    page = f"{kind}<html><head><title>t</title></head><body>{body}</body></html>"
    assert "\n\n".join(filter(None, page_blocks(parse_xhtml(page.encode())))) == markdown


def test_a_page_that_is_no_xml_is_read_as_html() -> None:
    assert list(filter(None, page_blocks(parse_xhtml(b"<html><body><p>one<p>two & three</body>")))) == ["one", "two & three"]


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("<msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mn>1</mn>", "x\u00b2 + 1"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a + b)/c"),
        ("<msqrt><mi>x</mi></msqrt>", "\u221a(x)"),
        ("<munderover><mo>\u2211</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>", "\u2211_(k = 1)\u207f"),
        ("<mi>sin</mi><mo>\u2061</mo><mi>x</mi>", "sin x"),
        ("<semantics><mi>x</mi><annotation>latex</annotation></semantics>", "x"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a,b)"),
    ],
)
def test_formulas_on_one_line(formula: str, text: str) -> None:
    assert mathml_formula(etree.fromstring(f"<math>{formula}</math>")) == text


def test_a_fictionbook(tmp_path: Path) -> None:
    picture = f'<binary id="i" content-type="image/png">{"QUJD" * 5_000_000}</binary>'
    notes = '<body name="notes"><section id="n1"><title><p>1</p></title><p>A note.</p></section></body>'
    body = (
        "<title><p>The book</p></title><section><title><p>Chapter</p></title><p>Text"
        '<a l:href="#n1" type="note">1</a> on.</p><cite><p>quoted</p></cite>'
        "<poem><stanza><v>line one</v><v>line two</v></stanza></poem>"
        "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table><empty-line/></section>"
    )
    (row,) = read(tmp_path, "fb2", documents.fb2(body, notes + picture))
    assert (row.title, row.language_hint, row.pages) == ("A book", "ru", None)
    assert row.text == (
        "# The book\n\n## Chapter\n\nText[^n1] on.\n\n> quoted\n\nline one\nline two\n\n"
        "| a | b |\n| --- | --- |\n| c | d |\n\n[^n1]: A note."
    )


def test_other_xml_is_no_fictionbook(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "fb2", b"<FictionBook><body><p>x</p></body></FictionBook>")
    assert row.reason == "extraction.corrupt"
