"""Main content of web pages, and what must not go wrong with pages that are no articles."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.extraction.readers.html import read_markup
from tasks.extraction.texts import is_blank
from tasks.extraction.web.plain import plain_pieces, plain_text
from tasks.extraction.web.walk import read_page

PROSE = "It was late in the year when the first of the ships came back, and the people of the town went down to see it. " * 3

TAGS = (
    "<p>",
    "</p>",
    "<a href=x>",
    "</a>",
    "<li>",
    "<ul>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "<br>",
    "<pre>",
    "<h1>",
    "</div>",
)
TAGS += ("<blockquote>", "&amp;", "<!--", "<script>", "<math>", "w ", "<q>", "<nav>", "<code>")


def test_what_surrounds_an_article_is_dropped() -> None:
    links = "".join(f"<li><a href='/{number}'>Section {number}</a></li>" for number in range(20))
    page = (
        f"<html><body><div class='menu'><ul>{links}</ul></div>"
        f"<div class='content'><h1>The ships</h1><p>{PROSE}</p>"
        f"<h2>Later</h2><p>{PROSE} More.</p></div>"
        f"<div class='cookie-banner'><p>We use cookies. <a href='/c'>Settings</a></p></div>"
        f"<footer>Copyright</footer></body></html>"
    )
    text = read_markup(page).text
    assert "# The ships" in text
    assert "## Later" in text
    for gone in ("Section 3", "cookies", "Copyright"):
        assert gone not in text
    assert "Section 3" in read_markup(page, everything=True).text


def test_structure_becomes_markdown() -> None:
    page = (
        "<h1>A</h1><p>one<br>two</p><ul><li>x<ul><li>y</li></ul></li></ul><ol start=3><li>z</li></ol>"
        "<pre><code class='language-python'>a\n  b</code></pre><blockquote><p>said</p></blockquote>"
        "<table><tr><th>k</th><th>v</th></tr><tr><td>1</td><td>2<br>3</td></tr></table><p>see <code>f()</code></p>"
    )
    assert read_markup(page).text == (
        "# A\n\none\ntwo\n\n- x\n  - y\n3. z\n\n```python\na\n  b\n```\n\n> said\n\n"
        "| k | v |\n| --- | --- |\n| 1 | 2 3 |\n\nsee `f()`"
    )


def test_links_are_kept_when_asked_for() -> None:
    page = '<p>see <a href="http://example.org/x">this page</a> now</p>'
    assert read_markup(page).text == "see this page now"
    assert read_markup(page, links=True).text == "see [this page](http://example.org/x) now"


@pytest.mark.parametrize(
    "page",
    [
        "<p>Short.</p>",
        "<h1>Only a heading</h1>",
        "".join(f"<p><a href='/{number}'>Chapter number {number}</a></p>" for number in range(30)),
        "<form><label>Name of applicant</label><input><label>Date of birth</label><input></form>",
        "<nav>Everything is navigation here</nav>",
    ],
)
def test_a_page_that_is_no_article_is_not_gutted(page: str) -> None:
    words = set(plain_text(page).split())
    assert words <= set(read_markup(page).text.replace("#", "").split())


def test_a_page_too_deep_for_the_parser_is_read_as_text() -> None:
    assert read_page("<div>" * 5000 + "deep words").cut_off
    assert read_markup("<div>" * 5000 + "deep words").text == "deep words"


def test_plain_text_comes_in_pieces() -> None:
    page = "<script>no()</script><p>one &amp; two</p><!-- no --><p>three <b>four</b></p>" * 50
    pieces: Iterator[str] = (page[at : at + 7] for at in range(0, len(page), 7))
    assert "".join(plain_pieces(pieces)).split() == plain_text(page).split()
    assert "no" not in plain_text(page)


@given(st.lists(st.sampled_from(TAGS)))
@settings(max_examples=200, deadline=None)
def test_any_markup_is_read_and_no_text_means_no_text(tags: list[str]) -> None:
    page = "".join(tags)
    text = read_markup(page).text
    assert is_blank(text) == is_blank(read_markup(page, everything=True).text)


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_any_text_is_read(page: str) -> None:
    read_markup(page)
