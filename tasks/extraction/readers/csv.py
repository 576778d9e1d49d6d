"""Tables as text: CSV in any of its dialects, and TSV. Read record by record in bounded parts."""

import csv
import io
import itertools
from collections.abc import Iterator, Sequence

from tasks.extraction.reading import CorruptError, LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import decode_pieces, table_row, text_lines

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 100
_WIDEST = 10_000  # fields of a record


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a table as Markdown; each part repeats the header."""
    before = csv.field_size_limit(settings.part_characters)  # of the whole process: detection reads tables too
    with source.view() as view:
        lines = (line + "\n" for line in text_lines(decode_pieces(view, source.encoding), settings.part_characters))
        sample = list(itertools.islice(lines, _SAMPLE_LINES))
        delimiter = "\t" if source.format == "tsv" else None
        if sample and sample[0].strip().lower().startswith("sep=") and len(sample[0].strip()) == 5:
            delimiter = sample.pop(0).strip()[4]  # how Excel states its delimiter
        records = csv.reader(itertools.chain(sample, lines), delimiter=delimiter or guess_delimiter(sample))
        try:
            for text in _tables(records, settings.part_characters):
                yield Part(text)
        except csv.Error as error:
            problem = LimitError if "limit" in str(error) else CorruptError
            raise problem(f"csv: {error}") from error
        finally:
            csv.field_size_limit(before)


def guess_delimiter(lines: Sequence[str]) -> str:
    """The delimiter by which most records have the same number of fields, two or more; a comma when there is none."""
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            widths = [len(record) for record in csv.reader(lines, delimiter=delimiter) if record]
        except csv.Error:
            continue
        if not widths:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        score = widths.count(usual) / len(widths) if usual >= 2 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _tables(records: Iterator[list[str]], limit: int) -> Iterator[str]:
    header: list[str] | None = None
    table, size, rows = io.StringIO(), 0, 0
    for record in records:
        if not any(cell.strip() for cell in record):
            continue
        if len(record) > _WIDEST:
            raise LimitError(f"csv: a record with more than {_WIDEST} fields")
        if header is None:
            header = record
            size = table.write(_head(header))
            continue
        row = table_row(record, len(header)) if len(header) > 1 else " ".join(record)
        if rows and size + len(row) + 1 > limit:
            yield table.getvalue()
            table, rows = io.StringIO(), 0
            size = table.write(_head(header))
        size += table.write("\n" + row)
        rows += 1
    if size:
        yield table.getvalue()


def _head(header: Sequence[str]) -> str:
    """The first lines of a table; a single column is no table but a list of lines."""
    return table_row(header) + "\n|" + " --- |" * len(header) if len(header) > 1 else header[0]
