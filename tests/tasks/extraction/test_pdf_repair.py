"""Repairs of the engines' Markdown."""

from hypothesis import given
from hypothesis import strategies as st

from tasks.extraction.pdf.repair import repair_pages, tidy_inspected


def repair(page: str) -> str:
    return repair_pages([page])[0]


def table(*rows: str) -> str:
    first, *others = rows
    return "\n".join([first, "|" + " --- |" * (first.count("|") - 1), *others])


def test_strokes_on_the_page_are_no_text() -> None:
    assert (
        repair("One\n\n---\n\nTwo\n---\n**A bold line**\n~~3,230~~ and **two**") == "One\n\nTwo\nA bold line\n3,230 and **two**"
    )
    assert repair("*one line* *and the next*") == "*one line and the next*"


def test_code_stays_as_it_is() -> None:
    code = "```\n---\n| a |\n|---|\n~~x~~\n```"
    assert repair(code) == code


def test_a_header_broken_over_lines_is_joined() -> None:
    broken = table(
        "| Country | Foreign | Restrictions |", "|  | Ownership | on |", "|  | Permitted |  |", "| Chile | N | 10 km |"
    )
    assert repair(broken) == table("| Country | Foreign Ownership Permitted | Restrictions on |", "| Chile | N | 10 km |")


def test_gaps_in_the_first_column_make_no_header() -> None:
    for rows in (["|  | Vienna |"], ["|  | Vienna |", "|  | Graz |"], ["|  | a |"] * 8 + ["| b | c |"]):
        gaps = table("| Region | City |", *rows)
        assert repair(gaps).count("\n") == gaps.count("\n")


def test_a_cell_broken_over_lines_is_joined() -> None:
    broken = table("| Area | Skill |", "| 2. Complexity in | 2.1 Systems |", "| sustainability |  |", "|  | 2.2 Critical |")
    joined = table("| Area | Skill |", "| 2. Complexity in sustainability | 2.1 Systems |", "|  | 2.2 Critical |")
    assert repair(broken) == joined


def test_short_cells_one_below_the_other_are_rows() -> None:
    items = table("| Kind | Name |", "| fruit | apple |", "|  | pear |", "|  | plum |")
    assert repair(items) == items


def test_a_title_over_the_columns_leaves_the_header() -> None:
    title = "Net monthly returns in AUD"
    header = f"| Year | {title} Jan | {title} Feb | {title} Mar |"
    repaired = repair(table(header, "| 2001 | 1.9 | 2.0 | 9.5 |"))
    assert repaired == f"{title}\n\n" + table("| Year | Jan | Feb | Mar |", "| 2001 | 1.9 | 2.0 | 9.5 |")
    alike = table("| A way that works | A way that fails | A way that ends |", "| 1 | 2 | 3 |")
    assert repair(alike) == alike


def test_a_bar_in_a_cell_stays_in_its_cell() -> None:
    barred = "| a | b |\n| --- | --- |\n| 1 \\| 2 | 3 |"
    assert repair(barred) == barred


def test_what_only_a_renderer_needs_is_taken_off() -> None:
    assert tidy_inspected("# A<sup>2</sup>\n\n<u>[here](http://example.org)</u>\n") == "# A2\n\nhere"


@given(st.text("|-#*~` ab:\\\n"))
def test_no_word_is_lost(page: str) -> None:
    assert sorted(c for c in repair(page) if c.isalnum()) == sorted(c for c in page if c.isalnum())
