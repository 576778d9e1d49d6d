"""Documents of word processors: Word's packages and Rich Text."""

import bz2
from collections.abc import Iterator

from tests.hostile_files import packages
from tests.hostile_files.case import CORRUPT, EMPTY, LIMIT, MEMORY, READ, TIME, Made, hostile
from tests.hostile_files.packages import XML, W, p
from tests.hostile_files.zips import Member, repeated, stored, zip_of
from tests.tasks.extraction.documents import relationships

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank."
MIB = 1 << 20


def make_words() -> Iterator[Made]:
    yield from _words()
    yield from _rich_text()


def _words() -> Iterator[Made]:
    head = f'{XML}<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>'.encode()
    tail = b"</w:t></w:r></w:p></w:body></w:document>"
    text = (SENTENCE + " ").encode() * 1000
    for name, attacks, size in (
        ("ratio", "memory: 300 MB of text in 1 MB", None),
        ("lie", "memory: 300 MB stated as 5,000 bytes", 5000),
    ):
        part = repeated("word/document.xml", text, 4600, head, tail, size=size)
        document = zip_of({**packages.docx_frame(), "word/document.xml": part})
        yield hostile(f"bomb-{name}.docx", attacks, LIMIT | CORRUPT, document)
    below = repeated(
        "word/document.xml", b"<w:p/>" * 10_000, 1000, head.removesuffix(b"<w:p><w:r><w:t>"), b"</w:body></w:document>"
    )
    yield hostile(
        "bomb-below.docx",
        "memory: 60 MB of empty paragraphs, below the limit of the ratio",
        LIMIT | EMPTY | MEMORY | CORRUPT | TIME,
        zip_of({**packages.docx_frame(), "word/document.xml": below}),
        heavy=True,
    )
    squeezed = bz2.compress(bytes(45 * MIB)) * 6
    member = Member("word/document.xml", squeezed, 1000, 0, method=12)
    yield hostile(
        "bomb-bzip2.docx",
        "memory: 270 MiB from 300 bytes, by a method that Word does not know",
        LIMIT | CORRUPT,
        zip_of({**packages.docx_frame(), "word/document.xml": member}),
    )
    for kind, unit in (("tables", "w:tbl><w:tr><w:tc"), ("runs", "w:smartTag"), ("boxes", "w:p><w:r><w:txbxContent")):
        for depth in (80, 5000):
            ends = "".join(f"</{tag}>" for tag in reversed(unit.split("><")))
            body = f"<{unit}>" * depth + p(SENTENCE) + ends * depth
            yield hostile(
                f"deep-{kind}-{depth}.docx",
                f"recursion: {depth} nested {kind}",
                LIMIT | CORRUPT | READ | EMPTY,
                packages.docx("", body),
            )
    span = '<w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>'
    table = f"<w:tbl><w:tr><w:tc>{span}{p(SENTENCE)}</w:tc><w:tc>{p('b')}</w:tc></w:tr></w:tbl>"
    yield hostile("wide-cell.docx", "size: a cell over a billion columns", READ | LIMIT, packages.docx("", table))
    yield from _numbers()
    yield from _structures()


def _numbers() -> Iterator[Made]:
    definition = "<w:lvl w:ilvl='{0}'><w:start w:val='{0}'/><w:numFmt w:val='decimal'/></w:lvl>".format
    use = "<w:num w:numId='1'><w:abstractNumId w:val='1'/></w:num>"
    style = "<w:style w:styleId='{0}'><w:name w:val='{0}'/><w:basedOn w:val='{1}'/></w:style>".format
    item = "<w:pStyle w:val='a'/><w:outlineLvl w:val='{0}'/><w:numPr><w:ilvl w:val='{0}'/><w:numId w:val='1'/></w:numPr>".format
    for name, number in (("digits", "9" * 5000), ("letters", "abc"), ("negative", "-99999999"), ("float", "1.5"), ("sign", "²")):
        others: packages.Parts = {
            "word/_rels/document.xml.rels": relationships({"n": ("numbering", "numbering.xml"), "s": ("styles", "styles.xml")}),
            "word/numbering.xml": f'<w:numbering xmlns:w="{W}">'
            f"<w:abstractNum w:abstractNumId='1'>{definition(number)}</w:abstractNum>{use}</w:numbering>",
            "word/styles.xml": f'<w:styles xmlns:w="{W}">{style("a", "b")}{style("b", "a")}</w:styles>',
        }
        body = f"<w:p><w:pPr>{item(number)}</w:pPr><w:r><w:t>{SENTENCE}</w:t></w:r></w:p>{p(SENTENCE)}"
        document = packages.docx("", body, others)
        yield hostile(f"number-{name}.docx", "numbers that are none, and styles in a circle", READ | CORRUPT, document)


