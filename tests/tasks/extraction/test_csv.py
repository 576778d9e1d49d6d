"""Tables as text: dialects, cells that could break the table, parts, and lines without an end."""

from pathlib import Path

import pytest

from tests.tasks.extraction.test_readers import read


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "a|b\n1|2\n", "sep=;\na;b\n1;2\n", 'a,"b"\r\n1,"2"\r\n']
)
def test_csv_dialects(tmp_path: Path, content: str) -> None:
    (row,) = read(tmp_path, "csv", content.encode())
    assert row.text == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_csv_cells_cannot_break_the_table(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "csv", b'a,b\n"x|y","two\nlines"\n1,2,3\n\n')
    assert row.text == "| a | b |\n| --- | --- |\n| x\\|y | two lines |\n| 1 | 2 | 3 |"


def test_a_long_csv_comes_in_parts_that_repeat_the_header(tmp_path: Path) -> None:
    content = "name,note\n" + "".join(f"{number},value of {number}\n" for number in range(300))
    rows = read(tmp_path, "csv", content.encode(), part_characters=1000)
    assert [row.part for row in rows] == list(range(len(rows)))
    assert len(rows) > 3
    assert all(row.text and row.text.startswith("| name | note |\n| --- | --- |\n") and len(row.text) <= 1000 for row in rows)
    assert sum((row.text or "").count("value of") for row in rows) == 300


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "csv", b"a,b\n" + b"1,2," * 3_000_000, part_characters=1_000_000)
    assert (row.reason, row.detail) == ("extraction.limit", "a line of more than 1000000 characters")
