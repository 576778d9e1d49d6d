"""Spelled words, upright words, gaps and line numbers."""

import pytest

from tasks.normalization.line_numbers import remove_line_numbers
from tasks.normalization.spacing import close_gaps, join_spaced_letters, join_upright_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("W I T N E S S E T H:", "WITNESSETH:"),
        ("## P R O P E R T Y", "## PROPERTY"),
        ("T h e  n e w  l a w", "The new law"),
        ("\u00dc b e r  u n s", "\u00dcber uns"),
        ("A B C D E F", "A B C D E F"),  # a list
        ("x y x y x y", "x y x y x y"),
        ("G A T T A C A", "G A T T A C A"),
        ("I a m h e r e too", "I a m h e r e too"),
        ("Q W E R T Y\nP O I U Y T\nL K J H G F", "Q W E R T Y\nP O I U Y T\nL K J H G F"),  # a puzzle
        ("1 2 3 4 5 6", "1 2 3 4 5 6"),
    ],
)
def test_words_spelled_with_spaces(text: str, expected: str) -> None:
    assert join_spaced_letters(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("before\na\nr\nX\ni\nv\n\nafter", "before\narXiv\n\nafter"),
        ("A\nB\nC\nD\nE\nF", "A\nB\nC\nD\nE\nF"),
        ("b\na\nb\na\nb\na", "b\na\nb\na\nb\na"),  # answers
        ("1\n2\n3\n5\n8\n4", "1\n2\n3\n5\n8\n4"),
        ("o\nn\ne", "o\nn\ne"),
    ],
)
def test_letters_below_each_other(text: str, expected: str) -> None:
    assert join_upright_words(text) == expected


def test_gaps_close_in_prose_and_stay_in_columns() -> None:
    prose = "if other                   terms are defined in the text of this agreement, then    they hold"
    assert close_gaps(prose) == "if other terms are defined in the text of this agreement, then they hold"
    rows = [
        f"{word} of the things that are listed here     {price}   and a remark on it" for word, price in (("one", 1), ("two", 2))
    ]
    assert close_gaps("\n".join(rows)) == "\n".join(rows)
    assert close_gaps("Name:          Jane Doe") == "Name:          Jane Doe"


def test_line_numbers_of_a_bill_go() -> None:
    lines = ["As used in this act,", "a network of the kind that", "is named below and that", "is used by the public"] * 3
    numbered = "\n".join(f"{index:>2} {line}" for index, line in enumerate(lines, 1))
    assert remove_line_numbers(numbered) == "\n".join(lines)


@pytest.mark.parametrize(
    "row",
    ["{} Country {}", "{}. an item of a list", "{} {}", "| {} | a cell |", "{}"],
    ids=["ranking", "list", "numbers", "table", "bare"],
)
def test_numbers_that_are_no_line_numbers_stay(row: str) -> None:
    text = "\n".join(row.format(number, number + 1) for number in range(1, 13))
    assert remove_line_numbers(text) == text
