"""Members of ZIP containers, inflated in bounded pieces: what the directory says about their sizes may be a lie."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from tasks.extraction.reading import CorruptError, EncryptedError, LimitError, Source
from tasks.extraction.safe_xml import LARGEST_TREE

DAMAGE = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError, ValueError, OverflowError)
LARGEST_DOCUMENT = 4 * 1024 * 1024 * 1024  # bytes inflated of all members together
_PIECE = 1 << 20


class Container:
    """An open ZIP container."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        self._inflated = 0

    def has(self, name: str) -> bool:
        """Whether there is a member of that name."""
        return name in self._names

    def names(self) -> list[str]:
        """The names of all members, in the directory's order."""
        return self._archive.namelist()

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member in pieces. Raises CorruptError for a missing or damaged one, LimitError when too much was inflated."""
        try:
            with self._archive.open(name) as member:
                while piece := member.read(_PIECE):
                    self._inflated += len(piece)
                    if self._inflated > LARGEST_DOCUMENT:
                        raise LimitError(f"unpacks to more than {LARGEST_DOCUMENT} bytes")
                    yield piece
        except DAMAGE as error:
            raise CorruptError(" ".join(str(error).split())[:300]) from error
        except RuntimeError as error:  # zipfile's way to say that a member needs a password
            raise EncryptedError(f"{name} is encrypted") from error

    def read(self, name: str, limit: int = LARGEST_TREE) -> bytes:
        """A member in memory. Raises like `pieces`, and LimitError for more than `limit` bytes."""
        content = io.BytesIO()
        for piece in self.pieces(name):
            if content.tell() + len(piece) > limit:
                raise LimitError(f"{name.rpartition('/')[2]} is larger than {limit} bytes")
            content.write(piece)
        return content.getvalue()


@contextmanager
def open_container(source: Source) -> Iterator[Container]:
    """Open a document as a container. Raises CorruptError for damage met anywhere within the block, such as no number in the
    place of one, and LimitError for what is nested too deep."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.data) if source.data is not None else source.path) as archive:
            yield Container(archive)
    except RecursionError as error:
        raise LimitError(f"{source.format}: nested too deep") from error
    except DAMAGE as error:
        raise CorruptError(f"{source.format}: {' '.join(str(error).split())[:300]}") from error
