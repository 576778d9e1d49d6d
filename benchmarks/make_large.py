"""Documents of any size, for measuring memory: the same words over and over, and yet a real text or PDF."""

import zlib
from pathlib import Path

_PARAGRAPH = (
    "The inspection of line {number} took two days. Nothing was found that would need a repair before the winter, and the team "
    "agreed to come back in April with the new gauge, which measures twice as fast.\n\n"
)


def make_large_text(path: Path, size: int) -> None:
    """A text of paragraphs of about `size` bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        written = number = 0
        while written < size:
            written += stream.write(_PARAGRAPH.format(number=number))
            number += 1


def make_large_pdf(path: Path, pages: int) -> None:
    """A PDF of that many pages of 45 lines each, written object by object (ISO 32000-1, 7.5)."""
    offsets: list[int] = []
    with path.open("wb") as stream:

        def write_object(content: bytes) -> None:
            offsets.append(stream.tell())
            stream.write(b"%d 0 obj\n%b\nendobj\n" % (len(offsets), content))

        stream.write(b"%PDF-1.4\n")
        write_object(b"<< /Type /Catalog /Pages 2 0 R >>")
        kids = b" ".join(b"%d 0 R" % (4 + 2 * page) for page in range(pages))
        write_object(b"<< /Type /Pages /Count %d /Kids [%b] >>" % (pages, kids))
        write_object(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
        for page in range(pages):
            resources = b"/Resources << /Font << /F1 3 0 R >> >>"
            write_object(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] %b /Contents %d 0 R >>" % (resources, 5 + 2 * page)
            )
            lines = b"".join(b"(%b) '\n" % _line(page, line) for line in range(45))
            drawn = zlib.compress(b"BT /F1 11 Tf 14 TL 60 740 Td\n" + lines + b"ET")
            write_object(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(drawn), drawn))
        start = stream.tell()
        stream.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
        stream.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
        stream.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(offsets) + 1, start))


def _line(page: int, line: int) -> bytes:
    return f"Page {page + 1}, line {line + 1}: the gauge showed {page * 45 + line} units, and nobody was surprised.".encode()
