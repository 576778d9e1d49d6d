"""A minimal PDF writer: wrapped Helvetica on A4 pages with a running header, a footer and page numbers; or one bitmap a page.

Written by hand so that the samples need no PDF library and come out with the same bytes everywhere.
"""

import hashlib
import zlib
from collections.abc import Iterable, Sequence

from tests.samples.prose import Block

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 595, 842, 72
# Advance widths of Helvetica from the space to the tilde, in thousandths of the font size.
_WIDTHS = [
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556),
    *(1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778),
    *(667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556),
    *(333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556),
    *(556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
]
_STYLES = {"title": ("F2", 18, 28), "heading": ("F2", 13, 22), "item": ("F1", 11, 15), "paragraph": ("F1", 11, 15)}


def write_pdf(blocks: Iterable[Block], header: str = "", footer: str = "", title: str = "") -> bytes:
    """A PDF of these blocks with a text layer. Headings break words nowhere; long words in paragraphs are hyphenated."""
    pages: list[list[str]] = [[]]
    y = PAGE_HEIGHT - MARGIN - 20
    for block in blocks:
        font, size, leading = _STYLES[block.kind]
        lines = _wrap(("\x95 " if block.kind == "item" else "") + block.text, size, hyphenate=font == "F1")
        room = leading * (len(lines) + 2) if font == "F2" else leading
        if y - room < MARGIN:
            pages.append([])
            y = PAGE_HEIGHT - MARGIN - 20
        y -= leading if font == "F2" else 6
        for line in lines:
            if y < MARGIN:
                pages.append([])
                y = PAGE_HEIGHT - MARGIN - 20
            pages[-1].append(_show(font, size, MARGIN, y, line))
            y -= leading
        y -= 6
    for number, page in enumerate(pages, start=1):
        page.insert(0, _show("F1", 9, MARGIN, PAGE_HEIGHT - 48, header))
        page.append(_show("F1", 9, MARGIN, 40, footer))
        page.append(_show("F1", 9, PAGE_WIDTH - MARGIN - 60, 40, f"Page {number} of {len(pages)}"))
    resources = b"<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
    return _assemble([("\n".join(page).encode("latin-1"), resources) for page in pages], [], title)


def write_image_pdf(width: int, height: int, bits: bytes) -> bytes:
    """A PDF of one page that shows a black and white bitmap (rows of packed bits, 1 is white) and has no text."""
    image = _stream(
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 1", bits
    )
    content = f"q {PAGE_WIDTH} 0 0 {PAGE_HEIGHT} 0 0 cm /Im0 Do Q".encode()
    return _assemble([(content, b"<< /XObject << /Im0 5 0 R >> >>")], [image], "")


def _assemble(pages: Sequence[tuple[bytes, bytes]], extra: Sequence[bytes], title: str) -> bytes:
    first = 5 + len(extra)
    kids = " ".join(f"{first + 2 * index} 0 R" for index in range(len(pages)))
    info = b"<< /Title (" + _escape(title).encode("latin-1") + b") /Producer (doctune samples) >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        *extra,
    ]
    for index, (content, resources) in enumerate(pages):
        box = f"/MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] /Contents {first + 2 * index + 1} 0 R".encode()
        objects += [b"<< /Type /Page /Parent 2 0 R " + box + b" /Resources " + resources + b" >>", _stream("", content)]
    return _with_xref([*objects, info], b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")


def _with_xref(objects: Sequence[bytes], start: bytes) -> bytes:
    body, offsets = bytearray(start), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    identifier = hashlib.md5(bytes(body), usedforsecurity=False).hexdigest()
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R /ID [<{identifier}> <{identifier}>] >>"
    xref = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(body)}\n%%EOF\n"
    return bytes(body) + xref.encode()


def _stream(dictionary: str, content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    head = f"<< {dictionary} /Filter /FlateDecode /Length {len(packed)} >>"
    return head.encode() + b"\nstream\n" + packed + b"\nendstream"


def _escape(text: str) -> str:
    encoded = text.encode("cp1252", errors="replace") if "\x95" not in text else text.encode("latin-1", errors="replace")
    return encoded.decode("latin-1").replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _show(font: str, size: int, x: int, y: int, text: str) -> str:
    return f"BT /{font} {size} Tf {x} {y} Td ({_escape(text)}) Tj ET"


def _width(text: str, size: int) -> float:
    return sum(_WIDTHS[ord(c) - 32] if 32 <= ord(c) < 127 else 556 for c in text) * size / 1000


def _wrap(text: str, size: int, hyphenate: bool) -> list[str]:
    limit = PAGE_WIDTH - 2 * MARGIN
    lines, line = [], ""
    for word in text.split():
        joined = f"{line} {word}".strip()
        if _width(joined, size) <= limit:
            line = joined
            continue
        cut = next(
            (i for i in range(len(word) - 3, 3, -1) if _breaks(word, i) and _width(f"{line} {word[:i]}-", size) <= limit), 0
        )
        if hyphenate and cut:
            lines.append(f"{line} {word[:cut]}-")
            line = word[cut:]
        else:
            lines.append(line)
            line = word
    return [*lines, line]


def _breaks(word: str, index: int) -> bool:
    """Whether a plain long word may be broken here: after a vowel, before a consonant that a vowel follows."""
    vowels = "aeiou"
    return (
        len(word) > 9 and word.isalpha() and word[index - 1] in vowels and word[index] not in vowels and word[index + 1] in vowels
    )
