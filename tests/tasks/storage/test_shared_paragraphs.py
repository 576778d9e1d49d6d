"""Paragraphs and their digests."""

from hypothesis import given
from hypothesis import strategies as st

from tasks.storage.paragraphs import LEAST_WORDS, split_paragraphs

LONG = "This message is meant for the person named above alone."


def test_layout_and_case_do_not_matter_and_words_do() -> None:
    text = f"  Dear all,\n\n{LONG}\n \n{LONG.upper().replace(' ', chr(10))}\n\n\nNot {LONG}  \n"
    found = split_paragraphs(text)
    assert [text[each.start : each.end].split(maxsplit=1)[0] for each in found] == ["Dear", "This", "THIS", "Not"]
    assert found[0].digest is None
    assert found[1].digest == found[2].digest != found[3].digest
    assert text[found[1].start : found[1].end] == LONG
    assert text[found[3].start : found[3].end] == f"Not {LONG}"


def test_short_paragraphs_have_no_digest() -> None:
    words = ["word"] * LEAST_WORDS
    assert split_paragraphs(" ".join(words))[0].digest is not None
    assert split_paragraphs(" ".join(words[1:]))[0].digest is None
    assert split_paragraphs("") == split_paragraphs(" \n\n ") == []


def test_letters_of_scripts_without_spaces_are_less_than_words() -> None:
    for letter, letters in (("公", 2), ("か", 3), ("ก", 4), ("ក", 4)):
        assert split_paragraphs(letter * letters * LEAST_WORDS)[0].digest is not None
        assert split_paragraphs(letter * (letters * LEAST_WORDS - 1))[0].digest is None


@given(st.text(st.sampled_from("ab.\n \t\u00a0\u00a8\u2028\x85\x1c\u0301\u0345\ufb01\u3000\u3164\u516c"), max_size=60))
def test_a_paragraph_has_the_digest_that_it_has_by_itself(text: str) -> None:
    found = split_paragraphs(text)
    assert "".join("".join(text[each.start : each.end] for each in found).split()) == "".join(text.split())
    for each in found:
        alone = split_paragraphs(text[each.start : each.end])
        assert [paragraph.digest for paragraph in alone] == [each.digest]
