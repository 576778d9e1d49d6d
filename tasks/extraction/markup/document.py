"""What the readers of markup languages share: the whole text in memory, front matter's fields, blocks of Markdown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tasks.extraction.reading import LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import clean_language, clean_title, cut_pieces, decode_all, table_row

LARGEST_BYTES = 64 * 1024 * 1024  # no one writes more by hand; what is larger is data
DEEPEST = 30  # blocks in blocks


@dataclass
class Document:
    """A document that is being converted. blocks: Markdown, in order. notes: footnotes, numbered from 1."""

    title: str | None = None
    language: str | None = None
    blocks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, block: str) -> None:
        """Add a block, unless it is blank."""
        if block.strip():
            self.blocks.append(block.strip("\n"))

    def parts(self, settings: ExtractionSettings) -> Iterator[Part]:
        """The document in parts of bounded size."""
        notes = (f"[^{number}]: {note}" for number, note in enumerate(self.notes, start=1))
        pieces = (block + "\n\n" for block in (*self.blocks, *notes))
        for text in cut_pieces(pieces, settings.part_characters):
            yield Part(text, clean_title(self.title), clean_language(self.language))


def load_text(source: Source) -> str:
    """The whole text. Raises LimitError for one that is too large to be written markup."""
    if source.size > LARGEST_BYTES:
        raise LimitError(f"{source.format}: more than {LARGEST_BYTES} bytes of markup")
    with source.view() as view:
        return decode_all(view, source.encoding)


def heading(level: int, text: str) -> str:
    """A heading; Markdown has six levels."""
    return f"{'#' * min(6, max(1, level))} {' '.join(text.split())}" if text.strip() else ""


def quoted(text: str) -> str:
    """A block quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))


def list_item(mark: str, text: str) -> str:
    """A list item whose further lines stand under its text."""
    indent = " " * len(mark)
    lines = text.strip("\n").split("\n")
    return "\n".join([mark + lines[0], *(indent + line if line.strip() else "" for line in lines[1:])])


def table(rows: Iterable[Iterable[str]]) -> str:
    """A table whose first row is the header; rows may be of any length."""
    filled = [[cell.strip() for cell in row] for row in rows]
    filled = [row for row in filled if any(row)]
    if not filled:
        return ""
    width = max(len(row) for row in filled)
    head, *body = (table_row(row, width) for row in filled)
    return "\n".join([head, "|" + " --- |" * width, *body])


def dedented(lines: list[str]) -> list[str]:
    """Lines without the indentation that all of them have."""
    least = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[least:] for line in lines]
