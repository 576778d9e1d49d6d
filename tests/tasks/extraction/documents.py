"""Small documents made on the spot, for the tests of the readers."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
MAIN = "application/vnd.openxmlformats-officedocument"
PICTURES = {  # formats that are read by text recognition, as Pillow names them
    "png": "PNG",
    "jpeg": "JPEG",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "webp": "WEBP",
    "jp2": "JPEG2000",
    "pnm": "PPM",
}


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    """A ZIP archive; the first member is stored, as OpenDocument and EPUB want it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(members.items()):
            archive.writestr(name, content, zipfile.ZIP_STORED if number == 0 else zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The members of a ZIP archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    links = "".join(f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{to}"/>' for key, (kind, to) in targets.items())
    return f'<?xml version="1.0"?><Relationships xmlns="{RELS}">{links}</Relationships>'


def content_types(parts: Mapping[str, str]) -> str:
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return (
        f'<?xml version="1.0"?><Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{overrides}</Types>"
    )


def docx(paragraphs: Sequence[str], notes: str = "") -> bytes:
    """A Word document; a paragraph is text, or the XML of a block. Styles: Heading1, Listed (bullets), Counted (from 3)."""
    body = "".join(text if text.startswith("<") else f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    lists = "".join(
        f'<w:abstractNum w:abstractNumId="{number}">'
        f'<w:lvl w:ilvl="0"><w:start w:val="{first}"/><w:numFmt w:val="{kind}"/></w:lvl>'
        f'<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="{kind}"/></w:lvl></w:abstractNum>'
        for number, first, kind in ((1, 1, "bullet"), (2, 3, "decimal"))
    )
    numbers = "".join(f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>' for number in (1, 2))
    styles = "".join(
        f'<w:style w:styleId="{name}"><w:name w:val="{shown}"/><w:pPr>{properties}</w:pPr></w:style>'
        for name, shown, properties in (
            ("Heading1", "heading 1", ""),
            ("Listed", "List", '<w:numPr><w:numId w:val="1"/></w:numPr>'),
            ("Counted", "Numbers", '<w:numPr><w:numId w:val="2"/></w:numPr>'),
        )
    )
    return zipped(
        {
            "[Content_Types].xml": content_types(
                {"/word/document.xml": f"{MAIN}.wordprocessingml.document.main+xml"}
                | {f"/word/{part}.xml": f"{MAIN}.wordprocessingml.{part}+xml" for part in ("styles", "numbering", "footnotes")}
            ),
            "_rels/.rels": relationships({"r1": ("officeDocument", "word/document.xml")}),
            "word/document.xml": f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
            "word/_rels/document.xml.rels": relationships(
                {
                    "s": ("styles", "styles.xml"),
                    "n": ("numbering", "numbering.xml"),
                    "f": ("footnotes", "footnotes.xml"),
                }
            ),
            "word/styles.xml": f'<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="de-AT"/></w:rPr>'
            f"</w:rPrDefault></w:docDefaults>{styles}</w:styles>",
            "word/numbering.xml": f'<w:numbering xmlns:w="{W}">{lists}{numbers}</w:numbering>',
            "word/footnotes.xml": f'<w:footnotes xmlns:w="{W}">{notes}</w:footnotes>',
            "docProps/core.xml": '<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title> A  paper </dc:title></p>',
        }
    )


def paragraph(text: str, style: str = "", level: int = 0, extra: str = "") -> str:
    """A paragraph of a Word document with a style; `extra` is XML that follows its text."""
    numbering = f'<w:numPr><w:ilvl w:val="{level}"/></w:numPr>' if level else ""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/>{numbering}</w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r>{extra}</w:p>"


def xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    sheet_rows = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{chr(65 + column)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for column, cell in enumerate(row)
            if cell
        )
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return zipped(
        {
            "[Content_Types].xml": content_types(
                {
                    "/xl/workbook.xml": f"{MAIN}.spreadsheetml.sheet.main+xml",
                    "/xl/worksheets/sheet1.xml": f"{MAIN}.spreadsheetml.worksheet+xml",
                }
            ),
            "_rels/.rels": relationships({"r1": ("officeDocument", "xl/workbook.xml")}),
            "xl/workbook.xml": f'<?xml version="1.0"?><workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="Prices" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relationships({"r1": ("worksheet", "worksheets/sheet1.xml")}),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet_rows}</sheetData></worksheet>',
        }
    )


def pptx(slides: Sequence[str], notes: str = "", strict: bool = False) -> bytes:
    """A presentation; a slide is the XML of its shapes."""
    a = "http://purl.oclc.org/ooxml/drawingml/main" if strict else "http://schemas.openxmlformats.org/drawingml/2006/main"
    p = (
        "http://purl.oclc.org/ooxml/presentationml/main"
        if strict
        else "http://schemas.openxmlformats.org/presentationml/2006/main"
    )
    r = "http://purl.oclc.org/ooxml/officeDocument/relationships" if strict else OFFICE
    space = f'xmlns:a="{a}" xmlns:p="{p}" xmlns:r="{r}"'
    numbers = range(1, len(slides) + 1)
    ids = "".join(f'<p:sldId id="{255 + number}" r:id="r{number}"/>' for number in numbers)
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": content_types(
            {"/ppt/presentation.xml": f"{MAIN}.presentationml.presentation.main+xml"}
            | {f"/ppt/slides/slide{number}.xml": f"{MAIN}.presentationml.slide+xml" for number in numbers}
        ),
        "_rels/.rels": relationships({"r1": ("officeDocument", "ppt/presentation.xml")}),
        "ppt/presentation.xml": f"<p:presentation {space}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relationships(
            # The files are numbered against the order of the slides: the order of the presentation counts.
            {f"r{number}": ("slide", f"slides/slide{len(slides) + 1 - number}.xml") for number in numbers}
        ),
    }
    for number, shapes in zip(numbers, slides, strict=True):
        name = f"slide{len(slides) + 1 - number}.xml"
        members[f"ppt/slides/{name}"] = f"<p:sld {space}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
    if notes:
        name = f"slide{len(slides)}.xml"
        members[f"ppt/slides/_rels/{name}.rels"] = relationships({"r1": ("notesSlide", "../notesSlides/notes1.xml")})
        members["ppt/notesSlides/notes1.xml"] = (
            f"<p:notes {space}><p:cSld><p:spTree>{shape([notes])}</p:spTree></p:cSld></p:notes>"
        )
    return zipped(members)


def shape(paragraphs: Sequence[str], kind: str = "") -> str:
    """A shape of a slide; a paragraph is text, or XML of its runs."""
    holder = f'<p:ph type="{kind}"/>' if kind else ""
    body = "".join(f"<a:p>{text if text.startswith('<') else f'<a:r><a:t>{text}</a:t></a:r>'}</a:p>" for text in paragraphs)
    about = f'<p:nvSpPr><p:cNvPr id="2" name=""/><p:nvPr>{holder}</p:nvPr></p:nvSpPr>'
    return f"<p:sp>{about}<p:spPr/><p:txBody>{body}</p:txBody></p:sp>"


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_SPACES = "".join(
    f' xmlns:{prefix}="{_ODF}{name}:1.0"'
    for prefix, name in (
        *((name, name) for name in ("office", "text", "table", "style", "presentation", "meta")),
        ("draw", "drawing"),
        ("svg", "svg-compatible"),
    )
)


def odf(kind: str, body: str, styles: str = "", meta: str = "") -> bytes:
    """An OpenDocument file. kind: text, spreadsheet, presentation. body, styles, meta: XML of the content."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_ODF}manifest:1.0"/>',
            "meta.xml": f'<office:document-meta{_ODF_SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>{meta}'
            "</office:meta></office:document-meta>",
            "content.xml": f'<?xml version="1.0"?><office:document-content{_ODF_SPACES} xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"<office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        }
    )


def odt(paragraphs: Sequence[str], styles: str = "") -> bytes:
    """An OpenDocument text; a paragraph is text, or the XML of a block."""
    blocks = (
        text if text.startswith("<text:") or text.startswith("<table:") else f"<text:p>{text}</text:p>" for text in paragraphs
    )
    return odf("text", "".join(blocks), styles, "<dc:title>A text</dc:title><dc:language>fr-CA</dc:language>")


def ods(rows: Sequence[Sequence[str]]) -> bytes:
    """An OpenDocument spreadsheet; a cell is text, or XML."""
    cells = (
        "".join(
            cell
            if cell.startswith("<table:")
            else f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        for row in rows
    )
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    return odf(
        "spreadsheet",
        f'<table:table table:name="Prices">{body}</table:table>',
        meta='<meta:document-statistic meta:table-count="1"/>',
    )


def odp(slides: Sequence[str]) -> bytes:
    """An OpenDocument presentation; a slide is text, or the XML of its shapes."""
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    pages = (slide if slide.startswith("<draw:") else box.format(slide) for slide in slides)
    return odf("presentation", "".join(f"<draw:page>{page}</draw:page>" for page in pages))


def fb2(body: str, rest: str = "") -> bytes:
    """A FictionBook of the XML of its main text, and of what follows that."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" '
        'xmlns:l="http://www.w3.org/1999/xlink"><description><title-info><book-title>A book</book-title><lang>ru</lang>'
        f"</title-info></description><body>{body}</body>{rest}</FictionBook>"
    ).encode()


