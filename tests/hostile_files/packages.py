"""Office packages with a free hand over their XML."""

from tests.hostile_files.zips import Member, zip_of
from tests.tasks.extraction.documents import MAIN, OFFICE, W, content_types, relationships

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ODF = "urn:oasis:names:tc:opendocument:xmlns"
XML = '<?xml version="1.0" encoding="UTF-8"?>'

Parts = dict[str, bytes | str | Member]


def docx_frame() -> Parts:
    return {
        "[Content_Types].xml": content_types({"/word/document.xml": f"{MAIN}.wordprocessingml.document.main+xml"}),
        "_rels/.rels": relationships({"r1": ("officeDocument", "word/document.xml")}),
    }


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(head: str, body: str, others: Parts | None = None) -> bytes:
    """head: document type declaration. body: XML of the blocks. others: further parts."""
    document = f'{XML}{head}<w:document xmlns:w="{W}" xmlns:r="{OFFICE}"><w:body>{body}</w:body></w:document>'
    return zip_of({**docx_frame(), "word/document.xml": document, **(others or {})})


def shape(text: str) -> str:
    return f"<p:sp><p:nvSpPr><p:nvPr/></p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def pptx(head: str, shapes: str, uses: int = 1) -> bytes:
    """A presentation with one slide, which is shown `uses` times."""
    space = f'xmlns:a="{A}" xmlns:p="{P}" xmlns:r="{OFFICE}"'
    ids = "".join(f'<p:sldId id="{256 + number}" r:id="r1"/>' for number in range(uses))
    return zip_of(
        {
            "[Content_Types].xml": content_types(
                {
                    "/ppt/presentation.xml": f"{MAIN}.presentationml.presentation.main+xml",
                    "/ppt/slides/slide1.xml": f"{MAIN}.presentationml.slide+xml",
                }
            ),
            "_rels/.rels": relationships({"r1": ("officeDocument", "ppt/presentation.xml")}),
            "ppt/presentation.xml": f"{XML}<p:presentation {space}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": relationships({"r1": ("slide", "slides/slide1.xml")}),
            "ppt/slides/slide1.xml": f"{XML}{head}<p:sld {space}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>",
        }
    )


def xlsx_of(sheet: bytes | str | Member, strings: bytes | str | Member = "", others: Parts | None = None) -> bytes:
    """A workbook from the XML of its sheet and of its shared strings."""
    parts = {"/xl/workbook.xml": "sheet.main", "/xl/worksheets/sheet1.xml": "worksheet", "/xl/sharedStrings.xml": "sharedStrings"}
    contents: Parts = {
        "[Content_Types].xml": content_types({name: f"{MAIN}.spreadsheetml.{kind}+xml" for name, kind in parts.items()}),
        "_rels/.rels": relationships({"r1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'{XML}<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Prices" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(
            {"r1": ("worksheet", "worksheets/sheet1.xml"), "r2": ("sharedStrings", "sharedStrings.xml")}
        ),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": strings or f'{XML}<sst xmlns="{SHEET}"/>',
        **(others or {}),
    }
    return zip_of(contents)


def xlsx(head: str, texts: list[str]) -> bytes:
    """A workbook with a shared string in each row. head: document type declaration of the shared strings."""
    rows = "".join(f'<row r="{at + 1}"><c r="A{at + 1}" t="s"><v>{at}</v></c></row>' for at in range(len(texts)))
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return xlsx_of(
        f'{XML}<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>',
        f'{XML}{head}<sst xmlns="{SHEET}">{items}</sst>',
    )


def open_document(kind: str, head: str, body: str | bytes | Member) -> bytes:
    """kind: text, spreadsheet or presentation. body: XML of what stands in it, or the whole content.xml as a Member."""
    space = " ".join(f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "text", "table", "draw"))
    content = f"{XML}{head}<office:document-content {space}><office:body><office:{kind}>".encode()
    tail = f"</office:{kind}></office:body></office:document-content>".encode()
    return zip_of(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": f'{XML}<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0"/>',
            "content.xml": body
            if isinstance(body, Member)
            else content + (body.encode() if isinstance(body, str) else body) + tail,
        }
    )


def odt(head: str, body: str) -> bytes:
    return open_document("text", head, body)


def epub(chapter: bytes, uses: int = 1, path: str = "c.xhtml") -> bytes:
    """A book with one chapter, which stands in the reading order `uses` times. path: as the book names the chapter."""
    items = '<itemref idref="c"/>' * uses
    return zip_of(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": f'{XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": f'{XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier>'
            "<dc:title>T</dc:title><dc:language>en</dc:language></metadata>"
            f'<manifest><item id="c" href="{path}" media-type="application/xhtml+xml"/></manifest>'
            f"<spine>{items}</spine></package>",
            "c.xhtml": chapter,
        }
    )
