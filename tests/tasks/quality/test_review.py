"""What is shown of a text obeys the terminal's width and never steers it; what is asked first lies near the threshold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.quality.review import find_candidates, name_documents, sanitise, show_rows
from tasks.storage.parquet import write_table
from tasks.storage.schemas import QUALITY

HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("\x1b\x9b\x07\r\n\t \u202e\u2066\u200b\u2028\ud800漢")), max_size=200
)


def cells(row: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in row)


@given(HOSTILE)
def test_no_control_character_is_left(text: str) -> None:
    shown = sanitise(text)
    assert {unicodedata.category(char) for char in shown if char not in "\n\u200c\u200d"}.isdisjoint(
        {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    shown.encode()


@pytest.mark.parametrize("text", ["Größe, naïve \u2013 \u201cso\u201d", "سلام، می‌روم", "नमस्ते", "漢字かな", "🙂 fine"])
def test_what_people_write_stays(text: str) -> None:
    assert sanitise(text) == text


@given(HOSTILE, st.integers(2, 20))
def test_rows_fit_and_nothing_is_lost(text: str, width: int) -> None:
    rows = show_rows(text, 0, 1000, width)
    assert all(cells(row) <= width for row in rows)
    assert "".join("".join(rows).split()) == "".join(sanitise(text).split())


@given(HOSTILE, st.integers(2, 20), st.integers(1, 5))
def test_page_after_page_shows_the_whole_text(text: str, width: int, count: int) -> None:
    paged: list[str] = []
    while page := show_rows(text, len(paged), count, width):
        paged += page
    assert paged == show_rows(text, 0, 1000, width)


def test_rows_break_at_spaces() -> None:
    assert show_rows("one two three four\n\nfive", 0, 9, 10) == ["one two", "three four", "", "five"]


def test_kept_rejected_and_audited_take_turns_each_nearest_first() -> None:
    def row(digit: str, score: float | None, reason: str | None = None, audit: bool = False) -> dict[str, object]:
        return {"document_id": digit * 64, "part": 0, "score": score, "audit": audit, "reason": reason, "detail": None}

    rows = [
        row("1", 0.9),
        row("2", 0.5),
        row("3", 0.1, "quality.score"),
        row("4", 0.38, "quality.score"),
        row("5", None, "quality.length.min_words"),
        row("6", 0.7, "quality.c4.lorem", audit=True),
        row("7", 0.41),
    ]
    found = find_candidates([{"quality": write_table("q.parquet", rows, QUALITY)}, {}], 0.4, {("7" * 64, 0)})
    assert "".join(each.document_id[0] for each in found) == "24613"


def test_a_document_is_called_by_its_id_its_paths_and_their_ends() -> None:
    rows = [
        {"document_id": "a" * 64, "path": "/docs/x.zip!/in/a.txt", "aliases": ["/copies/b.txt"]},
        {"document_id": "c" * 64, "path": "/docs/a.txt", "aliases": []},
    ]
    names = name_documents(rows)
    assert names["a" * 64] == names["/docs/x.zip!/in/a.txt"] == names["in/a.txt"] == names["b.txt"] == {"a" * 64}
    assert names["a.txt"] == {"a" * 64, "c" * 64}
    assert ".txt" not in names
