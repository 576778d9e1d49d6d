"""What counts as words, lines and paragraphs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.quality.text_view import split_words, view_text

TEXT = """# Title here

First line.
Second line.

| Item | Price |
|------|------:|
| Lamp | 49.90 |

A | B
--- | ---
1 | 2

```python
x = 1  # not prose

```

- item one
"""


def test_prose_tables_and_code_are_told_apart() -> None:
    view = view_text(TEXT)
    assert view.lines == ["# Title here", "First line.", "Second line.", "- item one"]
    assert view.paragraphs == ["# Title here", "First line.\nSecond line.", "- item one"]
    assert view.cells == ["Item Price", "Lamp 49.90", "A B", "1 2"]
    assert view.code == ["```python", "x = 1  # not prose", "```"]
    assert view.words[-8:] == ["Item", "Price", "Lamp", "49.90", "A", "B", "1", "2"]


def test_a_pipe_in_prose_makes_no_table_and_an_open_fence_no_code() -> None:
    view = view_text("either a|b or nothing\n\n```\nstill prose")
    assert view.lines == ["either a|b or nothing", "```", "still prose"]


def test_words_are_divided_by_white_space_and_letters_of_unspaced_scripts() -> None:
    assert split_words("Don't stop, it's 3.5 (yes).") == ["Don't", "stop,", "it's", "3.5", "(yes)."]
    assert split_words("\u516c\u53f8ABC\u62a5\u544a") == ["\u516c", "\u53f8", "ABC", "\u62a5", "\u544a"]
    assert view_text("\u516c\u53f8 of").unspaced_share == 2 / 3


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a b", "", "| x |", "--- | ---", "a | b", "```", "~~~", "    ```", "- c"]), max_size=20))
def test_every_line_with_words_is_in_exactly_one_place(lines: list[str]) -> None:
    view = view_text("\n".join(lines))
    prose = "\n".join(view.paragraphs).split("\n") if view.paragraphs else []
    assert prose == view.lines
    expected = [word for line in lines for word in line.replace("|", " ").split() if word.isalpha()]
    found = [word for part in (view.lines, view.cells, view.code) for line in part for word in line.replace("|", " ").split()]
    assert sorted(word for word in found if word.isalpha()) == sorted(expected)
