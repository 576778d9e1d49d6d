"""Jupyter notebooks: prose as it is, code and its text output as code blocks."""

from collections.abc import Iterator, Mapping
from typing import Any

from tasks.extraction.readers.json import load
from tasks.extraction.reading import CorruptError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_title, fenced


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a notebook of format 3 or 4."""
    notebook = load(source)
    if not isinstance(notebook, dict):
        raise CorruptError("ipynb: not an object")
    cells = notebook.get("cells")
    if not isinstance(cells, list):  # format 3 keeps them in worksheets
        sheets = [sheet for sheet in _list(notebook.get("worksheets")) if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    metadata = _mapping(notebook.get("metadata"))
    language = str(
        _mapping(metadata.get("language_info")).get("name") or _mapping(metadata.get("kernelspec")).get("language") or ""
    )
    blocks = [block for cell in cells if isinstance(cell, dict) for block in _render_cell(cell, language)]
    yield Part("\n\n".join(blocks), title=clean_title(metadata.get("title")))


def _render_cell(cell: Mapping[str, Any], language: str) -> Iterator[str]:
    text = _joined(cell.get("source", cell.get("input"))).strip()
    match cell.get("cell_type"):
        case "code":
            if text:
                yield fenced(text, language)
            for output in _list(cell.get("outputs")):
                yield from _render_output(_mapping(output))
        case "heading":  # format 3
            level = cell.get("level")
            yield f"{'#' * (level if isinstance(level, int) and 1 <= level <= 6 else 1)} {text}"
        case _:
            if text:
                yield text


def _render_output(output: Mapping[str, Any]) -> Iterator[str]:
    if output.get("output_type") in ("error", "pyerr"):
        text = f"{output.get('ename', '')}: {output.get('evalue', '')}"
    else:
        data = _mapping(output.get("data"))
        if "text/markdown" in data:
            yield _joined(data["text/markdown"]).strip()
            return
        if any(kind.startswith("image/") for kind in data):
            return  # the text beside a picture names an object of the program
        text = _joined(output.get("text", data.get("text/plain")))
    if text.strip():
        yield fenced(text.strip("\n"))


def _joined(text: Any) -> str:
    """Notebooks keep a text as one string or as a list of lines."""
    return "".join(str(line) for line in text) if isinstance(text, list) else text if isinstance(text, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
