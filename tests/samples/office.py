"""Minimal writers of ZIP-based office formats with fixed member times, so that the same text gives the same bytes."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from tests.samples.prose import Block

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org"
RELATIONS = f"{OFFICE}/officeDocument/2006/relationships"
MAIN = f"{OFFICE}/wordprocessingml/2006/main"
SHEET = f"{OFFICE}/spreadsheetml/2006/main"
SLIDES = f'xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:r="{RELATIONS}" xmlns:p="{OFFICE}/presentationml/2006/main"'


def write_zip(members: Mapping[str, str | bytes], stored: Sequence[str] = ()) -> bytes:
    """A ZIP archive of these members, in order, all of the same date; those in `stored` uncompressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def _types(defaults: Mapping[str, str], overrides: Mapping[str, str]) -> str:
    lines = [f'<Default Extension="{name}" ContentType="{kind}"/>' for name, kind in defaults.items()]
    lines += [f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides.items()]
    return f'{HEAD}<Types xmlns="{OFFICE}/package/2006/content-types">{"".join(lines)}</Types>'


def _relations(*targets: tuple[str, str]) -> str:
    lines = [f'<Relationship Id="rId{i}" Type="{RELATIONS}/{kind}" Target="{to}"/>' for i, (kind, to) in enumerate(targets, 1)]
    return f'{HEAD}<Relationships xmlns="{OFFICE}/package/2006/relationships">{"".join(lines)}</Relationships>'


_PLAIN = {"rels": "application/vnd.openxmlformats-package.relationships+xml", "xml": "application/xml"}
_VENDOR = "application/vnd.openxmlformats-officedocument."


def write_docx(blocks: Sequence[Block]) -> bytes:
    """A DOCX with heading styles; list items are paragraphs of the list style."""
    styles = {"title": "Title", "heading": "Heading1", "item": "ListBullet", "paragraph": "Normal"}
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{styles[block.kind]}"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(block.text)}</w:t></w:r></w:p>'
        for block in blocks
    )
    names = {"Normal": "Normal", "Title": "Title", "Heading1": "heading 1", "ListBullet": "List Bullet"}
    styled = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>' for key, name in names.items()
    )
    kind = f"{_VENDOR}wordprocessingml."
    overrides = {"/word/document.xml": f"{kind}document.main+xml", "/word/styles.xml": f"{kind}styles+xml"}
    return write_zip(
        {
            "[Content_Types].xml": _types(_PLAIN, overrides),
            "_rels/.rels": _relations(("officeDocument", "word/document.xml")),
            "word/_rels/document.xml.rels": _relations(("styles", "styles.xml")),
            "word/styles.xml": f'{HEAD}<w:styles xmlns:w="{MAIN}">{styled}</w:styles>',
            "word/document.xml": f'{HEAD}<w:document xmlns:w="{MAIN}"><w:body>{body}</w:body></w:document>',
        }
    )


def write_xlsx(sheets: Mapping[str, Sequence[Sequence[str | float]]]) -> bytes:
    """An XLSX with inline strings, one sheet for each entry."""
    overrides = {"/xl/workbook.xml": f"{_VENDOR}spreadsheetml.sheet.main+xml"}
    members: dict[str, str] = {}
    for number, rows in enumerate(sheets.values(), start=1):
        lines = "".join(
            f'<row r="{r}">{"".join(_cell(f"{chr(64 + c)}{r}", value) for c, value in enumerate(row, 1))}</row>'
            for r, row in enumerate(rows, start=1)
        )
        members[f"xl/worksheets/sheet{number}.xml"] = (
            f'{HEAD}<worksheet xmlns="{SHEET}"><sheetData>{lines}</sheetData></worksheet>'
        )
        overrides[f"/xl/worksheets/sheet{number}.xml"] = f"{_VENDOR}spreadsheetml.worksheet+xml"
    named = "".join(f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(sheets, 1))
    return write_zip(
        {
            "[Content_Types].xml": _types(_PLAIN, overrides),
            "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'{HEAD}<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets>{named}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relations(
                *(("worksheet", f"worksheets/sheet{i + 1}.xml") for i in range(len(sheets)))
            ),
            **members,
        }
    )


def _cell(place: str, value: str | float) -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def write_pptx(blocks: Sequence[Block]) -> bytes:
    """A PPTX with one slide for each title: the title, a text box with the rest, and speaker's notes."""
    slides = _split_at(blocks, "title")
    kind = f"{_VENDOR}presentationml."
    overrides = {"/ppt/presentation.xml": f"{kind}presentation.main+xml"}
    members: dict[str, str] = {}
    for number, slide in enumerate(slides, start=1):
        shown = [block.text for block in slide[1:] if block.kind != "note"]
        notes = [block.text for block in slide if block.kind == "note"]
        members[f"ppt/slides/slide{number}.xml"] = _slide("sld", [("title", [slide[0].text]), ("body", shown)])
        members[f"ppt/slides/_rels/slide{number}.xml.rels"] = _relations(("notesSlide", f"../notesSlides/notesSlide{number}.xml"))
        members[f"ppt/notesSlides/notesSlide{number}.xml"] = _slide("notes", [("body", notes)])
        members[f"ppt/notesSlides/_rels/notesSlide{number}.xml.rels"] = _relations(("slide", f"../slides/slide{number}.xml"))
        overrides[f"/ppt/slides/slide{number}.xml"] = f"{kind}slide+xml"
        overrides[f"/ppt/notesSlides/notesSlide{number}.xml"] = f"{kind}notesSlide+xml"
    listed = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in range(1, len(slides) + 1))
    size = '<p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/>'
    return write_zip(
        {
            "[Content_Types].xml": _types(_PLAIN, overrides),
            "_rels/.rels": _relations(("officeDocument", "ppt/presentation.xml")),
            "ppt/presentation.xml": f"{HEAD}<p:presentation {SLIDES}><p:sldIdLst>{listed}</p:sldIdLst>{size}</p:presentation>",
            "ppt/_rels/presentation.xml.rels": _relations(*(("slide", f"slides/slide{i + 1}.xml") for i in range(len(slides)))),
            **members,
        }
    )


