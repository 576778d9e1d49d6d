"""Paragraphs that are taken out of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.dataset.leaving_out import Choice
from tasks.dataset.structure import fenced_spans
from tasks.storage.paragraphs import split_paragraphs

NOTICE = "This notice stands at the end of all our letters and pages."
CHOICE = Choice(recurring=frozenset(each.digest for each in split_paragraphs(NOTICE) if each.digest is not None))
CODE = f"```text\n# first\n\n{NOTICE}\n\n# last\n```"


def test_a_recurring_paragraph_in_code_stays() -> None:
    assert CHOICE.shorten(f"Before.\n\n{CODE}\n\n{NOTICE}\n\nAfter.") == (f"Before.\n\n{CODE}\n\nAfter.", 1)
    assert CHOICE.shorten(f"Before.\n\n~~~\n{NOTICE}\n\nx") == (f"Before.\n\n~~~\n{NOTICE}\n\nx", 0)


@pytest.mark.parametrize("before", ["    ", "> ", "1. ", "- ", "> - "])
def test_code_in_lists_and_quotations_stays(before: str) -> None:
    blank = before if before.strip(" >") == "" else "  "
    text = f"{before}```\n{blank}first\n\n{NOTICE}\n\n{blank}```\n\n{NOTICE}"
    assert CHOICE.shorten(text) == (text.removesuffix(f"\n\n{NOTICE}"), 1)


def test_a_paragraph_with_a_fence_stays_even_when_it_recurs() -> None:
    text = f"```\n{NOTICE}\n\nfurther code\n```"
    opening = split_paragraphs(text)[0]
    assert opening.digest is not None
    assert Choice(recurring=frozenset([opening.digest])).shorten(text) == (text, 0)


@given(
    st.lists(
        st.sampled_from([NOTICE, "```", "~~~~", "```python", "words", "", "    ```", "- ```", "> ````", "````"]), max_size=14
    ).map("\n".join)
)
def test_fences_are_as_many_as_before(text: str) -> None:
    shortened, _ = CHOICE.shorten(text)
    assert shortened.count("`") == text.count("`")
    assert shortened.count("~") == text.count("~")
    assert len(fenced_spans(shortened)) == len(fenced_spans(text))
    assert [shortened[start:end] for start, end in fenced_spans(shortened.rstrip())] == [
        text[start:end] for start, end in fenced_spans(text.rstrip())
    ]
