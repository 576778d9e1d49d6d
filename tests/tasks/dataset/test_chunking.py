"""Pieces that fit, tile the text and are exact."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dataset.chunking import Chunk, split_text
from tasks.dataset.tokens import ModelTokens
from tasks.finetuning.starter import TOKENIZER

MODEL = ModelTokens(str(TOKENIZER))


class Words:
    """A tokenizer for tests: a word with the space before it is a token, so counts add up and are easy to foresee."""

    extra = 1

    def count(self, texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def starts(self, text: str) -> list[int]:
        return [index for index, letter in enumerate(text) if not letter.isspace() and (index == 0 or text[index - 1].isspace())]


def words(number: int, word: str = "word") -> str:
    return " ".join(f"{word}{index}" for index in range(number))


def check(text: str, chunks: list[Chunk], tokens: ModelTokens | Words, most: int) -> None:
    """What holds for every text: exact counts that fit, in order, nothing but white space between them."""
    position = 0
    for chunk in chunks:
        piece = text[chunk.start : chunk.end]
        assert piece
        assert piece == piece.strip()
        assert text[position : chunk.start].strip() == ""
        assert chunk.tokens == tokens.count([piece])[0] + tokens.extra <= most
        position = chunk.end
    assert not chunks or text[position:].strip() == ""


def test_a_short_text_is_one_piece() -> None:
    text = f"\n\n# Title\n\n{words(20)}\n"
    assert split_text(text, Words(), 64, 8) == [Chunk(2, len(text) - 1, 23, "Title")]


def test_a_text_below_the_least_is_left_out() -> None:
    assert split_text(words(6), Words(), 64, 8) == []
    assert len(split_text(words(7), Words(), 64, 8)) == 1
    assert split_text(" \n\n ", Words(), 64, 1) == []


def test_sections_are_cut_at_their_headings() -> None:
    text = f"# A\n\n{words(40)}\n\n## B\n\n{words(40)}\n\n# C\n\n{words(40)}"
    chunks = split_text(text, Words(), 64, 8)
    assert [chunk.heading for chunk in chunks] == ["A", "A > B", "C"]
    assert [text[chunk.start :].split("\n", maxsplit=1)[0] for chunk in chunks] == ["# A", "## B", "# C"]


def test_long_sections_are_cut_between_paragraphs_then_sentences() -> None:
    paragraphs = [f"{words(30, name)}." for name in ("a", "b", "c")]
    text = "\n\n".join(paragraphs)
    chunks = split_text(text, Words(), 64, 8)
    assert [text[chunk.start : chunk.end] for chunk in chunks] == ["\n\n".join(paragraphs[:2]), paragraphs[2]]
    text = " ".join(paragraphs)
    chunks = split_text(text, Words(), 64, 8)
    assert [text[chunk.start : chunk.end] for chunk in chunks] == [" ".join(paragraphs[:2]), paragraphs[2]]


def test_one_endless_sentence_is_cut_at_words() -> None:
    text = words(200)
    chunks = split_text(text, MODEL, 64, 8)
    check(text, chunks, MODEL, 64)
    assert len(chunks) > 1
    assert all(text[chunk.start : chunk.end].split()[0].startswith("word") for chunk in chunks)


def test_small_sections_are_joined() -> None:
    text = "\n\n".join(f"## S{index}\n\n{words(5)}" for index in range(8))
    chunks = split_text(text, Words(), 64, 8)
    assert len(chunks) == 2
    assert all(chunk.tokens >= 8 for chunk in chunks)


def test_a_small_tail_is_joined_or_shared_out() -> None:
    fits = f"{words(50)}\n\n{words(3)}"
    assert len(split_text(fits, Words(), 64, 16)) == 1
    tail = f"{words(62)}\n\n{words(3)}"
    chunks = split_text(tail, Words(), 64, 16)
    check(tail, chunks, Words(), 64)
    assert len(chunks) == 2
    assert min(chunk.tokens for chunk in chunks) >= 16


def test_a_small_head_is_joined_to_what_follows() -> None:
    text = f"# A\n\n## B\n\n{words(61)}"
    chunks = split_text(text, Words(), 64, 16)
    check(text, chunks, Words(), 64)
    assert chunks[0].start == 0
    assert min(chunk.tokens for chunk in chunks) >= 16


def test_a_character_larger_than_a_piece_is_an_error() -> None:
    class Huge(Words):
        def count(self, texts: list[str]) -> list[int]:
            return [100 * len(text) for text in texts]

        def starts(self, text: str) -> list[int]:
            return [index for index in range(len(text)) for _ in range(100)]

    with pytest.raises(ValueError, match="the character at 0 has 100 tokens"):
        split_text("ab", Huge(), 64, 8)


LINES = st.sampled_from(
    ["# One", "## Two", "### Three", "", "- item", "| a | b |", "```", "A sentence. Another one! Yes?", "é ß 漢字 🙂"]
)
TEXTS = st.lists(st.one_of(LINES, st.text(max_size=40), st.integers(1, 60).map(words)), max_size=30).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(64, 128), st.integers(1, 16))
def test_pieces_tile_any_text_with_the_model_tokenizer(text: str, most: int, least: int) -> None:
    chunks = split_text(text, MODEL, most, least)
    check(text, chunks, MODEL, most)
    if text.strip() and not chunks:
        assert MODEL.count([text.strip()])[0] + MODEL.extra < least
    assert split_text(text, MODEL, most, least) == chunks


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(64, 128), st.integers(1, 16))
def test_every_piece_reaches_the_least_when_counts_add_up(text: str, most: int, least: int) -> None:
    chunks = split_text(text, Words(), most, least)
    check(text, chunks, Words(), most)
    assert all(chunk.tokens >= least for chunk in chunks)
