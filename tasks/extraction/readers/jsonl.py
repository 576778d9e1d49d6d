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
        records = (piece for number, line in enumerate(lines, start=1) for piece in _record(line, number))
        for text in cut_pieces(records, settings.part_characters):
            yield Part(text)


def _record(line: str, number: int) -> Iterator[str]:
    """The lines of a record one by one: the names above a field stand before each of its values, and can be long."""
    if not line.strip():
        return
    try:
        for rendered in render(parse(line)):
            yield rendered + "\n"
    except CorruptError as error:
        raise CorruptError(f"line {number}: {error.detail}") from error
    yield "\n"
