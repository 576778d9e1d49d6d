"""Office documents: their structure as Markdown, and what hostile ones end in."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tasks.extraction import documents
from tests.tasks.extraction.test_readers import SAMPLES, SENTENCE, read

PACKAGES = ["docx", "pptx", "xlsx", "odt", "ods", "odp", "epub"]
TEXT_PARTS = ("document.xml", "slide1.xml", "sheet1.xml", "content.xml", "c.xhtml")


def rewritten(content: bytes, change: Callable[[str], str]) -> bytes:
    """A package whose parts with text were changed."""
    return documents.zipped(
        {name: change(part.decode()) if name.endswith(TEXT_PARTS) else part for name, part in documents.unzipped(content).items()}
    )


def declared(xml: str, entities: str) -> str:
    """XML with a document type that declares entities."""
    head, separator, rest = xml.rpartition("?>")
    return f"{head}{separator}<!DOCTYPE x [{entities}]>{rest}"


def test_office_metadata(tmp_path: Path) -> None:
    (book,) = read(tmp_path, "epub", SAMPLES["epub"])
    assert (book.title, book.language_hint, book.pages) == ("A book", "en-GB", 1)
    (workbook,) = read(tmp_path, "xlsx", SAMPLES["xlsx"])
    assert (workbook.pages, workbook.pages_lost) == (1, 0)
    assert f"## Prices\n\n| name | note |\n| --- | --- |\n| fox | {SENTENCE} |" in (workbook.text or "")


@pytest.mark.parametrize("format_name", ["docx", "pptx", "xlsx", "odt", "ods", "odp", "epub", "fb2"])
def test_no_character_is_lost_or_escaped(tmp_path: Path, format_name: str) -> None:
    """Some engines drop what stands as an entity in XML, or leave the backslashes of Markdown."""
    words = "R&amp;D at 5 &lt; 6 (maybe) [sic]! &#8212; snake_case"
    make = {
        "docx": lambda: documents.docx([words]),
        "pptx": lambda: documents.pptx([documents.shape([words])]),
        "xlsx": lambda: documents.xlsx([["a", "b"], [words, "c"]]),
        "odt": lambda: documents.odt([words]),
        "ods": lambda: documents.ods([["a", "b"], [words, "c"]]),
        "odp": lambda: documents.odp([words]),
        "fb2": lambda: documents.fb2(f"<section><p>{words}</p></section>"),
        "epub": lambda: documents.epub([words], "x"),
    }
    (row,) = read(tmp_path, format_name, make[format_name]())
    assert "R&D at 5 < 6 (maybe) [sic]! \u2014 snake_case" in (row.text or "")


def test_word_structure(tmp_path: Path) -> None:
    paragraph = documents.paragraph
    cell = "<w:tc>{0}<w:p><w:r><w:t>{1}</w:t></w:r></w:p></w:tc>"
    wide = cell.format('<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>', "wide")
    row = "<w:tr>" + cell.format("", "a") + cell.format("", "b") + cell.format("", "c") + "</w:tr>"
    deleted = "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t> added</w:t></w:r></w:ins>"
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    content = documents.docx(
        [
            paragraph("Intro", "Heading1"),
            paragraph("Text", extra=deleted + note),
            paragraph("x", "Listed"),
            paragraph("y", "Listed", level=1),
            paragraph("three", "Counted"),
            paragraph("sub", "Counted", level=1),
            paragraph("four", "Counted"),
            f"<w:sdt><w:sdtContent>{paragraph('wrapped')}</w:sdtContent></w:sdt>",
            f"<w:tbl><w:tr>{wide}{cell.format('', 'z')}</w:tr>{row}</w:tbl>",
            "<w:tbl><w:tr>" + cell.format("", "framed") + "</w:tr></w:tbl>",
            "<w:p><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p>",
        ],
        notes='<w:footnote w:id="1"><w:p><w:r><w:t>unused</w:t></w:r></w:p></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote>',
    )
    (found,) = read(tmp_path, "docx", content)
    assert (found.title, found.language_hint, found.pages) == ("A paper", "de-AT", None)
    assert found.text == (
        "# Intro\n\nText added[^f2]\n\n- x\n  - y\n3. three\n  1. sub\n4. four\n\nwrapped\n\n"
        "| wide |  | z |\n| --- | --- | --- |\n| a | b | c |\n\nframed\n\none\ttwo\nthree\n\n[^f2]: A note."
    )


def test_slides(tmp_path: Path) -> None:
    first = documents.shape(["<a:r><a:t>Ti</a:t></a:r><a:r><a:t>tle</a:t></a:r>"], "title")
    listed = documents.shape(['<a:pPr><a:buAutoNum type="arabicPeriod"/></a:pPr><a:r><a:t>one</a:t></a:r>'] * 2)
    footer = documents.shape(["page 1"], "sldNum")
    cells = "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{c}</a:t></a:r></a:p></a:txBody></a:tc>" for c in "ab")
    table = f"<a:tbl><a:tr>{cells}</a:tr></a:tbl>"
    for strict in (False, True):
        (row,) = read(tmp_path, "pptx", documents.pptx([first + listed + footer, table], notes="Say hello.", strict=strict))
        assert row.text == "## Title\n\n1. one\n2. one\n\nNotes: Say hello.\f| a | b |\n| --- | --- |"
        assert (row.pages, row.pages_lost) == (2, 0)


def test_a_damaged_slide_is_counted_as_lost(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "pptx", documents.pptx([documents.shape(["good"]), "<unclosed>"]))
    assert (row.text, row.pages, row.pages_lost) == ("good", 2, 1)


@pytest.mark.parametrize("format_name", PACKAGES)
def test_declared_entities_are_refused(tmp_path: Path, format_name: str) -> None:
    """Unresolved, they would be text that is silently missing; resolved, they could be any file or far too much."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    for entities in (f'<!ENTITY a SYSTEM "{secret.as_uri()}">', '<!ENTITY a "words">'):
        content = rewritten(
            SAMPLES[format_name], lambda xml, what=entities: declared(xml, what).replace("The quick", "&a; quick")
        )
        (row,) = read(tmp_path, format_name, content)
        assert (row.text, row.reason) == (None, "extraction.corrupt")


