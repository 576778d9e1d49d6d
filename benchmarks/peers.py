"""Other tools, each as a function from a path to its text; installed by the extra `bench`, imported when first called."""

import importlib.metadata
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

Reader = Callable[[Path], str]


def read_unstructured(path: Path) -> str:
    """unstructured's own partition, with the project's offline shim (as shipped it needs the network for its first text)."""
    from tasks.extraction.unstructured_offline import load_partitioner

    load_partitioner("text")  # puts the shim in place
    from unstructured.partition.auto import partition

    return "\n\n".join(str(element) for element in partition(filename=str(path), strategy="fast"))


def read_markitdown(path: Path) -> str:
    """markitdown, without plug-ins."""
    return str(_markitdown().convert(str(path)).text_content)


@cache
def _markitdown() -> Any:
    from markitdown import MarkItDown

    return MarkItDown(enable_plugins=False)


def read_kreuzberg(path: Path) -> str:
    """kreuzberg with Markdown output and no text recognition."""
    from kreuzberg import ExtractionConfig, extract_file_sync

    options: dict[str, Any] = {"disable_ocr": True}
    return str(
        extract_file_sync(str(path), config=ExtractionConfig(use_cache=False, output_format="markdown", **options)).content
    )


def read_trafilatura(path: Path) -> str:
    """trafilatura with standard settings, as in its own evaluation."""
    from trafilatura import extract

    return extract(path.read_bytes(), include_comments=False) or ""


def read_resiliparse(path: Path) -> str:
    """resiliparse's main content."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    content = path.read_bytes()
    return str(extract_plain_text(bytes_to_str(content, detect_encoding(content)), main_content=True))


def read_pypdf(path: Path) -> str:
    """pypdf's plain text."""
    from pypdf import PdfReader

    return "\n\n".join(page.extract_text() for page in PdfReader(path).pages)


def read_liteparse(path: Path) -> str:
    """liteparse's Markdown, without text recognition."""
    from liteparse import LiteParse

    parser = LiteParse(ocr_enabled=False, output_format="markdown", image_mode="off", extract_links=False, quiet=True)
    return "\n\n".join(page.markdown for page in parser.parse(str(path)).pages)


_PEERS: dict[str, tuple[str, Reader]] = {
    "unstructured": ("unstructured", read_unstructured),
    "markitdown": ("markitdown", read_markitdown),
    "kreuzberg": ("kreuzberg", read_kreuzberg),
    "trafilatura": ("trafilatura", read_trafilatura),
    "resiliparse": ("resiliparse", read_resiliparse),
    "pypdf": ("pypdf", read_pypdf),
    "liteparse": ("liteparse", read_liteparse),
}


def installed(*names: str) -> dict[str, Reader]:
    """Those of the named peers that are installed."""
    os.environ.update(DO_NOT_TRACK="true", SCARF_NO_ANALYTICS="true", UNSTRUCTURED_DISABLE_NOTICE="1")
    found = {}
    for name in names:
        package, read = _PEERS[name]
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
        found[name] = read
    return found
