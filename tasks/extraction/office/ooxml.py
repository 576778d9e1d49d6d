"""The package that Office documents come in (ECMA-376 part 2): parts, relationships, properties."""

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tasks.extraction.office.zips import Container, open_container
from tasks.extraction.reading import ReaderError, Source
from tasks.extraction.safe_xml import parse_xml, stream_elements
from tasks.extraction.texts import clean_language, clean_title

FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DC = "{http://purl.org/dc/elements/1.1/}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(drawingml|presentationml|wordprocessingml|spreadsheetml|officeDocument)/")
_USUAL = rb"http://schemas.openxmlformats.org/\1/2006/"
_LONGEST_STRICT = 64  # bytes of such a name
_PRESET = {"PowerPoint Presentation", "Presentation", "Word Document", "Document"}  # titles that programs fill in themselves


class Package:
    """An open package. Reading a part raises CorruptError for a missing or damaged one, LimitError for one too large."""

    def __init__(self, container: Container) -> None:
        self._container = container

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return self._container.has(name)

    def parse(self, name: str) -> Any:
        """A part as a tree."""
        return drop_fallbacks(parse_xml(b"".join(_transitional(iter([self._container.read(name)])))))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A part that is no XML, in pieces."""
        return self._container.pieces(name)

    def stream(self, name: str, *tags: str) -> Iterator[Any]:
        """The outermost elements of a part that have one of the tags, one after the other (`stream_elements`)."""
        return stream_elements(_transitional(self._container.pieces(name)), tags)

    def targets(self, name: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part, of the package for "": id -> (kind, name of the part it points to)."""
        folder, _, file = name.rpartition("/")
        rels = posixpath.join(folder, "_rels", f"{file}.rels")
        if not self.has(rels):
            return {}
        return {
            each.get("Id"): (
                each.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/" + folder, each.get("Target", ""))).lstrip("/"),
            )
            for each in self.parse(rels)
            if isinstance(each.tag, str) and each.get("TargetMode") != "External"
        }

    def related(self, name: str, kind: str) -> list[str]:
        """The parts of a kind that a part points to and that are there."""
        return [target for found, target in self.targets(name).values() if found == kind and self.has(target)]

    def main_part(self, usual: str) -> str:
        """The part that the document begins with."""
        return next((target for kind, target in self.targets("").values() if kind == "officeDocument"), usual)

    def properties(self) -> tuple[str | None, str | None]:
        """Title and language as the document states them; neither where that part is damaged."""
        try:
            core = self.parse("docProps/core.xml")
        except ReaderError:
            return None, None
        title = clean_title(core.findtext(_DC + "title"))
        return None if title in _PRESET else title, clean_language(core.findtext(_DC + "language"))


@contextmanager
def open_package(source: Source) -> Iterator[Package]:
    """Open a document as a package. Raises CorruptError when it is none."""
    with open_container(source) as container:
        yield Package(container)


def drop_fallbacks(tree: Any) -> Any:
    """The tree without what repeats, for old programs, what stands beside it."""
    for twin in list(tree.iter(FALLBACK)):
        twin.getparent().remove(twin)
    return tree


def _transitional(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """XML in which a "strict" document (ECMA-376 part 1) names the same things by the usual namespaces (part 4)."""
    head = next(pieces, b"")
    if not _STRICT.search(head, 0, 8192):
        yield head
        yield from pieces
        return
    rest = head
    for piece in pieces:
        rest += piece
        cut = rest.rfind(b"<", 0, -_LONGEST_STRICT)  # a name is not cut in two
        if cut > 0:
            yield _STRICT.sub(_USUAL, rest[:cut])
            rest = rest[cut:]
    yield _STRICT.sub(_USUAL, rest)