@pytest.mark.parametrize("format_name", [*PACKAGES, "fb2"])
def test_a_billion_laughs_end_at_a_limit(tmp_path: Path, format_name: str) -> None:
    entities = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))

    def attack(xml: str) -> str:
        return declared(xml, entities).replace("The quick", "&a9; quick")

    sample = SAMPLES[format_name]
    content = attack(sample.decode()).encode() if format_name == "fb2" else rewritten(sample, attack)
    (row,) = read(tmp_path, format_name, content)
    assert row.reason in ("extraction.limit", "extraction.corrupt")


@pytest.mark.parametrize("format_name", [*PACKAGES, "fb2"])
def test_deep_nesting_ends_at_a_limit(tmp_path: Path, format_name: str) -> None:
    def attack(xml: str) -> str:
        return xml.replace("The quick", "<x>" * 50_000 + "The quick")

    sample = SAMPLES[format_name]
    content = attack(sample.decode()).encode() if format_name == "fb2" else rewritten(sample, attack)
    (row,) = read(tmp_path, format_name, content)
    assert row.reason == "extraction.limit"


def test_a_directory_that_lies_about_sizes(tmp_path: Path) -> None:
    content = bytearray(documents.docx(["word " * 400_000]))
    name = content.rfind(b"word/document.xml")
    struct.pack_into("<I", content, name - 46 + 24, 500)  # unpacked size in the directory's entry
    (row,) = read(tmp_path, "docx", bytes(content))
    assert row.reason == "extraction.corrupt"


def test_a_long_document_comes_in_parts(tmp_path: Path) -> None:
    rows = read(tmp_path, "docx", documents.docx([f"Paragraph {number}." for number in range(500)]), part_characters=1000)
    assert "\n\n".join(row.text or "" for row in rows) == "\n\n".join(f"Paragraph {number}." for number in range(500))
    assert all(row.title == "A paper" and len(row.text or "") <= 1000 for row in rows)


