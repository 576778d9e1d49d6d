"""Which reader reads which format: one table. A reader's module is imported when a document of its format comes.

The first engine of a format is the default; docs/engines.md says what was measured and why.
"""

import functools
import importlib
import importlib.metadata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.extraction.reading import Part, Source
    from tasks.extraction.settings import ExtractionSettings

    Read = Callable[[Source, ExtractionSettings], Iterator[Part]]

_READERS = "tasks.extraction.readers."


@dataclass(frozen=True)
class Reader:
    """A way to read a format.

    module: has `read(source, settings)`. packages: distributions it needs, whose versions shape its output.
    """

    format: str
    engine: str
    module: str
    packages: tuple[str, ...] = ()


_PDF = ("liteparse", "pypdfium2", "pypdf", "pdf-inspector")
_HTML = ("lxml", "numpy")
_OFFICE = ("kreuzberg",)
_ELEMENTS = ("unstructured", "spacy")
_PANDOC = (*_ELEMENTS, "pypandoc-binary")
_SHEETS = (*_ELEMENTS, "openpyxl", "xlrd", "msoffcrypto-tool")
_OWN = ("charset-normalizer",)
_XML = ("lxml", *_OWN)

_TABLE = (
    Reader("pdf", "liteparse", _READERS + "pdf", _PDF),
    Reader("pdf", "unstructured", _READERS + "elements", (*_ELEMENTS, "unstructured-inference")),
    Reader("html", "doctune", _READERS + "html", _HTML),
    Reader("html", "trafilatura", _READERS + "trafilatura", ("trafilatura", "justext", "lxml")),
    Reader("html", "unstructured", _READERS + "elements", _ELEMENTS),
    Reader("docx", "doctune", _READERS + "docx", ("lxml",)),
    Reader("docx", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("docx", "unstructured", _READERS + "elements", (*_ELEMENTS, "python-docx")),
    Reader("pptx", "doctune", _READERS + "pptx", ("lxml",)),
    Reader("pptx", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("pptx", "unstructured", _READERS + "elements", (*_ELEMENTS, "python-pptx")),
    Reader("xlsx", "doctune", _READERS + "xlsx", ("lxml",)),
    Reader("xlsx", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("xlsx", "unstructured", _READERS + "elements", _SHEETS),
    Reader("xlsb", "doctune", _READERS + "xlsb", ("lxml",)),
    Reader("xlsb", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("xls", "doctune", _READERS + "xls", ("olefile",)),
    Reader("xls", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("xls", "unstructured", _READERS + "elements", _SHEETS),
    Reader("doc", "doctune", _READERS + "doc", ("olefile",)),
    Reader("doc", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("doc", "unstructured", _READERS + "elements", (*_ELEMENTS, "python-docx")),
    Reader("ppt", "doctune", _READERS + "ppt", ("olefile",)),
    Reader("ppt", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("ppt", "unstructured", _READERS + "elements", (*_ELEMENTS, "python-pptx")),
    Reader("odt", "doctune", _READERS + "odt", ("lxml",)),
    Reader("odt", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("odt", "unstructured", _READERS + "elements", (*_PANDOC, "python-docx")),
    Reader("ods", "doctune", _READERS + "ods", ("lxml",)),
    Reader("ods", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("odp", "doctune", _READERS + "odp", ("lxml",)),
    Reader("rtf", "doctune", _READERS + "rtf"),
    Reader("rtf", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("rtf", "unstructured", _READERS + "elements", _PANDOC),
    Reader("epub", "doctune", _READERS + "epub", ("lxml",)),
    Reader("epub", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("epub", "unstructured", _READERS + "elements", _PANDOC),
    Reader("fb2", "doctune", _READERS + "fb2", ("lxml",)),
    Reader("fb2", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("eml", "doctune", _READERS + "eml", _HTML),
    Reader("eml", "unstructured", _READERS + "elements", _ELEMENTS),
    Reader("msg", "doctune", _READERS + "msg", (*_HTML, "olefile", "kreuzberg")),
    Reader("msg", "unstructured", _READERS + "elements", _ELEMENTS),
    Reader("mbox", "doctune", _READERS + "mbox", _HTML),
    Reader("mhtml", "doctune", _READERS + "mhtml", _HTML),
    Reader("csv", "doctune", _READERS + "csv", _OWN),
    Reader("csv", "unstructured", _READERS + "elements", (*_ELEMENTS, "pandas")),
    Reader("tsv", "doctune", _READERS + "csv", _OWN),
    Reader("tsv", "unstructured", _READERS + "elements", (*_ELEMENTS, "pandas")),
    Reader("markdown", "doctune", _READERS + "markdown", _OWN),
    Reader("markdown", "unstructured", _READERS + "elements", (*_ELEMENTS, "markdown")),
    Reader("text", "doctune", _READERS + "text", _OWN),
    Reader("text", "unstructured", _READERS + "elements", _ELEMENTS),
    Reader("json", "doctune", _READERS + "json", _OWN),
    Reader("jsonl", "doctune", _READERS + "jsonl", _OWN),
    Reader("ipynb", "doctune", _READERS + "ipynb", _OWN),
    *(Reader(name, "doctune", _READERS + "docxml", _XML) for name in ("docbook", "jats", "tei")),
    *(Reader(name, "doctune", _READERS + "xml", _XML) for name in ("xml", "opml", "svg")),
    Reader("xml", "unstructured", _READERS + "elements", _ELEMENTS),
    Reader("feed", "doctune", _READERS + "xml", (*_XML, "resiliparse")),
    Reader("rst", "doctune", _READERS + "rst", _OWN),
    Reader("rst", "unstructured", _READERS + "elements", _PANDOC),
    Reader("org", "doctune", _READERS + "org", _OWN),
    Reader("org", "unstructured", _READERS + "elements", _PANDOC),
    Reader("asciidoc", "doctune", _READERS + "asciidoc", _OWN),
    Reader("tex", "doctune", _READERS + "tex", _OWN),
    Reader("typst", "doctune", _READERS + "typst", _OWN),
    Reader("djot", "doctune", _READERS + "djot", _OWN),
    *(Reader(name, "doctune", _READERS + "config", _OWN) for name in ("yaml", "toml", "ini")),
    Reader("subtitles", "doctune", _READERS + "subtitles", _OWN),
    Reader("bibliography", "doctune", _READERS + "bibliography", _OWN),
    *(Reader(name, "doctune", _READERS + "calendar", _OWN) for name in ("calendar", "vcard")),
    *(Reader(name, "ocr", _READERS + "image") for name in ("png", "jpeg", "gif", "bmp", "tiff", "webp", "jp2", "pnm")),
)

FORMATS: tuple[str, ...] = tuple(dict.fromkeys(reader.format for reader in _TABLE))


def engines_of(format_name: str) -> tuple[str, ...]:
    """The engines that can read a format, the default first; none for a format without a reader."""
    return tuple(reader.engine for reader in _TABLE if reader.format == format_name)


def find_reader(format_name: str, engines: Mapping[str, str]) -> Reader:
    """The reader for a format, by the chosen engine or the default one. Raises KeyError when there is none."""
    wanted = engines.get(format_name)
    for reader in _TABLE:
        if reader.format == format_name and wanted in (None, reader.engine):
            return reader
    raise KeyError(format_name)


def load_reader(reader: Reader) -> "Read":
    """Import a reader and give its `read`. Raises ModuleNotFoundError, naming the package, when one is not installed."""
    for package in reader.packages:
        if version_of(package) is None:
            raise ModuleNotFoundError(f"{package} is not installed", name=package)
    read: Read = importlib.import_module(reader.module).read
    return read


@functools.cache  # a look-up reads the package's metadata file: a millisecond, as long as a page takes
def version_of(package: str) -> str | None:
    """The installed version of a distribution, None when it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def installed_packages() -> tuple[str, ...]:
    """All distributions that readers can use and that are installed, sorted: they shape the stage's output."""
    names = {package for reader in _TABLE for package in reader.packages}
    return tuple(sorted(name for name in names if version_of(name) is not None))
