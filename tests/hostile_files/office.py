"""Workbooks, presentations, books and OpenDocument files that unpack, repeat or nest without measure."""

import random
from collections.abc import Iterator

from tests.hostile_files import packages
from tests.hostile_files.case import CORRUPT, EMPTY, ENCRYPTED, LIMIT, MEMORY, READ, TIME, UNSUPPORTED, Made, hostile
from tests.hostile_files.packages import ODF, SHEET, XML
from tests.hostile_files.zips import deflated, repeated, stored, write_zip

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank."
MIB = 1 << 20


def make_office() -> Iterator[Made]:
    yield from _sheets()
    yield from _slides_and_books()
    yield from _open_documents()


def _sheets() -> Iterator[Made]:
    def sheet(rows: str, after: str = "") -> str:
        return f'{XML}<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData>{after}</worksheet>'

    def cell(name: str, text: str) -> str:
        return f'<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>'

    corners = sheet(f'<row r="1">{cell("A1", SENTENCE)}</row><row r="1048576">{cell("XFD1048576", "end")}</row>')
    yield hostile("sparse.xlsx", "size: the first cell and the last of 17 billion", READ | LIMIT, packages.xlsx_of(corners))
    diagonal = "".join(
        f'<row r="{at * 600}">{cell(f"{chr(64 + at % 26 + 1)}{chr(65 + at % 26)}{at * 600}", "x")}</row>' for at in range(1, 1700)
    )
    yield hostile(
        "diagonal.xlsx", "size: a cell in every 600th row, each further right", READ | LIMIT, packages.xlsx_of(sheet(diagonal))
    )
    odd = sheet(
        f'<row r="99999999999">{cell("A0", SENTENCE)}{cell("ZZZZZZ1", "far")}{cell("A99999999999", "x")}{cell("!", "y")}</row>'
    )
    yield hostile("addresses.xlsx", "addresses of cells that no sheet has", READ | LIMIT | CORRUPT | EMPTY, packages.xlsx_of(odd))
    head = f'{XML}<worksheet xmlns="{SHEET}"><sheetData>'.encode()
    row = b"<row>" + b'<c t="inlineStr"><is><t>word</t></is></c>' * 2 + b"</row>"
    many = repeated("xl/worksheets/sheet1.xml", row * 1000, 1000, head, b"</sheetData></worksheet>")
    padding = stored("docProps/thumbnail.jpeg", random.Random(9).randbytes(MIB))  # takes the ratio below every limit
    workbook = packages.xlsx_of(many, others={"docProps/thumbnail.jpeg": padding})
    yield hostile("million-rows.xlsx", "time: a million rows in 0.4 MB, padded", READ | LIMIT, workbook, heavy=True)
    rows = repeated("xl/worksheets/sheet1.xml", row * 1000, 100, head, b"</sheetData></worksheet>")
    yield hostile("many-rows.xlsx", "time: 100,000 rows in 40 KB", READ | LIMIT, packages.xlsx_of(rows))
    long = f'{XML}<sst xmlns="{SHEET}"><si><t>{SENTENCE * 3000}</t></si></sst>'
    uses = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 20_001))
    yield hostile(
        "amplified.xlsx",
        "size: one string of 200 KB in 20,000 cells, 4 GB",
        LIMIT,
        packages.xlsx_of(sheet(uses), long),
    )
    item = f"<si><t>{SENTENCE}</t></si>".encode() * 1000
    strings = repeated("xl/sharedStrings.xml", item, 700, f'{XML}<sst xmlns="{SHEET}">'.encode(), b"</sst>")
    one = sheet('<row r="1"><c r="A1" t="s"><v>699999</v></c></row>')
    yield hostile(
        "strings.xlsx",
        "memory: 700,000 shared strings, of which one is used",
        READ | LIMIT,
        packages.xlsx_of(one, strings),
        heavy=True,
    )
    few = f'{XML}<sst xmlns="{SHEET}"><si><t>{SENTENCE}</t></si></sst>'
    wrong = "".join(
        f'<c r="{chr(66 + at)}1" t="s"><v>{number}</v></c>' for at, number in enumerate(("9999999999", "-1", "x", ""))
    )
    misled = sheet(f'<row r="1"><c r="A1" t="s"><v>0</v></c>{wrong}</row>')
    yield hostile("strings-wrong.xlsx", "shared strings that are not there", READ | CORRUPT, packages.xlsx_of(misled, few))
    merged = sheet(f'<row r="1">{cell("A1", SENTENCE)}</row>', '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    yield hostile("merged-all.xlsx", "size: all cells of a sheet are one", READ | LIMIT, packages.xlsx_of(merged))
    merge = repeated(
        "xl/worksheets/sheet1.xml",
        b'<mergeCell ref="A1:B2"/>' * 1000,
        2000,
        sheet(f'<row r="1">{cell("A1", SENTENCE)}</row>', "<mergeCells>").encode().removesuffix(b"</worksheet>"),
        b"</mergeCells></worksheet>",
    )
    yield hostile(
        "merged-many.xlsx",
        "time: two million merged cells",
        READ | LIMIT | MEMORY | TIME | CORRUPT,
        packages.xlsx_of(merge, others={"docProps/thumbnail.jpeg": padding}),
        heavy=True,
    )
    yield hostile("empty.xlsx", "success without text", EMPTY, packages.xlsx_of(sheet("")))
    rich = sheet(
        '<row r="1"><c r="A1" t="inlineStr"><is>' + "<r>" * 5000 + f"<t>{SENTENCE}</t>" + "</r>" * 5000 + "</is></c></row>"
    )
    yield hostile("deep.xlsx", "recursion: 5,000 nested runs in a cell", READ | LIMIT | CORRUPT | EMPTY, packages.xlsx_of(rich))


def _slides_and_books() -> Iterator[Made]:
    page = packages.pptx("", packages.shape(SENTENCE * 3000), uses=50_000)
    yield hostile("amplified.pptx", "size: one slide of 200 KB shown 50,000 times, 10 GB", LIMIT, page)
    deep = "<p:grpSp>" * 5000 + packages.shape(SENTENCE) + "</p:grpSp>" * 5000
    yield hostile("deep.pptx", "recursion: 5,000 nested groups", LIMIT | CORRUPT | EMPTY | READ, packages.pptx("", deep))
    level = f'<p:sp><p:txBody><a:p><a:pPr lvl="999999999"/><a:r><a:t>{SENTENCE}</a:t></a:r></a:p></p:txBody></p:sp>'
    yield hostile("level.pptx", "size: a list item a billion levels deep", READ | LIMIT | CORRUPT, packages.pptx("", level))
    yield hostile("empty.pptx", "success without text", EMPTY, packages.pptx("", ""))
    chapter = f'{XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>{{}}</body></html>'.format
    book = packages.epub(chapter(f"<p>{SENTENCE * 3000}</p>").encode(), uses=50_000)
    yield hostile("amplified.epub", "size: one chapter of 200 KB read 50,000 times, 10 GB", LIMIT | CORRUPT | READ, book)
    deep = chapter("<div>" * 50_000 + SENTENCE + "</div>" * 50_000)
    yield hostile("deep.epub", "recursion: 50,000 nested elements", LIMIT | CORRUPT | EMPTY | READ, packages.epub(deep.encode()))
    for path in (
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "missing.xhtml",
    ):
        name = f"outside-{len(path)}.epub"
        yield hostile(
            name,
            f"a chapter outside the book: {path}",
            CORRUPT | EMPTY | LIMIT | READ,
            packages.epub(chapter(f"<p>{SENTENCE}</p>").encode(), path=path),
        )


def _open_documents() -> Iterator[Made]:
    spaces = f'<text:p>{SENTENCE}<text:s text:c="2000000000"/>end</text:p>'
    yield hostile("spaces.odt", "memory: two billion spaces in one element", READ | LIMIT, packages.odt("", spaces))
    many = f"<text:p>{SENTENCE}</text:p>" + '<text:p>a<text:s text:c="10000000"/></text:p>' * 1000
    yield hostile("spaces-many.odt", "memory: ten billion spaces in a thousand elements", READ | LIMIT, packages.odt("", many))
    for depth in (100, 5000):
        deep = "<text:section>" * depth + f"<text:p>{SENTENCE}</text:p>" + "</text:section>" * depth
        yield hostile(
            f"deep-{depth}.odt", f"recursion: {depth} nested sections", LIMIT | CORRUPT | READ | EMPTY, packages.odt("", deep)
        )
    cell = f'<table:table-cell table:number-columns-repeated="{{}}"><text:p>{SENTENCE}</text:p></table:table-cell>'.format
    row = '<table:table-row table:number-rows-repeated="{}">{}</table:table-row>'.format
    table = "<table:table>{}</table:table>".format
    full = table(row(1_048_576, cell(16_384)))
    empty = table(row(1, cell(1)) + row(1_048_575, '<table:table-cell table:number-columns-repeated="16384"/>'))
    huge = table(row("9" * 30, cell("9" * 5000)) + row("-1", cell("abc")))
    spreadsheets = UNSUPPORTED | LIMIT | MEMORY | TIME
    yield hostile(
        "repeated.ods", "size: 17 billion cells in one element", spreadsheets, packages.open_document("spreadsheet", "", full)
    )
    yield hostile(
        "repeated-empty.ods",
        "size: 17 billion empty cells",
        UNSUPPORTED | LIMIT | READ,
        packages.open_document("spreadsheet", "", empty),
    )
    yield hostile(
        "repeated-odd.ods",
        "numbers of repetitions that are none",
        UNSUPPORTED | LIMIT | READ | CORRUPT,
        packages.open_document("spreadsheet", "", huge),
    )
    yield hostile(
        "repeated.odt", "size: 17 billion cells in a text's table", LIMIT | MEMORY | TIME | READ, packages.odt("", full)
    )
    yield hostile("empty.odt", "success without text", EMPTY, packages.odt("", ""))
    slides = (
        "<draw:page>"
        + "<draw:g>" * 5000
        + f"<draw:frame><draw:text-box><text:p>{SENTENCE}</text:p></draw:text-box></draw:frame>"
        + "</draw:g>" * 5000
        + "</draw:page>"
    )
    yield hostile(
        "deep.odp",
        "recursion: 5,000 nested groups",
        UNSUPPORTED | LIMIT | CORRUPT | READ | EMPTY,
        packages.open_document("presentation", "", slides),
    )
    locked = write_zip(
        [
            stored("mimetype", b"application/vnd.oasis.opendocument.text"),
            deflated(
                "META-INF/manifest.xml",
                f'<m:manifest xmlns:m="{ODF}:manifest:1.0"><m:encryption-data/></m:manifest>'.encode(),
            ),
            stored("content.xml", random.Random(5).randbytes(500)),
        ]
    )
    yield hostile("locked.odt", "a password", ENCRYPTED, locked)