def test_pictures_formulas_and_boxes_in_a_word_document(tmp_path: Path) -> None:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    picture = (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{drawing}"><wp:docPr id="1" name="x" descr="{{}}"/></wp:inline></w:drawing></w:r>'
    )
    power = "<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    content = documents.docx(
        [
            f"<w:p>{picture.format('A map of the river')}</w:p>",
            f"<w:p>{picture.format('A duck&#10;&#10;Description automatically generated')}</w:p>",
            f"<w:p>{picture.format('image1.png')}<w:r><w:t>words</w:t></w:r></w:p>",
            f'<w:p><m:oMath xmlns:m="{math}">{power}<m:r><m:t>+1</m:t></m:r></m:oMath></w:p>',
            "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>",
            "<w:moveFrom><w:p><w:r><w:t>moved away</w:t></w:r></w:p></w:moveFrom>",
        ]
    )
    (row,) = read(tmp_path, "docx", content)
    assert row.text == "![A map of the river]()\n\nwords\n\nx\u00b2+1\n\nin a box"


def test_a_slide_begins_with_its_title(tmp_path: Path) -> None:
    about = '<p:pic><p:nvPicPr><p:cNvPr id="3" name="" descr="A chart of sales"/></p:nvPicPr></p:pic>'
    shapes = documents.shape(["first in the file"]) + about + documents.shape(["The title"], "ctrTitle")
    (row,) = read(tmp_path, "pptx", documents.pptx([shapes]))
    assert row.text == "## The title\n\nfirst in the file\n\n![A chart of sales]()"


def test_the_points_of_a_diagram_are_read(tmp_path: Path) -> None:
    space = "http://schemas.openxmlformats.org/drawingml/2006"
    diagram = f'<p:graphicFrame><d:relIds xmlns:d="{space}/diagram" r:dm="r7"/></p:graphicFrame>'
    parts = documents.unzipped(documents.pptx([documents.shape(["text"]) + diagram]))
    points = "".join(f"<d:pt><d:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></d:t></d:pt>" for text in ("Plan", "Do"))
    parts["ppt/diagrams/data1.xml"] = (
        f'<d:dataModel xmlns:d="{space}/diagram" xmlns:a="{space}/main">{points}</d:dataModel>'.encode()
    )
    parts["ppt/slides/_rels/slide1.xml.rels"] = documents.relationships({"r7": ("diagramData", "../diagrams/data1.xml")}).encode()
    (row,) = read(tmp_path, "pptx", documents.zipped(parts))
    assert row.text == "text\n\n- Plan\n- Do"


def test_an_opendocument_text(tmp_path: Path) -> None:
    numbered = (
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1"/>'
        '<text:list-level-style-bullet text:level="2"/></text:list-style>'
    )
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
    inner = f"<text:list>{item.format('inner', '')}</text:list>"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    note = (
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>A note.</text:p>'
    )
    content = documents.odt(
        [
            '<text:h text:outline-level="2">A <text:span>head</text:span>ing</text:h>',
            f'<text:list text:style-name="L1">{item.format("one", inner)}{item.format("two", "")}</text:list>',
            f"with{note}</text:note-body></text:note> a  <text:s text:c='2'/>note",
            f"<table:table><table:table-header-rows><table:table-row>{cell.format('a')}{cell.format('b')}</table:table-row>"
            f'</table:table-header-rows><table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>wide</text:p>'
            "</table:table-cell><table:covered-table-cell/></table:table-row></table:table>",
            "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>",
            "text<draw:frame><draw:text-box><text:p>in a box</text:p></draw:text-box></draw:frame>",
        ],
        numbered,
    )
    (row,) = read(tmp_path, "odt", content)
    assert (row.title, row.language_hint) == ("A text", "fr-CA")
    assert row.text == (
        "## A heading\n\n1. one\n  - inner\n2. two\n\nwith[^f1] a   note\n\n"
        "| a | b |\n| --- | --- |\n| wide |  |\n\ntext\n\nin a box\n\n[^f1]: A note."
    )


def test_an_opendocument_presentation(tmp_path: Path) -> None:
    frame = '<draw:frame presentation:class="{}"><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>'
    notes = f"<presentation:notes>{frame.format('notes', 'Say hello.')}{frame.format('page-number', '7')}</presentation:notes>"
    first = frame.format("outline", "body") + frame.format("title", "Title") + frame.format("footer", "left out") + notes
    (row,) = read(tmp_path, "odp", documents.odp([first, "second"]))
    assert row.text == "## Title\n\nbody\n\nNotes: Say hello.\x0csecond"
    assert (row.pages, row.pages_lost) == (2, 0)
