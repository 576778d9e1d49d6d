"""Spreadsheets in four formats: values as they are shown, sparse and long sheets, damage."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.extraction.office.sheets import NumberFormat, built_in_format, number_format, sheet_tables, show_number
from tests.tasks.extraction import documents, legacy_documents
from tests.tasks.extraction.legacy_documents import record, wide, wide_record
from tests.tasks.extraction.test_readers import read

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHOWN = "## Prices\n\n| name | day | share |\n| --- | --- | --- |\n| fox | 2024-01-31 | 50% |"
DAY = 45322.0


def xlsx(rows: str, strings: str = "", styles: str = "", workbook: str = "") -> bytes:
    """A workbook of the XML of its rows, shared strings and cell styles."""
    parts = documents.unzipped(documents.xlsx([]))
    parts["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'.encode()
    parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'.encode()
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<sheets>", workbook.encode() + b"<sheets>")
    parts["xl/_rels/workbook.xml.rels"] = documents.relationships(
        {
            "r1": ("worksheet", "worksheets/sheet1.xml"),
            "r2": ("sharedStrings", "sharedStrings.xml"),
            "r3": ("styles", "styles.xml"),
        }
    ).encode()
    return documents.zipped(parts)


STYLES = '<numFmts><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>{}</cellXfs>'


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("General", 1.0, "1"),
        ("General", 0.1 + 0.2, "0.3"),
        ("General", 1e20, "1e+20"),
        ("0.00%", 0.12345, "12.35%"),
        ("0%", 1.0, "100%"),
        ('yyyy\\-mm\\-dd;@"day"', DAY, "2024-01-31"),
        ("[$-409]d/m/yy h:mm AM/PM;@", DAY + 0.5, "2024-01-31 12:00"),
        ("mmm yy", DAY, "2024-01-31"),
        ("h:mm:ss", 0.5 + 1 / 86400, "12:00:01"),
        ("[h]:mm", 1.5, "36:00:00"),
        ("[Red]#,##0.00 \\d", 3.5, "3.5"),
        ('#,##0 "days"', 3.0, "3"),
        ('_-* #,##0.00\\ "\u20ac"_-', 28.4, "28.4"),
        ("d/m/yy", -1.0, "-1"),
        ("d/m/yy", 1e300, "1e+300"),
    ],
)
def test_numbers_are_shown_as_their_format_says(code: str, value: float, shown: str) -> None:
    assert show_number(value, number_format(code)) == shown


def test_days_are_counted_from_where_the_workbook_says() -> None:
    day = NumberFormat("moment", date=True)
    assert show_number(0, day, 1904) == "1904-01-01"
    assert show_number(61, day) == "1900-03-01"
    assert show_number(1, day) == "1900-01-01"


@given(st.floats(), st.integers(0, 60), st.sampled_from([1900, 1904]))
def test_any_number_can_be_shown(value: float, number: int, epoch: int) -> None:
    assert show_number(value, built_in_format(number), epoch)


@given(st.text('[]"\\;hmsyd0#.%_* ', max_size=30))
def test_any_code_is_a_format(code: str) -> None:
    assert show_number(0.5, number_format(code))


@given(
    st.lists(st.dictionaries(st.integers(0, 16_383), st.text("ab", min_size=1, max_size=5), max_size=4), max_size=40),
    st.integers(200, 2000),
)
def test_sheets_keep_their_cells_and_their_bound(rows: list[dict[int, str]], limit: int) -> None:
    filled = [row for row in rows if row]
    tables = list(sheet_tables("S", rows, limit))
    body = [line for table in tables for line in table.split("\n")[4:]]
    assert len(body) == max(0, len(filled) - 1)
    assert sorted(cell for line in body for cell in line[2:-2].split(" | ") if cell.strip()) == sorted(
        text for row in filled[1:] for text in row.values()
    )
    assert all(len(table) <= limit + 100 for table in tables)


def test_values_of_a_workbook(tmp_path: Path) -> None:
    strings = "<si><r><t>na</t></r><r><t>me</t></r><rPh><t>unread</t></rPh></si><si><t>day</t></si><si><t>share</t></si>"
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>'
        '<row r="9"><c t="str"><f>A1</f><v>fox</v></c><c s="1"><v>45322</v></c><c s="2"><v>0.5</v></c></row>'
    )
    (row,) = read(tmp_path, "xlsx", xlsx(rows, strings, STYLES.format('<xf numFmtId="9"/>')))
    assert (row.text, row.pages, row.pages_lost) == (SHOWN, 1, 0)
    more = '<row><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c s="2"><v>0.125</v></c><c s="1"><v>0</v></c></row>'
    styled = STYLES.format('<xf numFmtId="164"/>')
    (row,) = read(tmp_path, "xlsx", xlsx(more, styles=styled, workbook='<workbookPr date1904="1"/>'))
    assert row.text == "## Prices\n\n| TRUE | #N/A | 12.5% | 1904-01-01 |\n| --- | --- | --- | --- |"


def test_a_sparse_sheet_is_as_small_as_its_content(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    (row,) = read(tmp_path, "xlsx", xlsx(rows))
    assert row.text == "## Prices\n\n| 1 |  |\n| --- | --- |\n|  | 2 |"


def test_a_long_sheet_repeats_its_header(tmp_path: Path) -> None:
    content = documents.xlsx([["name", "note"], *([f"n{number}", f"value of {number}"] for number in range(300))])
    rows = read(tmp_path, "xlsx", content, part_characters=1000)
    assert len(rows) > 3
    assert all((row.text or "").startswith("## Prices\n\n| name | note |\n| --- | --- |\n") for row in rows)
    assert all(len(row.text or "") <= 1000 and row.pages == 1 for row in rows)
    assert sum((row.text or "").count("value of") for row in rows) == 300


@pytest.mark.parametrize(
    "rows",
    ['<row><c t="s"><v>7</v></c></row>', '<row><c r="XFE1"><v>7</v></c></row>', '<row><c t="s"><v>x</v></c></row>'],
)
def test_a_cell_that_cannot_be(tmp_path: Path, rows: str) -> None:
    (row,) = read(tmp_path, "xlsx", xlsx(rows))
    assert row.reason == "extraction.corrupt"


def test_values_of_a_binary_workbook(tmp_path: Path) -> None:
    head = b"".join(wide_record(7, struct.pack("<III", column, 0, column)) for column in range(3))
    values = (
        wide_record(8, struct.pack("<II", 0, 0) + wide("fox"))
        + wide_record(5, struct.pack("<IId", 1, 1, DAY))
        + wide_record(2, struct.pack("<III", 2, 2, 50 << 2 | 3))
    )
    row = wide_record(0, bytes(17))
    (found,) = read(tmp_path, "xlsb", legacy_documents.xlsb(row + head + row + values, ["name", "day", "share"]))
    assert (found.text, found.pages, found.pages_lost) == (SHOWN, 1, 0)


@pytest.mark.parametrize("cell", [struct.pack("<III", 20_000, 0, 0), struct.pack("<III", 0, 0, 9), b"\0"])
def test_a_cell_that_cannot_be_in_a_binary_workbook(tmp_path: Path, cell: bytes) -> None:
    (row,) = read(tmp_path, "xlsb", legacy_documents.xlsb(wide_record(7, cell)))
    assert row.reason == "extraction.corrupt"


def test_values_of_an_old_workbook(tmp_path: Path) -> None:
    # The second string is cut within its characters, which go on in the other width, and the third between strings.
    pieces = [struct.pack("<HB4sHB", 4, 0, b"name", 3, 0) + b"d", b"\x01a\0y\0", struct.pack("<HBH", 5, 8, 1) + b"share\1\2\3\4"]
    cells = (
        b"".join(record(0xFD, struct.pack("<HHHI", 0, column, 0, column)) for column in range(3))
        + record(0x06, struct.pack("<HHH", 1, 0, 0) + b"\0\0\0\0\0\0\xff\xff" + bytes(8))
        + record(0x207, struct.pack("<HB", 3, 0) + b"fox")
        + record(0xBD, struct.pack("<HHHIHIH", 1, 1, 1, int(DAY) << 2 | 2, 2, 50 << 2 | 3, 2))
    )
    (row,) = read(tmp_path, "xls", legacy_documents.xls(cells, legacy_documents.shared_strings(pieces, 3)))
    assert (row.text, row.pages, row.pages_lost) == (SHOWN, 1, 0)


def test_an_old_workbook_that_is_encrypted(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "xls", legacy_documents.xls(b"", extra=record(0x2F, bytes(54))))
    assert row.reason == "extraction.encrypted"


@pytest.mark.parametrize("cells", [record(0xFD, struct.pack("<HHHI", 0, 0, 0, 9)), struct.pack("<HH", 0x203, 60_000)])
def test_a_record_that_cannot_be(tmp_path: Path, cells: bytes) -> None:
    (row,) = read(tmp_path, "xls", legacy_documents.xls(cells))
    assert row.reason == "extraction.corrupt"


def test_values_of_an_opendocument_sheet(tmp_path: Path) -> None:
    day = '<table:table-cell office:value-type="date" office:date-value="2024-01-31"><text:p>31.01.24</text:p></table:table-cell>'
    share = '<table:table-cell office:value-type="percentage" office:value="0.5"><text:p>50%</text:p></table:table-cell>'
    gap = '<table:table-cell table:number-columns-repeated="16000"/>'
    (row,) = read(tmp_path, "ods", documents.ods([["name", "day", "share", gap], [gap], ["fox", day, share]]))
    assert (row.text, row.pages, row.pages_lost) == (SHOWN, 1, 0)


def test_repeated_cells_are_bounded(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="999999999"><text:p>x</text:p></table:table-cell>'
    content = documents.unzipped(documents.ods([[cell]]))
    content["content.xml"] = content["content.xml"].replace(
        b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1048576">'
    )
    (row,) = read(tmp_path, "ods", documents.zipped(content), part_characters=100_000, max_parts=3)
    assert row.reason == "extraction.limit"
