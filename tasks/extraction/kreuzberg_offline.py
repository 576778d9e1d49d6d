"""kreuzberg (MIT) as an engine for office documents: no network, no text recognition, no cache on disk.

Its own limits on archives (members, ratio, nesting, entities) stay in force.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.extraction.reading import Source, engine_errors
from tasks.extraction.registry import version_of
from tasks.extraction.texts import clean_language, clean_title, tidy_markdown

ENGINE = "kreuzberg"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MIME_TYPES = {
    "docx": _OFFICE + "wordprocessingml.document",
    "pptx": _OFFICE + "presentationml.presentation",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    "doc": "application/msword",
    "ppt": "application/vnd.ms-powerpoint",
    "xls": "application/vnd.ms-excel",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "fb2": "application/x-fictionbook+xml",
    "rtf": "application/rtf",
    "epub": "application/epub+zip",
}


@dataclass(frozen=True)
class Converted:
    """What kreuzberg made of a document. metadata: as it names the fields."""

    markdown: str
    title: str | None
    language: str | None
    metadata: Mapping[str, Any]
    version: str


def convert(source: Source) -> Converted:
    """Convert a document to Markdown. Raises ReaderError."""
    with engine_errors(ENGINE):
        from kreuzberg import ExtractionConfig, extract_bytes_sync

        options: dict[str, Any] = {"disable_ocr": True}  # missing from the package's type stubs
        config = ExtractionConfig(
            use_cache=False,  # else it writes a .kreuzberg folder into the working directory
            enable_quality_processing=False,  # cleaning belongs to normalization, where it is counted
            output_format="markdown",
            **options,
        )
        result = extract_bytes_sync(source.read(), _MIME_TYPES[source.format], config=config)
        metadata: dict[str, Any] = dict(result.metadata)
        return Converted(
            markdown=tidy_markdown(result.content),
            title=clean_title(metadata.get("title") or (metadata.get("core_properties") or {}).get("title")),
            language=clean_language(metadata.get("language")),
            metadata=metadata,
            version=version_of(ENGINE) or "",
        )
