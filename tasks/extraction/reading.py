"""What readers take and give: a source, parts, and the errors by which a reader says that a document cannot be read."""

import io
import mmap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Part:
    """Text of a document or of a bounded piece of it. What is not the text belongs to the whole document.

    text: Markdown. title, language_hint: as the document states them, None for nothing. pages: pages, slides or sheets;
    pages_lost: of these, could not be read, up to the end of this part; both None for formats without them. engine: packages
    that produced the text, joined by "+".
    """

    text: str
    title: str | None = None
    language_hint: str | None = None
    pages: int | None = None
    pages_lost: int | None = None
    engine: str = "doctune"
    engine_version: str = "1"


@dataclass(frozen=True)
class Source:
    """A document to read.

    data: its bytes where it is small enough to be held in memory, None where it is to be mapped. encoding: of text formats.
    """

    path: Path
    size: int
    data: bytes | None
    format: str
    encoding: str | None = None

    @contextmanager
    def view(self) -> Iterator[bytes | mmap.mmap]:
        """The content as something that can be sliced and searched, without a copy of a large file in memory."""
        if self.data is not None:
            yield self.data
            return
        with self.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped

    def open(self) -> IO[bytes]:
        """The content as a binary stream."""
        return io.BytesIO(self.data) if self.data is not None else self.path.open("rb")

    def read(self) -> bytes:
        """The content in memory, whatever its size."""
        return self.data if self.data is not None else self.path.read_bytes()


class ReaderError(Exception):
    """A document that cannot be read, for a foreseen cause. suffix: of the reason code. detail: words for a person."""

    suffix = "error"

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.suffix)
        self.detail = detail


class EncryptedError(ReaderError):
    """The document is protected by a password."""

    suffix = "encrypted"


class CorruptError(ReaderError):
    """The document is damaged."""

    suffix = "corrupt"


class NeedsOcrError(ReaderError):
    """Its pages are images without a text layer."""

    suffix = "needs_ocr"


class LimitError(ReaderError):
    """A safety limit was reached; nothing is cut off silently."""

    suffix = "limit"


class EmptyError(ReaderError):
    """The reader succeeded and found no text."""

    suffix = "empty"


class MissingExtraError(ReaderError):
    """The reader needs a package that is not installed."""

    suffix = "missing_extra"


_LARGE = 16 * 1024 * 1024  # characters
_LARGEST_GROWTH = 256  # characters of text for each byte of a large document; repetitive sheets in a ZIP container reach 50


def bounded_growth(parts: Iterable[Part], size: int) -> Iterator[Part]:
    """The parts of a document of `size` bytes. Raises LimitError once they are both large and far larger than their source:
    such a text is one piece repeated without end."""
    characters = 0
    for part in parts:
        characters += len(part.text)
        if characters > max(_LARGE, _LARGEST_GROWTH * size):
            raise LimitError(f"more than {_LARGEST_GROWTH} characters of text for each of its {size} bytes")
        yield part


_LOCKED = ("password", "encrypt", "decrypt")
_LIMITED = ("limit", "too large", "too deep", "too many", "exceed", "bomb", "maximum")


@contextmanager
def engine_errors(engine: str) -> Iterator[None]:
    """Turn whatever an engine raises into a ReaderError, judged by its words. Running out of memory passes through."""
    try:
        yield
    except (ReaderError, MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except RecursionError as error:
        raise LimitError(f"{engine}: nested too deep") from error
    except ImportError as error:
        raise MissingExtraError(f"{engine} needs {error.name or error}") from error
    except BaseException as error:
        words = " ".join(str(error).split())[:300]
        lowered = words.lower()
        detail = f"{engine}: {words or type(error).__name__}"
        if any(word in lowered for word in _LOCKED):
            raise EncryptedError(detail) from error
        if any(word in lowered for word in _LIMITED):
            raise LimitError(detail) from error
        raise CorruptError(detail) from error
