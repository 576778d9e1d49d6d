"""Write the binary files of data/samples: `python -m tests.samples.make [FOLDER]`."""

import random
import struct
import sys
import zlib
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.samples import office
from tests.samples.pdf import write_image_pdf, write_pdf
from tests.samples.prose import Block, read_cells, read_prose

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
TEXTS = Path(__file__).parent / "texts"


def make(folder: Path) -> list[Path]:
    """Write all binary samples below a folder; the paths written."""
    minutes = [Block("title", "Minutes that were cut off"), *read_prose("calibration-report")[3:]]
    encrypted_note = [Block("title", "Salary bands"), Block("paragraph", "This file is protected by a password. " * 8)]
    chunk = bytes(65536)
    files: dict[str, bytes] = {
        "products/heron-manual.pdf": write_pdf(
            read_prose("heron-manual"),
            "Larkfield Instruments - Heron manual",
            "Edition 7, valid from firmware 4.2",
            "Heron manual",
        ),
        "handbook/safety-on-bridges.pdf": write_pdf(
            read_prose("safety-instruction"), "Larkfield handbook", "To be repeated every spring", "Work on bridges"
        ),
        "products/annual-review.pdf": write_pdf(read_prose("annual-review"), "Larkfield Instruments", "The year in review"),
        "letters/to-customs-office.txt": write_pdf(read_prose("letter-customs")),  # a PDF under a wrong extension
        "supply/framework-agreement.docx": office.write_docx(read_prose("supply-contract")),
        "laboratory/chamber-calibration.docx": office.write_docx(read_prose("calibration-report")),
        "meetings/spring-talk.pptx": office.write_pptx(read_prose("talk")),
        "supply/price-list.xlsx": office.write_xlsx({"Articles": read_cells("articles"), "Services": read_cells("services")}),
        "handbook/field-technician.odt": office.write_odt(read_prose("job-description")),
        "products/press-release.rtf": office.write_rtf(read_prose("press-release")),
        "products/field-guide.epub": office.write_epub(read_prose("field-guide"), "Joe Marsh"),
        "odd/scanned-letter.pdf": scan(write_pdf(read_prose("letter-customs"))),
        "odd/salary-bands.pdf": encrypt(write_pdf(encrypted_note)),
        "odd/cut-off-minutes.docx": office.write_docx(minutes)[:1400],
        "odd/unpacks-to-much.docx": office.write_zip({"[Content_Types].xml": "<Types/>", "word/document.xml": chunk * 1100}),
        "odd/only-a-picture.docx": office.write_docx([Block("paragraph", " ")]),
        "odd/logo.png": picture(48),
        "odd/drawings.zip": office.write_zip({"readme.txt": "The drawings of all wearing parts.\n", "bearing.dxf": "0\nEOF\n"}),
        "letters/older-letters.zip": office.write_zip(
            {name: (TEXTS / name).read_text(encoding="utf-8") for name in ("letter-harbour.txt", "letter-school.txt")}
        ),
        "mail/survey-with-report.eml": write_mail(),
        "odd/memory-dump.dat": random.Random(4).randbytes(3000),
        "odd/blank.txt": b"",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [folder / name for name in files]


def write_mail() -> bytes:
    """A mail with a report attached."""
    mail = EmailMessage(policy=default.clone(linesep="\r\n"))
    mail["From"] = "Nadia Okafor <nadia.okafor@larkfield.example>"
    mail["To"] = "Survey team <survey@larkfield.example>"
    mail["Subject"] = "The weir survey, with the report of the divers"
    mail["Date"] = "Tue, 14 Apr 2026 09:12:00 +0100"
    mail["Message-ID"] = "<weir-survey@larkfield.example>"
    mail.set_content((TEXTS / "mail-weir.txt").read_text(encoding="utf-8"))
    mail.add_attachment((TEXTS / "report-divers.txt").read_text(encoding="utf-8"), filename="report-of-the-divers.txt")
    mail.set_boundary("=====doctune=sample=====")
    return mail.as_bytes()


def scan(pdf: bytes) -> bytes:
    """The first page of a PDF as a bitmap in a PDF of its own, as a scanner would deliver it."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    bitmap = document[0].render(scale=1.4, grayscale=True)
    rows = []
    for y in range(bitmap.height):
        row = bytes(bitmap.buffer)[y * bitmap.stride : y * bitmap.stride + bitmap.width]
        bits = "".join("1" if value > 150 else "0" for value in row).ljust(-(-bitmap.width // 8) * 8, "1")
        rows.append(int(bits, 2).to_bytes(len(bits) // 8, "big"))
    return write_image_pdf(bitmap.width, bitmap.height, b"".join(rows))


def encrypt(pdf: bytes) -> bytes:
    """The same PDF behind the user password "heron" (RC4, which needs no random bytes and so gives the same file each time)."""
    import io

    import pypdf
    from pypdf.generic import ArrayObject, ByteStringObject

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    same = ArrayObject([ByteStringObject(b"doctune's sample")] * 2)
    writer._ID = same  # the key is derived from it, and pypdf would draw it at random
    writer.encrypt(user_password="heron", owner_password="larkfield", algorithm="RC4-128")
    writer._ID = same
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def picture(size: int) -> bytes:
    """A small PNG: a disc on a plain ground."""
    middle = size / 2 - 0.5
    rows = [
        b"\0" + bytes(60 if (x - middle) ** 2 + (y - middle) ** 2 < (size / 3) ** 2 else 235 for x in range(size))
        for y in range(size)
    ]

    def piece(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    image = piece(b"IHDR", header) + piece(b"IDAT", zlib.compress(b"".join(rows), 9)) + piece(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + image


if __name__ == "__main__":
    for made in make(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES):
        sys.stdout.write(f"{made}\n")
