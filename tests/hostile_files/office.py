"""Office documents that unpack, repeat or nest without measure."""

import random
import struct
from collections.abc import Iterator

from tests.hostile_files import packages
from tests.hostile_files.case import CORRUPT, DAMAGED, EMPTY, ENCRYPTED, LIMIT, MEMORY, READ, TIME, UNSUPPORTED, Made, hostile
from tests.hostile_files.packages import ODF, SHEET, XML, W, p
from tests.hostile_files.zips import deflated, repeated, stored, write_zip, zip_of

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank."
MIB = 1 << 20


def make_office() -> Iterator[Made]:
    yield from _words()
    yield from _sheets()
    yield from _slides_and_books()
    yield from _open_documents()
    yield from _rich_text()
    yield from _ole()


def _words() -> Iterator[Made]:
    head = f'{XML}<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>'.encode()
    tail = b"</w:t></w:r></w:p></w:body></w:document>"
    text = (SENTENCE + " ").encode() * 1000
    for name, attacks, size in (("ratio", "memory: 300 MB of text in 1 MB", None), ("lie", "memory: 300 MB stated as 5,000 bytes", 5000)):
        part = repeated("word/document.xml", text, 4600, head, tail, size=size)
        document = zip_of({**packages.docx_frame(), "word/document.xml": part})
        yield hostile(f"bomb-{name}.docx", attacks, LIMIT | CORRUPT, document)
    below = repeated("word/document.xml", b"<w:p/>" * 10_000, 1000, head[:-20], b"</w:body></w:document>")
    yield hostile("bomb-below.docx", "memory: 60 MB of empty paragraphs, below the limit of the ratio", LIMIT | EMPTY | MEMORY | CORRUPT, zip_of({**packages.docx_frame(), "word/document.xml": below}), heavy=True)
    for kind, unit in (("tables", "w:tbl><w:tr><w:tc"), ("runs", "w:smartTag"), ("boxes", "w:p><w:r><w:txbxContent")):
        for depth in (80, 5000):
            ends = "".join(f"</{tag}>" for tag in reversed(unit.split("><")))
            body = f"<{unit}>" * depth + p(SENTENCE) + ends * depth
            yield hostile(f"deep-{kind}-{depth}.docx", f"recursion: {depth} nested {kind}", LIMIT | CORRUPT | READ | EMPTY, packages.docx("", body))
    span = f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>{p(SENTENCE)}</w:tc><w:tc>{p("b")}</w:tc></w:tr></w:tbl>'
    yield hostile("wide-cell.docx", "size: a cell over a billion columns", READ | LIMIT, packages.docx("", span))
    numbering = "<w:abstractNum w:abstractNumId='1'><w:lvl w:ilvl='{0}'><w:start w:val='{1}'/><w:numFmt w:val='decimal'/></w:lvl></w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='1'/></w:num>"
    styles = "<w:style w:styleId='a'><w:name w:val='a'/><w:basedOn w:val='b'/></w:style><w:style w:styleId='b'><w:name w:val='b'/><w:basedOn w:val='a'/></w:style>"
    odd = "<w:p><w:pPr><w:pStyle w:val='a'/><w:outlineLvl w:val='{0}'/><w:numPr><w:ilvl w:val='{0}'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>" + SENTENCE + "</w:t></w:r></w:p>"
    for name, number in (("digits", "9" * 5000), ("letters", "abc"), ("negative", "-99999999"), ("float", "1.5"), ("sign", "²")):
        others: packages.Parts = {
            "word/_rels/document.xml.rels": packages.relationships({"n": ("numbering", "numbering.xml"), "s": ("styles", "styles.xml")}),
            "word/numbering.xml": f'<w:numbering xmlns:w="{W}">{numbering.format(number, number)}</w:numbering>',
            "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
        }
        yield hostile(f"number-{name}.docx", "numbers that are none, and styles in a circle", READ | CORRUPT, packages.docx("", odd.format(number) + p(SENTENCE), others))
    outside = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="f" Type="x/footnotes" Target="../../../../etc/passwd"/>'
        '<Relationship Id="s" Type="x/styles" Target="file:///etc/passwd" TargetMode="External"/>'
        '<Relationship Id="n" Type="x/numbering" Target="/word/document.xml"/></Relationships>'
    )
    yield hostile("outside.docx", "parts outside the package, and a part that is the document", READ | CORRUPT, packages.docx("", p(SENTENCE), {"word/_rels/document.xml.rels": outside}))
    inner = packages.docx("", p(SENTENCE))
    for _ in range(12):
        inner = packages.docx("", p(SENTENCE), {"word/embeddings/inner.docx": stored("word/embeddings/inner.docx", inner)})
    yield hostile("nested.docx", "documents in documents, 12 levels", LIMIT | READ, inner)
    yield hostile("empty.docx", "success without text", EMPTY, packages.docx("", ""))
    yield hostile("hollow.docx", "a package without its document", CORRUPT | EMPTY, zip_of({**packages.docx_frame(), "word/other.xml": "<a/>"}))
    circle = {"[Content_Types].xml": "<Types/>", "_rels/.rels": packages.relationships({"r": ("officeDocument", "_rels/.rels")}), "word/document.xml": "<a/>"}
    yield hostile("circle.docx", "relationships that point to themselves", CORRUPT | EMPTY, zip_of(circle))


