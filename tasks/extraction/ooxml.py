"""The package that Office documents come in (ECMA-376 part 2): parts, relationships, properties. XML is read without entities,
DTDs or access to anything outside."""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tasks.extraction.reading import CorruptError, LimitError, Source
from tasks.extraction.texts import clean_language, clean_title

LARGEST_PART = 64 * 1024 * 1024  # bytes of XML; as a tree it takes about ten times that
DAMAGE = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DC = "{http://purl.org/dc/elements/1.1/}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(drawingml|presentationml|wordprocessingml|officeDocument)/")
_PRESET = {"PowerPoint Presentation", "Presentation", "Word Document", "Document"}  # titles that programs fill in themselves


class Package:
    """An open package."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return name in self._names

    def parse(self, name: str) -> Any:
        """A part as a tree. Raises KeyError for a missing part, ValueError for a damaged one, LimitError for one too large."""
        from lxml import etree

        if self._archive.getinfo(name).file_size > LARGEST_PART:
            raise LimitError(f"{posixpath.basename(name)} is larger than {LARGEST_PART} bytes")
        content = self._archive.read(name)
        if _STRICT.search(content, 0, 8192):  # "strict" files name the same things in other namespaces
            content = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", content)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            tree = etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise ValueError(str(error)) from error
        for twin in list(tree.iter(_FALLBACK)):  # repeats, for old programs, what stands beside it
            twin.getparent().remove(twin)
        return tree

    def targets(self, name: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part, of the package for "": id -> (kind, name of the part it points to)."""
        folder, _, file = name.rpartition("/")
        rels = posixpath.join(folder, "_rels", f"{file}.rels")
        if rels not in self._names:
            return {}
        return {
            each.get("Id"): (
                each.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/" + folder, each.get("Target", ""))).lstrip("/"),
            )
            for each in self.parse(rels)
            if isinstance(each.tag, str) and each.get("TargetMode") != "External"
        }

    def main_part(self, usual: str) -> str:
        """The part that the document begins with."""
        return next((target for kind, target in self.targets("").values() if kind == "officeDocument"), usual)

    def properties(self) -> tuple[str | None, str | None]:
        """Title and language as the document states them; neither where that part is damaged."""
        try:
            core = self.parse("docProps/core.xml")
        except DAMAGE:
            return None, None
        title = clean_title(core.findtext(_DC + "title"))
        return None if title in _PRESET else title, clean_language(core.findtext(_DC + "language"))


@contextmanager
def open_package(source: Source) -> Iterator[Package]:
    """Open a document as a package. Raises CorruptError for damage met anywhere within the block."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.data) if source.data is not None else source.path) as archive:
            yield Package(archive)
    except DAMAGE as error:
        raise CorruptError(f"{source.format}: {' '.join(str(error).split())[:300]}") from error