def _slide(kind: str, boxes: Sequence[tuple[str, Sequence[str]]]) -> str:
    shapes = ""
    for index, (place, texts) in enumerate(boxes, start=2):
        lines = "".join(f"<a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p>" for text in texts)
        shapes += (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{index}" name="{place}"/><p:cNvSpPr/><p:nvPr><p:ph type="{place}"/></p:nvPr>'
            f"</p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>{lines}</p:txBody></p:sp>"
        )
    group = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    return f"{HEAD}<p:{kind} {SLIDES}><p:cSld><p:spTree>{group}{shapes}</p:spTree></p:cSld></p:{kind}>"


def write_odt(blocks: Sequence[Block]) -> bytes:
    """An ODT with headings and lists."""
    spaces = "urn:oasis:names:tc:opendocument:xmlns:"
    parts = []
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        texts = [escape(block.text) for block in group]
        if kind == "item":
            parts.append(
                f"<text:list>{''.join(f'<text:list-item><text:p>{t}</text:p></text:list-item>' for t in texts)}</text:list>"
            )
        elif kind == "paragraph":
            parts += [f"<text:p>{text}</text:p>" for text in texts]
        else:
            parts += [f'<text:h text:outline-level="{1 if kind == "title" else 2}">{text}</text:h>' for text in texts]
    kind = "application/vnd.oasis.opendocument.text"
    manifest = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media}"/>'
        for path, media in (("/", kind), ("content.xml", "text/xml"))
    )
    return write_zip(
        {
            "mimetype": kind,
            "content.xml": f'{HEAD}<office:document-content xmlns:office="{spaces}office:1.0" xmlns:text="{spaces}text:1.0" '
            f'office:version="1.2"><office:body><office:text>{"".join(parts)}</office:text></office:body></office:document-content>',
            "META-INF/manifest.xml": f'{HEAD}<manifest:manifest xmlns:manifest="{spaces}manifest:1.0" '
            f'manifest:version="1.2">{manifest}</manifest:manifest>',
        },
        stored=["mimetype"],
    )


def write_epub(blocks: Sequence[Block], author: str) -> bytes:
    """An EPUB 3 with one chapter for each heading."""
    title, chapters = blocks[0].text, _split_at(blocks[1:], "heading")
    numbers = range(1, len(chapters) + 1)
    items = "".join(f'<item id="c{i}" href="c{i}.xhtml" media-type="application/xhtml+xml"/>' for i in numbers)
    spine = "".join(f'<itemref idref="c{i}"/>' for i in numbers)
    links = "".join(f'<li><a href="c{i}.xhtml">{escape(c[0].text)}</a></li>' for i, c in enumerate(chapters, 1))
    page = '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{0}</title></head>'
    metadata = (
        f'<dc:identifier id="id">urn:doctune:sample</dc:identifier><dc:title>{escape(title)}</dc:title>'
        f"<dc:creator>{escape(author)}</dc:creator><dc:language>en</dc:language>"
        '<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>'
    )
    return write_zip(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": f'{HEAD}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": f'{HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
            f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata><manifest>'
            '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
            f"{items}</manifest><spine>{spine}</spine></package>",
            "nav.xhtml": f'{HEAD}{page.format("Contents")}<body><nav epub:type="toc"><ol>{links}</ol></nav></body></html>',
            **{
                f"c{i}.xhtml": f"{HEAD}{page.format(escape(chapter[0].text))}<body><h1>{escape(chapter[0].text)}</h1>"
                f"{''.join(f'<p>{escape(block.text)}</p>' for block in chapter[1:])}</body></html>"
                for i, chapter in enumerate(chapters, start=1)
            },
        },
        stored=["mimetype"],
    )


def write_rtf(blocks: Sequence[Block]) -> bytes:
    """An RTF with bold headings; characters beyond ASCII as \\u escapes."""
    lines = [r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Helvetica;}}"]
    for block in blocks:
        text = "".join(c if ord(c) < 128 else f"\\u{ord(c)}?" for c in block.text.replace("\\", r"\\"))
        bold = block.kind in ("title", "heading")
        lines.append(f"\\pard\\sa160 {{\\b\\fs28 {text}}}\\par" if bold else f"\\pard\\sa160\\fs22 {text}\\par")
    return ("\n".join(lines) + "\n}\n").encode("ascii")


def _split_at(blocks: Sequence[Block], kind: str) -> list[list[Block]]:
    pieces: list[list[Block]] = []
    for block in blocks:
        if block.kind == kind:
            pieces.append([])
        pieces[-1].append(block)
    return pieces
