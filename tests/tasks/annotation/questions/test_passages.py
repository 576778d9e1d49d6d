"""Passages that questions are written about: prose, spread over the text."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.annotation.questions.passages import LONGEST, SHORTEST, choose_passages, is_prose

SENTENCE = "The board asked for three quotes before the end of June, because the first two differed by more than a third. "
PROSE = (SENTENCE * 3).strip()
TABLE = "| Item | Price |\n|---|---|\n" + "| A chair that was sold in May. | 12 |\n" * 6
CONTENTS = (
    "1 Introduction . . . . . . . . 3\n2 The lease of the rooms ..... 5\n3 Rent and other charges ..... 9\nAppendix. It is long."
)


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        CONTENTS,
        "# A heading that is long enough to be taken for a paragraph of prose",
        "data:image/png;base64," + "iVBORw0KGgo" * 20 + ". It is an image.",
        "- one thing.\n- another thing that is longer.\n- a third thing, longer still.",
        "12.5 13.7 14.2 15.9 16.1 17.3 18.4. 19.5 20.6 21.7 22.8 23.9",
        "Too short.",
        "Name of the tenant and of the landlord and of the house in which the rooms are",
    ],
)
def test_what_is_no_prose(text: str) -> None:
    assert not is_prose(text)
    assert choose_passages(f"{text}\n\n{PROSE}\n\n{text}\n", 9) == [(len(text) + 2, len(text) + 2 + len(PROSE))]


def test_code_in_fences_is_left_out_whatever_it_says() -> None:
    text = f"```\n{PROSE}\n\n{PROSE}\n```\n\n{PROSE}"
    assert choose_passages(text, 9) == [(len(text) - len(PROSE), len(text))]


def test_neighbours_are_joined_and_long_ones_cut_at_sentences() -> None:
    text = f"{PROSE}\n\n{PROSE}\n\n{SENTENCE * 20}"
    first, *rest = choose_passages(text, 9)
    assert text[slice(*first)] == f"{PROSE}\n\n{PROSE}"
    assert len(rest) == 2
    assert all(text[:end].rstrip().endswith(".") for _, end in rest)


def test_few_of_many_are_spread_over_the_text() -> None:
    text = "\n\n".join(f"{TABLE}\n\n{number}. {PROSE}" for number in range(10))
    everything = choose_passages(text, 99)
    assert len(everything) == 10
    assert choose_passages(text, 10) == everything
    assert choose_passages(text, 2) == [everything[2], everything[7]]
    assert choose_passages(text, 0) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([PROSE, SENTENCE * 15, TABLE, "```", "\n\n", " ", "x" * 300, "甲方。" * 90])), st.integers(0, 4))
def test_passages_never_overlap_and_keep_their_sizes(parts: list[str], most: int) -> None:
    text = "\n\n".join(parts)
    found = choose_passages(text, most)
    assert len(found) <= most
    assert all(SHORTEST <= end - start <= LONGEST for start, end in found)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(found))
    assert "|" not in "".join(text[start:end] for start, end in found)