def _structures() -> Iterator[Made]:
    outside = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="f" Type="x/footnotes" Target="../../../../etc/passwd"/>'
        '<Relationship Id="s" Type="x/styles" Target="file:///etc/passwd" TargetMode="External"/>'
        '<Relationship Id="n" Type="x/numbering" Target="/word/document.xml"/></Relationships>'
    )
    yield hostile(
        "outside.docx",
        "parts outside the package, and a part that is the document",
        READ | CORRUPT,
        packages.docx("", p(SENTENCE), {"word/_rels/document.xml.rels": outside}),
    )
    inner = packages.docx("", p(SENTENCE))
    for _ in range(12):
        inner = packages.docx("", p(SENTENCE), {"word/embeddings/inner.docx": stored("word/embeddings/inner.docx", inner)})
    yield hostile("nested.docx", "documents in documents, 12 levels", LIMIT | READ, inner)
    yield hostile("empty.docx", "success without text", EMPTY, packages.docx("", ""))
    yield hostile(
        "hollow.docx",
        "a package without its document",
        CORRUPT | EMPTY,
        zip_of({**packages.docx_frame(), "word/other.xml": "<a/>"}),
    )
    circle = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relationships({"r": ("officeDocument", "_rels/.rels")}),
        "word/document.xml": "<a/>",
    }
    yield hostile("circle.docx", "relationships that point to themselves", CORRUPT | EMPTY, zip_of(circle))


def _rich_text() -> Iterator[Made]:
    text = SENTENCE
    for name, attacks, content in (
        ("deep", "recursion: 200,000 nested groups", "{\\rtf1 " + "{\\b " * 200_000 + text + "}" * 200_001),
        ("open", "recursion: 500,000 groups never closed", "{\\rtf1 " + text + "{" * 500_000),
        ("close", "300,000 ends without a beginning", "{\\rtf1 " + text + "}" * 300_000),
        ("binary", "memory: two billion bytes of binary data", "{\\rtf1 " + text + "{\\bin2147483647 x}}"),
        ("binary-negative", "binary data of a negative size", "{\\rtf1 " + text + "{\\bin-2147483648 x}" + text + "}"),
        (
            "numbers",
            "numbers that no word takes",
            "{\\rtf1\\uc99999999999 \\u99999999999 \\'zz \\fs" + "9" * 5000 + " " + text + "}",
        ),
        ("words", "time: 400,000 control words", "{\\rtf1 " + "\\b\\i" * 200_000 + " " + text + "}"),
        ("skipped", "memory: characters to skip after each one", "{\\rtf1\\uc65535 " + "\\u8364 ?" * 50_000 + text + "}"),
        (
            "tables",
            "size: rows of tables in tables",
            "{\\rtf1 \\itap1000000\\trowd" + "\\cellx1" * 50_000 + "\\pard\\intbl a" + "\\cell" * 50_000 + "\\row " + text + "}",
        ),
        ("picture", "memory: a picture of 0.8 MB", "{\\rtf1 " + text + "{\\pict\\pngblip " + "89504e47" * 100_000 + "}}"),
        (
            "object",
            "an object that fetches a file",
            "{\\rtf1 " + text + '{\\field{\\*\\fldinst INCLUDETEXT "/etc/passwd"}{\\fldrslt }}}',
        ),
        ("surrogates", "halves of characters", "{\\rtf1 " + text + "\\u-10179?\\u-10179?\\u-8704?}"),
    ):
        yield hostile(f"{name}.rtf", attacks, READ | LIMIT | CORRUPT | EMPTY, content)
