"""A PDF of any number of pages, and the memory that reading it takes: in parts, and whole."""

import subprocess
import sys
import zlib
from pathlib import Path

LINES = 45
_PEAK = """
import resource, sys
unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
"""
_IN_PARTS = """
import sys
from pathlib import Path
from tasks.extraction.readers.pdf import read
from tasks.extraction.reading import Source
from tasks.extraction.settings import ExtractionSettings
path = Path(sys.argv[1])
source = Source(path, path.stat().st_size, path.read_bytes(), "pdf")
sys.stderr.write(str(sum(len(part.text) for part in read(source, ExtractionSettings(pdf_max_pages=100_000)))))
"""
_WHOLE = """
import sys
from liteparse import LiteParse
parser = LiteParse(ocr_enabled=False, output_format="markdown", image_mode="off", max_pages=100_000, quiet=True)
sys.stderr.write(str(sum(len(page.markdown) for page in parser.parse(sys.argv[1]).pages)))
"""
_LINE = "Page {page} line {line}: the quick brown fox jumps over the lazy dog, {product} times, near the river bank."


def make_large_pdf(path: Path, pages: int) -> None:
    """Write a PDF whose pages are full of text, no two alike. Written page by page: nothing large is held in memory."""
    objects = 3 + 2 * pages  # catalogue, tree of pages, font; of each page its content and itself
    offsets = [0] * (objects + 1)
    with path.open("wb") as stream:

        def write(number: int, content: bytes) -> None:
            offsets[number] = stream.tell()
            stream.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))

        stream.write(b"%PDF-1.5\n")
        write(1, b"<</Type/Catalog/Pages 2 0 R>>")
        kids = b" ".join(b"%d 0 R" % (5 + 2 * page) for page in range(pages))
        write(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids))
        write(3, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
        for page in range(pages):
            content = zlib.compress(_content(page))
            write(4 + 2 * page, b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content))
            resources = b"/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
            write(5 + 2 * page, b"<</Type/Page/Parent 2 0 R%s/Contents %d 0 R>>" % (resources, 4 + 2 * page))
        table = stream.tell()
        stream.write(b"xref\n0 %d\n0000000000 65535 f \n" % (objects + 1))
        stream.writelines(b"%010d 00000 n \n" % offset for offset in offsets[1:])
        stream.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (objects + 1, table))


def _content(page: int) -> bytes:
    lines = (_LINE.format(page=page + 1, line=line + 1, product=page * line) for line in range(LINES))
    return b"BT /F 10 Tf 40 800 Td 16 TL %s ET" % b"".join(b"(%s) Tj T* " % line.encode() for line in lines)


def measure_pdf_peaks(path: Path) -> dict[str, float]:
    """Peak of resident memory in MiB of a process that reads a PDF: by the reader, in parts, and by liteparse, whole."""
    return {"parts": _measure_peak(_IN_PARTS, path), "whole": _measure_peak(_WHOLE, path)}


def _measure_peak(code: str, path: Path) -> float:
    command = [sys.executable, "-c", code + _PEAK, str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    return float(ended.stdout.split()[-1])
