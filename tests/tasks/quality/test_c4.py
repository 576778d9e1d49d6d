"""C4's rules at their thresholds."""

import pytest

from tasks.quality.signals.c4 import count_sentences, measure_c4
from tasks.quality.text_view import view_text

GOOD = "This line is fine."


@pytest.mark.parametrize(
    ("signal", "line", "caught"),
    [
        ("c4.line_end", "It ends in a period.", False),
        ("c4.line_end", 'He said "so be it"', False),
        ("c4.line_end", "It ends in nothing", True),
        ("c4.line_end", "It goes on...", True),
        ("c4.line_words", "Two words.", True),
        ("c4.line_words", "Three words here.", False),
        ("c4.line_words", "\u516c\u53f8\u62a5\u544a\u3002", False),  # in Chinese every letter is a word
        ("c4.long_word", "a " + "x" * 1000 + " b.", False),
        ("c4.long_word", "a " + "x" * 1001 + " b.", True),
        ("c4.javascript", "Please enable JavaScript now.", True),
        ("c4.curly", "A set {a, b} of two.", True),
        ("c4.curly", "A set (a, b) of two.", False),
    ],
)
def test_line_rules_as_shares_of_lines(signal: str, line: str, caught: bool) -> None:
    assert measure_c4(view_text(f"{GOOD}\n{line}"))[signal] == (0.5 if caught else 0.0)


@pytest.mark.parametrize(("characters", "paragraphs"), [(199, 0), (200, 1), (201, 1)])
def test_a_line_of_200_characters_is_a_paragraph(characters: int, paragraphs: int) -> None:
    assert measure_c4(view_text("x" * characters))["c4.paragraphs"] == paragraphs


def test_sentences_are_counted_in_lines_that_stay() -> None:
    text = f"{GOOD} {GOOD}\nNo end here\nWe use cookies. Do you?\nToo few.\nThree words here! And \u201cmore\u201d so?"
    assert measure_c4(view_text(text))["c4.sentences"] == 4


def test_code_is_not_judged() -> None:
    assert measure_c4(view_text(f"{GOOD}\n\n```\nif (x) {{ javascript }}\n```"))["c4.curly"] == 0


@pytest.mark.parametrize(
    ("line", "sentences"),
    [("One. Two? Three!", 3), ("Version 3.5", 1), ('He said "no." Then he left.', 2), ("\u662f\u3002\u5426\u3002", 2), ("", 0)],
)
def test_count_sentences(line: str, sentences: int) -> None:
    assert count_sentences(line) == sentences
