"""JSON Lines: one record per line, read line by line in bounded parts."""

from collections.abc import Iterator

from tasks.extraction.readers.json import parse, render
from tasks.extraction.reading import CorruptError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces, decode_pieces, text_lines


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read JSON Lines; a line that is no JSON makes the document corrupt, and the detail names the line."""
    with source.view() as view:
        lines = text_lines(decode_pieces(view, source.encoding))
        records = (_record(line, number) for number, line in enumerate(lines, start=1))
        for text in cut_pieces(records, settings.part_characters):
            yield Part(text)


def _record(line: str, number: int) -> str:
    if not line.strip():
        return ""
    try:
        return "\n".join(render(parse(line))) + "\n\n"
    except CorruptError as error:
        raise CorruptError(f"line {number}: {error.detail}") from error
