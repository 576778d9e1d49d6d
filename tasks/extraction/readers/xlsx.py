"""Excel workbooks."""

import re
from collections.abc import Iterator

from tasks.extraction.kreuzberg_offline import ENGINE, convert
from tasks.extraction.reading import Part, Source
from tasks.extraction.settings import ExtractionSettings

_RULE = re.compile(r"\|(?: --- \|)+")


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a workbook; its pages are sheets, each a heading and a table."""
    found = convert(source)
    sheets = int(found.metadata.get("sheet_count") or 0)
    yield Part(
        drop_empty_rows(found.markdown),
        found.title,
        found.language,
        pages=sheets,
        pages_lost=0,
        engine=ENGINE,
        engine_version=found.version,
    )


def drop_empty_rows(markdown: str) -> str:
    """Tables without the rows that have nothing in any cell; a header row stays, because a table needs one."""
    lines = markdown.split("\n")
    following = [*lines[1:], ""]
    return "\n".join(
        line for line, after in zip(lines, following, strict=True) if not _is_empty_row(line) or _RULE.fullmatch(after.strip())
    )


def _is_empty_row(line: str) -> bool:
    return line.startswith("|") and not line.replace("|", "").strip()