def _sheets() -> Iterator[Made]:
    def sheet(rows: str, after: str = "") -> str:
        return f'{XML}<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData>{after}</worksheet>'

    def cell(name: str, text: str) -> str:
        return f'<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>'

    corners = sheet(f'<row r="1">{cell("A1", SENTENCE)}</row><row r="1048576">{cell("XFD1048576", "end")}</row>')
    yield hostile("sparse.xlsx", "size: the first cell and the last of 17 billion", READ | LIMIT, packages.xlsx_of(corners))
    diagonal = "".join(f'<row r="{at * 600}">{cell(f"{chr(64 + at % 26 + 1)}{chr(65 + at % 26)}{at * 600}", "x")}</row>' for at in range(1, 1700))
    yield hostile("diagonal.xlsx", "size: a cell in every 600th row, each further right", READ | LIMIT, packages.xlsx_of(sheet(diagonal)))
    odd = sheet(f'<row r="99999999999">{cell("A0", SENTENCE)}{cell("ZZZZZZ1", "far")}{cell("A99999999999", "x")}{cell("!", "y")}</row>')
    yield hostile("addresses.xlsx", "addresses of cells that no sheet has", READ | LIMIT | CORRUPT | EMPTY, packages.xlsx_of(odd))
    head = f'{XML}<worksheet xmlns="{SHEET}"><sheetData>'.encode()
    row = b"<row>" + b'<c t="inlineStr"><is><t>word</t></is></c>' * 2 + b"</row>"
    many = repeated("xl/worksheets/sheet1.xml", row * 1000, 1000, head, b"</sheetData></worksheet>")
    yield hostile("million-rows.xlsx", "time: a million rows in 0.3 MB", READ | LIMIT | TIME | MEMORY, packages.xlsx_of(many), heavy=True)
    rows = repeated("xl/worksheets/sheet1.xml", row * 1000, 100, head, b"</sheetData></worksheet>")
    yield hostile("many-rows.xlsx", "time: 100,000 rows in 40 KB", READ | LIMIT, packages.xlsx_of(rows))
    long = f'{XML}<sst xmlns="{SHEET}"><si><t>{SENTENCE * 3000}</t></si></sst>'
    uses = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 20_001))
    yield hostile("amplified.xlsx", "size: one string of 200 KB in 20,000 cells, 4 GB", LIMIT | MEMORY | TIME, packages.xlsx_of(sheet(uses), long))
    item = f"<si><t>{SENTENCE}</t></si>".encode() * 1000
    strings = repeated("xl/sharedStrings.xml", item, 700, f'{XML}<sst xmlns="{SHEET}">'.encode(), b"</sst>")
    one = sheet('<row r="1"><c r="A1" t="s"><v>699999</v></c><c r="B1" t="s"><v>9999999999</v></c><c r="C1" t="s"><v>-1</v></c></row>')
    yield hostile("strings.xlsx", "memory: 700,000 shared strings, of which one is used", READ | LIMIT | MEMORY | CORRUPT, packages.xlsx_of(one, strings), heavy=True)
    merged = sheet(f'<row r="1">{cell("A1", SENTENCE)}</row>', '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    yield hostile("merged-all.xlsx", "size: all cells of a sheet are one", READ | LIMIT, packages.xlsx_of(merged))
    merge = repeated("xl/worksheets/sheet1.xml", b'<mergeCell ref="A1:B2"/>' * 1000, 2000, sheet(f'<row r="1">{cell("A1", SENTENCE)}</row>', "<mergeCells>").encode().removesuffix(b"</worksheet>"), b"</mergeCells></worksheet>")
    yield hostile("merged-many.xlsx", "time: two million merged cells", READ | LIMIT | MEMORY | TIME | CORRUPT, packages.xlsx_of(merge), heavy=True)
    yield hostile("empty.xlsx", "success without text", EMPTY, packages.xlsx_of(sheet("")))
    rich = sheet('<row r="1"><c r="A1" t="inlineStr"><is>' + "<r>" * 5000 + f"<t>{SENTENCE}</t>" + "</r>" * 5000 + "</is></c></row>")
    yield hostile("deep.xlsx", "recursion: 5,000 nested runs in a cell", READ | LIMIT | CORRUPT | EMPTY, packages.xlsx_of(rich))


def _slides_and_books() -> Iterator[Made]:
    page = packages.pptx("", packages.shape(SENTENCE * 3000), uses=50_000)
    yield hostile("amplified.pptx", "size: one slide of 200 KB shown 50,000 times, 10 GB", LIMIT | MEMORY | TIME, page)
    deep = "<p:grpSp>" * 5000 + packages.shape(SENTENCE) + "</p:grpSp>" * 5000
    yield hostile("deep.pptx", "recursion: 5,000 nested groups", LIMIT | CORRUPT | EMPTY | READ, packages.pptx("", deep))
    level = f'<p:sp><p:txBody><a:p><a:pPr lvl="999999999"/><a:r><a:t>{SENTENCE}</a:t></a:r></a:p></p:txBody></p:sp>'
    yield hostile("level.pptx", "size: a list item a billion levels deep", READ | LIMIT | CORRUPT, packages.pptx("", level))
    yield hostile("empty.pptx", "success without text", EMPTY, packages.pptx("", ""))
    chapter = f'{XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>{{}}</body></html>'.format
    book = packages.epub(chapter(f"<p>{SENTENCE * 3000}</p>").encode(), uses=50_000)
    yield hostile("amplified.epub", "size: one chapter of 200 KB read 50,000 times, 10 GB", LIMIT | MEMORY | TIME | CORRUPT | READ, book)
    deep = chapter("<div>" * 50_000 + SENTENCE + "</div>" * 50_000)
    yield hostile("deep.epub", "recursion: 50,000 nested elements", LIMIT | CORRUPT | EMPTY | READ, packages.epub(deep.encode()))
    for path in ("../../../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "missing.xhtml"):
        name = f"outside-{len(path)}.epub"
        yield hostile(name, f"a chapter outside the book: {path}", CORRUPT | EMPTY | LIMIT | READ, packages.epub(chapter(f"<p>{SENTENCE}</p>").encode(), path=path))


def _open_documents() -> Iterator[Made]:
    spaces = f'<text:p>{SENTENCE}<text:s text:c="2000000000"/>end</text:p>'
    yield hostile("spaces.odt", "memory: two billion spaces in one element", READ | LIMIT, packages.odt("", spaces))
    many = f'<text:p>{SENTENCE}</text:p>' + '<text:p>a<text:s text:c="10000000"/></text:p>' * 1000
    yield hostile("spaces-many.odt", "memory: ten billion spaces in a thousand elements", READ | LIMIT, packages.odt("", many))
    for depth in (100, 5000):
        deep = "<text:section>" * depth + f"<text:p>{SENTENCE}</text:p>" + "</text:section>" * depth
        yield hostile(f"deep-{depth}.odt", f"recursion: {depth} nested sections", LIMIT | CORRUPT | READ | EMPTY, packages.odt("", deep))
    cell = f'<table:table-cell table:number-columns-repeated="{{}}"><text:p>{SENTENCE}</text:p></table:table-cell>'.format
    row = '<table:table-row table:number-rows-repeated="{}">{}</table:table-row>'.format
    table = "<table:table>{}</table:table>".format
    full = table(row(1_048_576, cell(16_384)))
    empty = table(row(1, cell(1)) + row(1_048_575, '<table:table-cell table:number-columns-repeated="16384"/>'))
    huge = table(row("9" * 30, cell("9" * 5000)) + row("-1", cell("abc")))
    spreadsheets = UNSUPPORTED | LIMIT | MEMORY | TIME
    yield hostile("repeated.ods", "size: 17 billion cells in one element", spreadsheets, packages.open_document("spreadsheet", "", full))
    yield hostile("repeated-empty.ods", "size: 17 billion empty cells", UNSUPPORTED | LIMIT | READ, packages.open_document("spreadsheet", "", empty))
    yield hostile("repeated-odd.ods", "numbers of repetitions that are none", UNSUPPORTED | LIMIT | READ | CORRUPT, packages.open_document("spreadsheet", "", huge))
    yield hostile("repeated.odt", "size: 17 billion cells in a text's table", LIMIT | MEMORY | TIME | READ, packages.odt("", full))
    yield hostile("empty.odt", "success without text", EMPTY, packages.odt("", ""))
    slides = "<draw:page>" + "<draw:g>" * 5000 + f"<draw:frame><draw:text-box><text:p>{SENTENCE}</text:p></draw:text-box></draw:frame>" + "</draw:g>" * 5000 + "</draw:page>"
    yield hostile("deep.odp", "recursion: 5,000 nested groups", UNSUPPORTED | LIMIT | CORRUPT | READ | EMPTY, packages.open_document("presentation", "", slides))
    locked = write_zip(
        [
            stored("mimetype", b"application/vnd.oasis.opendocument.text"),
            deflated("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0"><manifest:encryption-data/></manifest:manifest>'.encode()),
            stored("content.xml", random.Random(5).randbytes(500)),
        ]
    )
    yield hostile("locked.odt", "a password", ENCRYPTED, locked)


def _rich_text() -> Iterator[Made]:
    text = SENTENCE
    for name, attacks, content in (
        ("deep", "recursion: 500,000 nested groups", "{\\rtf1 " + "{\\b " * 500_000 + text + "}" * 500_001),
        ("open", "recursion: 500,000 groups never closed", "{\\rtf1 " + text + "{" * 500_000),
        ("close", "300,000 ends without a beginning", "{\\rtf1 " + text + "}" * 300_000),
        ("binary", "memory: two billion bytes of binary data", "{\\rtf1 " + text + "{\\bin2147483647 x}}"),
        ("binary-negative", "binary data of a negative size", "{\\rtf1 " + text + "{\\bin-2147483648 x}" + text + "}"),
        ("numbers", "numbers that no word takes", "{\\rtf1\\uc99999999999 \\u99999999999 \\'zz \\fs" + "9" * 5000 + " " + text + "}"),
        ("words", "time: a million control words", "{\\rtf1 " + "\\b\\i" * 500_000 + " " + text + "}"),
        ("skipped", "memory: characters to skip after each one", "{\\rtf1\\uc65535 " + "\\u8364 ?" * 50_000 + text + "}"),
        ("tables", "size: rows of tables in tables", "{\\rtf1 \\itap1000000\\trowd" + "\\cellx1" * 50_000 + "\\pard\\intbl a" + "\\cell" * 50_000 + "\\row " + text + "}"),
        ("picture", "memory: a picture of 4 MB", "{\\rtf1 " + text + "{\\pict\\pngblip " + "89504e47" * 500_000 + "}}"),
        ("object", "an object that fetches a file", "{\\rtf1 " + text + "{\\field{\\*\\fldinst INCLUDETEXT \"/etc/passwd\"}{\\fldrslt }}}"),
        ("surrogates", "halves of characters", "{\\rtf1 " + text + "\\u-10179?\\u-10179?\\u-8704?}"),
    ):
        yield hostile(f"{name}.rtf", attacks, READ | LIMIT | CORRUPT | EMPTY, content)


def _ole() -> Iterator[Made]:
    """Containers of old Office documents (MS-CFB): written by hand, as small as they can be."""
    package = _compound([("EncryptedPackage", 2, 0xFFFFFFFE), ("EncryptionInfo", 2, 0xFFFFFFFE)])
    for name in ("locked.docx", "locked.xlsx", "locked.pptx"):
        yield hostile(name, "a password", ENCRYPTED, package)
    for name, stream in (("hollow.doc", "WordDocument"), ("hollow.xls", "Workbook"), ("hollow.ppt", "PowerPoint Document"), ("hollow.msg", "__properties_version1.0")):
        content = _compound([(stream, 2, 0xFFFFFFFE)])
        yield hostile(name, "a container whose stream is empty", UNSUPPORTED | CORRUPT | EMPTY | LIMIT, content)
        far = _compound([(stream, 2, 0x7FFFFFF0)], size=0x7FFFFFFF)
        yield hostile(f"far-{name}", "a stream that begins and ends outside the file", DAMAGED, far)
        yield hostile(f"loop-{name}", "a chain of sectors that never ends, 2 GB long", DAMAGED, _compound([(stream, 2, 2)], size=0x7FFFFFFF, loop=True))
    circle = _compound([("A", 1, 0)], child=1)
    yield hostile("circle.doc", "a folder that contains itself", DAMAGED, circle)
    yield hostile("random.doc", "random bytes behind a signature", DAMAGED, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(6).randbytes(8000))
    yield hostile("cut.xls", "a container that ends in its header", DAMAGED, package[:300])


def _compound(entries: list[tuple[str, int, int]], size: int = 0, loop: bool = False, child: int | None = None) -> bytes:
    """A compound file of one sector of table, one of directory and one of data. entries: name, kind, first sector."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<5H6x9L", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 0x1000, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head = head.ljust(76, b"\0") + struct.pack("<L", 0) + b"\xff" * (512 - 80)
    table = struct.pack("<3L", 0xFFFFFFFD, 0xFFFFFFFE, 2 if loop else 0xFFFFFFFE).ljust(512, b"\xff")
    directory = _directory_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)
    for number, (name, kind, start) in enumerate(entries, start=1):
        right = number + 1 if number < len(entries) else 0xFFFFFFFF
        directory += _directory_entry(name, kind, start, size, right=right, child=0xFFFFFFFF if child is None else child)
    return head + table + directory.ljust(512, b"\0") + bytes(512)


def _directory_entry(name: str, kind: int, start: int, size: int, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBB3L", len(encoded), kind, 1, 0xFFFFFFFF, right, child)
    return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<LQ", start, size)