def epub(paragraphs: Sequence[str], title: str) -> bytes:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" '
            'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf" '
            'media-type="application/oebps-package+xml"/></rootfiles></container>',
            "book.opf": '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier>'
            f"<dc:title>{title}</dc:title><dc:language>en-GB</dc:language></metadata>"
            '<manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="c"/></spine></package>',
            "c.xhtml": f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>',
        }
    )


def pdf(pages: Sequence[str | None], title: str = "", password: str = "", language: str = "") -> bytes:
    """A PDF; a page is lines of text, "" for a blank page, None for a picture (a scan), "scan:7" for one with the text 7."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject, TextStringObject

    writer = PdfWriter()
    if language:
        writer.root_object[NameObject("/Lang")] = TextStringObject(language)
    for content in pages:
        page = writer.add_blank_page(595, 842)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        resources = DictionaryObject()
        stream = DecodedStreamObject()
        is_scan = content is None or content.startswith("scan:")
        text = (content or "").removeprefix("scan:")
        operators = ""
        if is_scan:
            image = DecodedStreamObject()
            image.set_data(b"\x80" * 64)
            names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceGray"}
            image.update({NameObject(key): NameObject(value) for key, value in names.items()})
            image.update({NameObject(key): NumberObject(8) for key in ("/Width", "/Height", "/BitsPerComponent")})
            resources[NameObject("/XObject")] = DictionaryObject({NameObject("/I"): writer._add_object(image)})
            operators += "q 500 0 0 700 40 40 cm /I Do Q "
        if text:
            resources[NameObject("/Font")] = DictionaryObject(
                {NameObject("/F"): DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})}
            )
            lines = "".join(f"({line}) Tj 0 -16 Td " for line in text.split("\n"))
            operators += f"BT /F 12 Tf 50 780 Td {lines}ET"
        stream.set_data(operators.encode("latin-1"))
        page[NameObject("/Resources")] = resources
        page[NameObject("/Contents")] = writer._add_object(stream)
    if title:
        writer.add_metadata({"/Title": title})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def pdf_form(values: Mapping[str, str], secrets: Mapping[str, str]) -> bytes:
    """A PDF of one page with a form, without pictures of what was typed: label -> value. secrets: in password fields."""
    fields = [(label, value, 0) for label, value in values.items()] + [
        (label, value, 1 << 13) for label, value in secrets.items()
    ]
    kids = " ".join(f"{6 + number} 0 R" for number in range(len(fields)))
    stream = "BT /F 12 Tf 50 780 Td (Application) Tj ET"
    objects = [
        f"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{kids}]>>>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R/Annots[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
    ]
    for number, (label, value, flags) in enumerate(fields):
        rect = f"50 {700 - 40 * number} 400 {720 - 40 * number}"
        shown = f"/TU({label})" if label else ""
        objects.append(
            f"<</Type/Annot/Subtype/Widget/FT/Tx/Ff {flags}/T(field{number}){shown}/V({value})/Rect[{rect}]/P 3 0 R/F 4>>"
        )
    body = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode("latin-1")


def picture(format_name: str, frames: int = 1, size: tuple[int, int] = (600, 200), words: str = "Hello World") -> bytes:
    """A picture with words in it, as Pillow writes the format; more frames where the format has them."""
    from PIL import Image, ImageDraw

    drawn = []
    for number in range(frames):
        image = Image.new("RGB", size, "white")
        ImageDraw.Draw(image).text((40, 60), f"{words} {number}" if frames > 1 else words, fill="black", font_size=60)
        drawn.append(image)
    output = io.BytesIO()
    more = {"save_all": True, "append_images": drawn[1:]} if frames > 1 else {}
    drawn[0].save(output, format_name, **more)
    return output.getvalue()


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE container (MS-CFB, version 3) of streams by path such as "folder/name"; all go to regular sectors of 512 bytes."""
    free, end, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF
    padded = {path: content.ljust(4096, b"\0") for path, content in streams.items()}  # smaller ones would go elsewhere
    folders = sorted({path.rpartition("/")[0] for path in padded if "/" in path})
    entries = ["", *folders, *padded]
    children: dict[str, list[int]] = {}
    for number, path in enumerate(entries[1:], 1):
        children.setdefault(path.rpartition("/")[0], []).append(number)
    following = {number: after for group in children.values() for number, after in zip(group, [*group[1:], none], strict=True)}
    starts, chains, sectors = {}, [], b""
    for path, content in padded.items():
        whole = content.ljust(-(-len(content) // 512) * 512, b"\0")
        starts[path] = len(chains)
        chains += [*range(len(chains) + 1, len(chains) + len(whole) // 512), end]
        sectors += whole
    directory = b""
    for number, path in enumerate(entries):
        name = (path.rpartition("/")[2] if number else "Root Entry").encode("utf-16-le") + b"\0\0"
        kind = 5 if number == 0 else 2 if path in padded else 1
        child = children.get(path, [none])[0] if kind != 2 else none
        links = struct.pack("<III", none, following.get(number, none), child)
        place = struct.pack(
            "<IQ", starts.get(path, end if number == 0 else 0), len(streams[path]) and len(padded[path]) if path in padded else 0
        )
        directory += name.ljust(64, b"\0") + struct.pack("<HBB", len(name), kind, 1) + links + bytes(36) + place
    directory = directory.ljust(-(-len(directory) // 512) * 512, b"\0")
    first_directory = len(chains)
    chains += [*range(len(chains) + 1, len(chains) + len(directory) // 512), end]
    tables = -(-len(chains) // 127)
    first_table = len(chains)
    chains += [0xFFFFFFFD] * tables
    allocation = b"".join(struct.pack("<I", each) for each in chains).ljust(tables * 512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, first_directory, 0, 4096, end, 0, end, 0)
    header += b"".join(struct.pack("<I", first_table + number) for number in range(tables)).ljust(
        436, struct.pack("<B", free & 0xFF)
    )
    return header + sectors + directory + allocation


def msg(subject: str, body: str, sender: str = "Ann", address: str = "ann@example.org") -> bytes:
    """An Outlook message to one recipient."""
    text = {"0037": subject, "1000": body, "0C1A": sender, "5D01": address}
    streams = {f"__substg1.0_{name}001F": value.encode("utf-16-le") for name, value in text.items()}
    to = "__recip_version1.0_#00000000"
    streams[f"{to}/__properties_version1.0"] = bytes(8) + struct.pack("<HHIQ", 3, 0x0C15, 0, 1)  # a recipient of the kind "To"
    streams[f"{to}/__substg1.0_3001001F"] = "Bob".encode("utf-16-le")
    streams[f"{to}/__substg1.0_39FE001F"] = "bob@example.org".encode("utf-16-le")
    rows = [(0x40, 0x39, 0, 133_500_000_000_000_000)]  # then the strings, with their bytes and an end
    rows += [(0x1F, int(name, 16), 0, 2 * len(value) + 2) for name, value in text.items()]
    streams["__properties_version1.0"] = bytes(32) + b"".join(struct.pack("<HHIQ", *row) for row in rows)
    return ole(streams)
