"""JSON Lines: one record per line, read line by line in bounded parts."""

from collections.abc import Iterator

from tasks.extraction.readers.json import LARGEST_BYTES, parse, render
from tasks.extraction.reading import CorruptError, LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces, decode_pieces


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read JSON Lines; a line that is no JSON makes the document corrupt, and the detail names the line."""
    with source.view() as view:
        records = _records(decode_pieces(view, source.encoding))
        for text in cut_pieces(records, settings.part_characters):
            yield Part(text)


def _records(pieces: Iterator[str]) -> Iterator[str]:
    number, rest = 0, ""
    for piece in pieces:
        lines = (rest + piece).split("\n")
        rest = lines.pop()
        if len(rest) > LARGEST_BYTES:
            raise LimitError(f"jsonl: a line of more than {LARGEST_BYTES} characters")
        for line in lines:
            number += 1
            yield _record(line, number)
    yield _record(rest, number + 1)


def _record(line: str, number: int) -> str:
    if not line.strip():
        return ""
    try:
        return "\n".join(render(parse(line))) + "\n\n"
    except CorruptError as error:
        raise CorruptError(f"line {number}: {error.detail}") from error
