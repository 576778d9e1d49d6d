"""Which reader reads which format: one table. A reader's module is imported when a document of its format comes.

The first engine of a format is the default; docs/engines.md says what was measured and why.
"""

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


_PDF = ("liteparse", "pypdfium2", "pypdf")
_HTML = ("trafilatura", "justext", "resiliparse", "lxml")
_OFFICE = ("kreuzberg",)
_ELEMENTS = ("unstructured", "spacy")
_OWN = ("charset-normalizer",)
_XML = ("lxml", *_OWN)

_TABLE = (
    Reader("pdf", "liteparse", _READERS + "pdf", _PDF),
    Reader("html", "trafilatura", _READERS + "html", _HTML),
    Reader("html", "unstructured", _READERS + "elements", _ELEMENTS),
    Reader("docx", "doctune", _READERS + "docx", ("lxml",)),
    Reader("docx", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("docx", "unstructured", _READERS + "elements", (*_ELEMENTS, "python-docx")),
    Reader("pptx", "doctune", _READERS + "pptx", ("lxml",)),
    Reader("pptx", "kreuzberg", _READERS + "office", _OFFICE),
    Reader("pptx", "unstructured", _READERS + "elements", (*_ELEMENTS, "python-pptx")),
    Reader("xlsx", "kreuzberg", _READERS + "xlsx", _OFFICE),
    Reader("xlsx", "unstructured", _READERS + "elements", (*_ELEMENTS, "openpyxl", "xlrd", "networkx", "msoffcrypto-tool")),
    Reader("odt", "kreuzberg", _READERS + "odt", _OFFICE),
    Reader("odt", "unstructured", _READERS + "elements", (*_ELEMENTS, "python-docx", "pypandoc")),
    Reader("rtf", "kreuzberg", _READERS + "rtf", _OFFICE),
    Reader("rtf", "unstructured", _READERS + "elements", (*_ELEMENTS, "pypandoc")),
    Reader("epub", "kreuzberg", _READERS + "epub", _OFFICE),
    Reader("epub", "unstructured", _READERS + "elements", (*_ELEMENTS, "pypandoc")),
    Reader("eml", "doctune", _READERS + "eml", _HTML),
    Reader("csv", "doctune", _READERS + "csv", _OWN),
    Reader("tsv", "doctune", _READERS + "csv", _OWN),
    Reader("markdown", "doctune", _READERS + "markdown", _OWN),
    Reader("text", "doctune", _READERS + "text", _OWN),
    Reader("json", "doctune", _READERS + "json", _OWN),
    Reader("jsonl", "doctune", _READERS + "jsonl", _OWN),
    Reader("ipynb", "doctune", _READERS + "ipynb", _OWN),
    *(Reader(name, "doctune", _READERS + "docxml", _XML) for name in ("docbook", "jats", "tei")),
    *(Reader(name, "doctune", _READERS + "xml", _XML) for name in ("xml", "opml", "svg")),
    Reader("feed", "doctune", _READERS + "xml", (*_XML, "resiliparse")),
    Reader("rst", "doctune", _READERS + "rst", _OWN),
    Reader("org", "doctune", _READERS + "org", _OWN),
    Reader("asciidoc", "doctune", _READERS + "asciidoc", _OWN),
    Reader("tex", "doctune", _READERS + "tex", _OWN),
    Reader("typst", "doctune", _READERS + "typst", _OWN),
    Reader("djot", "doctune", _READERS + "djot", _OWN),
    *(Reader(name, "doctune", _READERS + "config", _OWN) for name in ("yaml", "toml", "ini")),
    Reader("subtitles", "doctune", _READERS + "subtitles", _OWN),
    Reader("bibliography", "doctune", _READERS + "bibliography", _OWN),
    *(Reader(name, "doctune", _READERS + "calendar", _OWN) for name in ("calendar", "vcard")),
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
