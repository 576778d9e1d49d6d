"""Word documents and presentations in the formats before 2007."""

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tasks.extraction.legacy_documents import atom, doc, ole, placeholder, ppt, style, text_box, xls_sheet
from tests.tasks.extraction.test_readers import SENTENCE, read

CELL = style(0, (0x2416, 1))
ROW_END = style(0, (0x2416, 1), (0x2417, 1))
ITEM = style(0, (0x260A, 1)) + struct.pack("<HH", 0x460B, 1)


def test_a_word_document(tmp_path: Path) -> None:
    paragraphs = [
        ("Intro\r", style(1)),
        ("See \x13 HYPERLINK \x13 IF \x14no\x15 \x14this\x15 caf\u00e9\x02 \u0416.\r", style(0)),
        ("item\r", ITEM),
        ("a\x07", CELL),
        ("b\r", CELL),
        ("c\x07", CELL),
        ("\x07", ROW_END),
        ("d\x07", CELL),
        ("\x07", CELL),
        ("\x07", ROW_END),
        ("line\x0bend\r", style(0)),
    ]
    (row,) = read(tmp_path, "doc", doc(paragraphs, notes="\x02 A note.\r"))
    assert row.text == (
        "# Intro\n\nSee this caf\u00e9 \u0416.\n\n  - item\n\n| a | b c |\n| --- | --- |\n| d |  |\n\nline\nend\n\nA note."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (doc([("x\r", style(0))], flags=0x100), "encrypted"),
        (doc([("x\r", style(0))], flags=4, version=0x68), "corrupt"),
        (ole({"WordDocument": bytes(5000)}), "corrupt"),
        (ole({"Other": b"x"}), "corrupt"),
        (xls_sheet([["x"]]), "corrupt"),
    ],
)
def test_word_documents_that_cannot_be_read(tmp_path: Path, content: bytes, reason: str) -> None:
    (row,) = read(tmp_path, "doc", content)
    assert row.reason == f"extraction.{reason}"


def test_a_piece_outside_of_the_file(tmp_path: Path) -> None:
    content = bytearray(doc([(SENTENCE + "\r", style(0))]))
    at = content.find(struct.pack("<HI", 0, 2048), 512)
    struct.pack_into("<I", content, at + 2, 1 << 28)
    (row,) = read(tmp_path, "doc", bytes(content))
    assert row.reason == "extraction.corrupt"


def summary(title: bytes, count: int = 2) -> bytes:
    """A property set with a code page and a title."""
    places = struct.pack("<IIIII", count, 1, 24, 2, 32)
    return (
        bytes(44)
        + struct.pack("<I", 48)
        + bytes(4)
        + places
        + struct.pack("<II", 2, 1251)
        + struct.pack("<II", 30, len(title))
        + title
    )


@pytest.mark.parametrize("count", [2, 0xFFFFFFFF])
def test_the_title_of_a_compound_file(tmp_path: Path, count: int) -> None:
    workbook = xls_sheet([["words"]])[512:4608]
    content = ole({"Workbook": workbook, "\x05SummaryInformation": summary(b"\xcf\xf0\0", count)})
    (row,) = read(tmp_path, "xls", content)
    assert (row.text, row.title) == ("## Prices\n\n| words |\n| --- |", "\u041f\u0440")


def test_slides(tmp_path: Path) -> None:
    first = text_box(1, "body\rmore\x0bof it") + text_box(0, "Title") + text_box(4, "*")
    second = atom(0xF00D, atom(0x0F9E, struct.pack("<i", 0), 0))
    (row,) = read(tmp_path, "ppt", ppt([first, second], [b"", placeholder(0, "From the list")], notes=text_box(2, "Say hello.")))
    assert row.text == "## Title\n\nbody\n\nmore\nof it\n\nNotes: Say hello.\x0c## From the list"
    assert (row.pages, row.pages_lost) == (2, 0)


def test_a_slide_that_is_damaged_is_counted_as_lost(tmp_path: Path) -> None:
    broken = struct.pack("<HHI", 0, 0x0FA0, 1 << 30)
    (row,) = read(tmp_path, "ppt", ppt([text_box(1, "good"), broken]))
    assert (row.text, row.pages, row.pages_lost) == ("good", 2, 1)


def test_a_presentation_that_is_encrypted(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "ppt", ppt([text_box(1, "x")], token=0xF3D1C4DF))
    assert row.reason == "extraction.encrypted"


SMALL = {
    "doc": doc([("Some words.\r", style(1)), ("item\r", ITEM), ("a\x07", CELL), ("\x07", ROW_END)]),
    "ppt": ppt([text_box(0, "Title")], notes=text_box(2, "Say hello.")),
    "xls": xls_sheet([["a", "b"]]),
}


@pytest.mark.parametrize("format_name", list(SMALL))
@given(places=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), min_size=1, max_size=20))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_give_text_or_a_reason(tmp_path: Path, format_name: str, places: list[tuple[int, int]]) -> None:
    content = bytearray(SMALL[format_name])
    for place, value in places:
        content[512 + place % (len(content) - 512)] = value
    for row in read(tmp_path, format_name, bytes(content)):
        assert (row.text is None) == (row.reason is not None)
