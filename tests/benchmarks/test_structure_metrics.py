"""The structure metrics against values that can be counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.metrics.headings import measure_mhs
from benchmarks.metrics.markdown import tables_as_html
from benchmarks.metrics.pages import PageScores, measure_page
from benchmarks.metrics.reading_order import measure_nid, running_text
from benchmarks.metrics.tables import measure_teds
from benchmarks.metrics.trees import Node, measure_similarity

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"
SAME_TABLE = "<table><thead><tr><th>a</th><th>b</th></tr></thead>\n<tbody><tr><td> 1 </td><td>2</td></tr></tbody></table>"


def test_reading_order_sees_running_text_only() -> None:
    assert running_text(f"# Title\n\nSome  **bold** and *slanted*\nwords\n\n{TABLE}\n") == "Title Some bold and slanted words"
    assert measure_nid("Title\n\nText", f"## Title\nText\n{SAME_TABLE}") == 1.0
    assert measure_nid("abcd", "abef") == pytest.approx(0.5)  # two deletions and two insertions of eight characters
    assert measure_nid("abc", TABLE) is None


def test_pipe_tables_and_html_tables_are_the_same() -> None:
    assert measure_teds(TABLE, SAME_TABLE) == 1.0
    assert measure_teds("| | |\n|---|---|\n| a | b |\n| 1 | 2 |", SAME_TABLE) == 1.0  # an empty header is none
    assert tables_as_html("one | two\nthree") == "one | two\nthree"


def test_tables_are_compared_by_tree_edit_distance() -> None:
    # Of 7 nodes (table, 2 rows, 4 cells) one cell has another text: half of its two characters.
    assert measure_teds(TABLE.replace("1", "1x"), SAME_TABLE.replace(" 1 ", "12")) == pytest.approx(1 - 0.5 / 7)
    # A row is missing: itself and its two cells.
    assert measure_teds("| a | b |\n|---|---|", SAME_TABLE) == pytest.approx(1 - 3 / 7)


def test_a_missing_table_counts_nothing_and_order_is_kept() -> None:
    other = TABLE.replace("a", "long words").replace("1", "other words")
    truth = f"{TABLE}\n\ntext\n\n{other}"
    assert measure_teds("no table", truth) == 0.0
    assert measure_teds(TABLE, truth) == pytest.approx(0.5)
    assert measure_teds(f"{other}\n\ntext\n\n{TABLE}", truth) < 1.0
    assert measure_teds("text", "text") is None


def test_spans_make_another_cell() -> None:
    spanned = "<table><tr><td colspan='2'>a</td></tr><tr><td>1</td><td>2</td></tr></table>"
    # One cell is another, one is missing: of 7 nodes.
    assert measure_teds(spanned, SAME_TABLE) == pytest.approx(1 - 2 / 7)


def test_headings_with_the_text_beneath() -> None:
    truth = "before\n# One\ntext\n# Two\n"
    assert measure_mhs("before\n\n### One\n\ntext\n\n## Two", truth) == 1.0
    # Of 5 nodes (page, text, heading, text, heading) the last heading is missing.
    assert measure_mhs("before\n# One\ntext", truth) == pytest.approx(1 - 1 / 5)
    assert measure_mhs("before One text Two", truth) == 0.0
    assert measure_mhs("# One", "no heading") is None


def test_overall_is_the_mean_of_what_applies() -> None:
    assert measure_page(f"Text\n{TABLE}", f"Text\n{TABLE}") == PageScores(1.0, 1.0, None)
    assert PageScores(0.5, None, 1.0).overall == 0.75
    assert PageScores(None, None, None).overall is None


TREES = st.recursive(st.builds(Node, st.sampled_from("ab"), st.text("xy", max_size=3)), lambda inner: st.builds(
    Node, st.sampled_from("ab"), st.text("xy", max_size=3), st.lists(inner, max_size=3)), max_leaves=8)  # fmt: skip


@given(TREES, TREES)
def test_similarity_is_symmetric_and_one_for_the_same(one: Node, other: Node) -> None:
    assert measure_similarity(one, one) == 1.0
    assert measure_similarity(one, other) == pytest.approx(measure_similarity(other, one))
    assert 0.0 <= measure_similarity(one, other) <= 1.0
