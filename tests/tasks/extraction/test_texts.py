"""Decoding, cutting and tidying text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.extraction.reading import LimitError
from tasks.extraction.texts import (
    clean_language,
    cut_pieces,
    decode_all,
    fenced,
    is_blank,
    text_lines,
    tidy_markdown,
    valid_text,
)


@given(st.lists(st.text(max_size=200), max_size=20), st.integers(10, 100))
@settings(max_examples=50, deadline=None)
def test_cutting_loses_nothing_and_keeps_the_limit(pieces: list[str], limit: int) -> None:
    cut = list(cut_pieces(pieces, limit))
    assert "".join(cut) == "".join(pieces)
    assert all(0 < len(text) <= limit for text in cut)


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufeff")),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
@settings(max_examples=50, deadline=None)
def test_decoding_inverts_encoding(text: str, encoding: str) -> None:
    assert decode_all(text.encode(encoding), encoding) == text


@given(st.binary(max_size=500), st.sampled_from(["utf-8", "cp1252", "utf-16", "shift_jis", None]))
@settings(max_examples=50, deadline=None)
def test_decoding_never_raises(content: bytes, encoding: str | None) -> None:
    assert "\r" not in decode_all(content, encoding)


@given(st.lists(st.text(alphabet="ab\n", max_size=20), max_size=20))
@settings(max_examples=50, deadline=None)
def test_lines_of_pieces_are_the_lines_of_the_text(pieces: list[str]) -> None:
    assert list(text_lines(pieces)) == "".join(pieces).split("\n")


def test_a_line_without_end_is_refused() -> None:
    assert list(text_lines(["a" * 10, "b\n"], limit=11)) == ["a" * 10 + "b", ""]
    with pytest.raises(LimitError):
        list(text_lines(["a" * 10, "bc\n"], limit=11))


def test_text_that_turns_out_to_be_legacy_further_down() -> None:
    content = b"plain words\r\n" * 10_000 + "Größe, Übermut und müde Füße in Österreich".encode("cp1252")
    assert decode_all(content, "utf-8").endswith("Größe, Übermut und müde Füße in Österreich")


def test_one_damaged_byte_does_not_change_the_encoding() -> None:
    content = "Größe und Füße ".encode() * 10
    assert decode_all(content[:40] + b"\xff" + content[40:], "utf-8").count("ö") == 10


@pytest.mark.parametrize("text", ["", " \n\f", "![](a.png)", "```text\n\n```", "---\n\n***", "<!-- words -->", "| |\n| --- |"])
def test_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "```\n1\n```", "![alt](a.png)", "<!-- a --> b", "漢字"])
def test_not_blank(text: str) -> None:
    assert not is_blank(text)


def test_tidy_markdown() -> None:
    source = "See [the site](http://example.org/a_(b)) ![x](y.png)now\\! snake\\_case\n"
    source += "\\# no heading\n1\\. no list\\.\n```\n[a](b) \\!\n```"
    assert tidy_markdown(source) == "See the site now! snake_case\n\\# no heading\n1\\. no list.\n```\n[a](b) \\!\n```"


@given(st.text(alphabet="`a\n", max_size=60))
@settings(max_examples=50, deadline=None)
def test_a_fence_is_longer_than_what_it_holds(code: str) -> None:
    first, *inner, last = fenced(code).split("\n")
    assert first == last
    assert all(not line.strip().startswith(first) for line in inner)


@pytest.mark.parametrize(
    ("stated", "tag"), [("en", "en"), ("de_AT", "de-AT"), (" en-US ", "en-US"), ("", None), ("English (US)", None), (None, None)]
)
def test_language_tags(stated: str | None, tag: str | None) -> None:
    assert clean_language(stated) == tag


def test_half_characters_are_replaced() -> None:
    assert valid_text("a \ud800 b \U0001f600 \udc00") == "a \ufffd b \U0001f600 \ufffd"
