"""Pieces cover the text, are not too long, and share an overlap."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.model.chunks import covered, cut


@given(st.text(alphabet="ab .\n甲。", max_size=400), st.integers(4, 60), st.integers(0, 20))
def test_pieces_cover_the_text(text: str, largest: int, overlap: int) -> None:
    pieces = cut(text, largest, min(overlap, largest // 2))
    assert all(0 < end - start <= largest for start, end in pieces)
    assert pieces == sorted(pieces)
    assert covered(pieces, text) == 1.0


def test_cuts_are_after_paragraphs_then_lines_then_sentences_then_words() -> None:
    assert [("a" * 20 + "\n\n" + "b" * 20)[slice(*piece)] for piece in cut("a" * 20 + "\n\n" + "b" * 20, 30, 0)] == [
        "a" * 20 + "\n\n",
        "b" * 20,
    ]
    text = "One two three. Four five six seven."
    assert [text[slice(*piece)] for piece in cut(text, 22, 0)] == ["One two three. ", "Four five six seven."]


def test_a_piece_repeats_whole_words_of_the_one_before() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    pieces = cut(text, 100, 20)
    for (_, end), (start, _) in itertools.pairwise(pieces):
        assert 10 <= end - start <= 20
        assert text[start : start + 4] == "word"


def test_coverage_counts_what_is_no_white_space() -> None:
    assert covered([(0, 2)], "ab  cd") == 0.5
    assert covered([(0, 2), (1, 6)], "ab  cd") == 1.0
    assert covered([], "ab") == 0.0
    assert covered([], " \n") == 1.0
    assert cut(" \n ", 200, 0) == []
