"""Pictures of text: decoded by Pillow, read by text recognition. Frames of a TIFF are pages; of an animation the first counts."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tasks.extraction.ocr import MOST_PIXELS, find_ocr, grey_map
from tasks.extraction.reading import LimitError, NeedsOcrError, Part, Source, engine_errors
from tasks.extraction.settings import ExtractionSettings

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_DECODED_PIXELS = 100_000_000  # up to four bytes each in memory
LEAST_LENGTH = 1500  # of the longer side, in pixels; smaller print is enlarged: tesseract wants letters of about 20 pixels
MOST_ENLARGED = 3.0
PAGE_BREAK = "\f"
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "PPM")  # of Pillow's, those that need no other program


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a picture. Raises NeedsOcrError where no text is to be recognised."""
    ocr = find_ocr(settings)
    if ocr is None:
        raise NeedsOcrError("no text recogniser is installed" if settings.ocr == "auto" else "text recognition is off")
    with engine_errors("pillow"):
        texts = [ocr.recognize(picture, settings) for picture in _pictures(source, settings.pdf_max_pages)]
    yield Part(PAGE_BREAK.join(texts), pages=len(texts), pages_lost=0, engine=ocr.engine, engine_version=ocr.version)


def _pictures(source: Source, most: int) -> Iterator[bytes]:
    """The pages of a picture, ready to be recognised."""
    from PIL import Image, ImageOps, ImageSequence

    with source.open() as stream, Image.open(stream, formats=_FORMATS) as opened:
        frames = getattr(opened, "n_frames", 1) if opened.format == "TIFF" else 1
        if frames > most:
            raise LimitError(f"{frames} pages, limit {most}")
        for number, frame in enumerate(ImageSequence.Iterator(opened)):
            if number == frames:
                return
            if frame.width * frame.height > MOST_DECODED_PIXELS:
                raise LimitError(f"{frame.width} by {frame.height} pixels, limit {MOST_DECODED_PIXELS}")
            yield _prepare(ImageOps.exif_transpose(frame))


def _prepare(picture: "Image") -> bytes:
    """Grey on white, of a size that can be recognised."""
    from PIL import Image

    if picture.has_transparency_data:
        coloured = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured)
    grey = picture.convert("L")
    factor = max(1.0, min(MOST_ENLARGED, LEAST_LENGTH / max(grey.size)))
    factor = min(factor, math.sqrt(MOST_PIXELS / (grey.width * grey.height)))
    if factor != 1.0:
        size = (max(1, int(grey.width * factor)), max(1, int(grey.height * factor)))
        grey = grey.resize(size, Image.Resampling.LANCZOS)
    return grey_map(*grey.size, grey.tobytes())
