"""Faults that show in a page's Markdown, and text that is missing from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.extraction.pdf.router import doubt, share_found
from tests.tasks.extraction.test_readers import SENTENCE

TEXT = f"# Contents of the page\n\n{SENTENCE} {SENTENCE}\n\n{SENTENCE} {SENTENCE} {SENTENCE}\n\n12 13 14 and 15 16"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (TEXT, None),
        ("# A cover\n\n## With a long title in several lines", None),
        (f"# Title {SENTENCE} {SENTENCE}\n\n## {SENTENCE} {SENTENCE}\n\n{SENTENCE} {SENTENCE}", "headings"),
        (f"{TEXT}\n\n1 3 13 25 38 55 67\n", "torn numbers"),
        (f"C HA PT E R 7.\n\n{TEXT}", "spaced letters"),
        (f"PART II OF THE ACT OF 1968\n\n{TEXT}", None),
    ],
)
def test_doubts(page: str, expected: str | None) -> None:
    assert doubt(page) == expected


def test_the_share_of_letters() -> None:
    assert share_found("", "") == 1.0
    assert share_found("**of a file**", "of a \ufb01le") == 1.0
    assert share_found("ab", "abab 12") == pytest.approx(2 / 6)


@given(st.text(), st.text())
def test_more_text_never_lessens_the_share(text: str, seen: str) -> None:
    assert 0.0 <= share_found(text, seen) <= share_found(text + seen, seen) == 1.0


@given(st.text("#* 12AB\n"))
def test_any_page_is_judged(page: str) -> None:
    assert doubt(page) in (None, "headings", "torn numbers", "spaced letters")
