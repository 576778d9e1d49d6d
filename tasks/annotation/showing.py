"""Annotations for people and for other tools: a table with one row per value, LangExtract's JSON Lines, a page per document."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.annotation.model.exchange import ExchangedDocument, exchange_id, jsonl_line, of_row, viewer_page
from tasks.storage.parquet import COMPRESSION, ParquetRef, TextAt, locate_alive, read_alive, read_rows
from tasks.storage.root import use_data_root, write_bytes
from tasks.storage.schemas import EXTRACTIONS

TABLE, LINES = "extractions.parquet", "extractions.jsonl"
Write = Callable[[str, bytes], None]  # a name and what is to stand in the file


@dataclass(frozen=True)
class Shown:
    """A row of ANNOTATED (document_id, part, schema, annotations, ungrounded) with its text. title: of its page."""

    row: Mapping[str, Any]
    text: TextAt
    title: str

    def read(self) -> ExchangedDocument:
        """With the text."""
        return of_row(self.row, self.text.read())

    @property
    def page(self) -> str:
        """Name of its page."""
        return f"{exchange_id(self.row['document_id'], self.row['part'])}.html"


@dataclass(frozen=True)
class Showing:
    """What a worker writes below the data root. folder: relative to it."""

    root: str
    folder: str
    shown: tuple[Shown, ...]


def collect_shown(shards: Iterable[Mapping[str, ParquetRef]], decisions: ParquetRef) -> list[Shown]:
    """All annotated parts of a run, sorted by path and part. shards: name of an output -> its reference. decisions: the books."""
    paths = {row["document_id"]: row["path"] for row in read_rows(decisions, ["document_id", "path"])}
    shown = []
    for outputs in shards:
        if "annotation" not in outputs:
            continue
        texts = {(row["document_id"], row["part"]): row["text"] for row in locate_alive(outputs["privacy"], _KEY)}
        for row in read_alive(outputs["annotation"], _COLUMNS):
            shown.append(Shown(row, texts[row["document_id"], row["part"]], paths[row["document_id"]]))
    return sorted(shown, key=lambda each: (each.title, each.row["part"]))


_KEY = ("document_id", "part")
_COLUMNS = (*_KEY, "schema", "annotations", "ungrounded")


def write_extractions(shown: Iterable[Shown], file: Any) -> int:
    """Write the table with one row per value (EXTRACTIONS) to a binary stream or a local path; returns the rows."""
    table = pa.Table.from_pylist(list(extraction_rows(shown)), schema=EXTRACTIONS)
    pq.write_table(table, file, compression=COMPRESSION)
    return int(table.num_rows)


def extraction_rows(shown: Iterable[Shown]) -> Iterator[dict[str, Any]]:
    """One row per value, for schema EXTRACTIONS."""
    for each in shown:
        about = {
            "document_id": each.row["document_id"],
            "part": each.row["part"],
            "path": each.title,
            "schema": each.row["schema"],
        }
        yield from (about | annotation for annotation in each.row["annotations"])


def write_pages(shown: Sequence[Shown], write: Write) -> None:
    """A page per document, and LangExtract's JSON Lines of the same documents."""
    lines = []
    for each in shown:
        document = each.read()
        write(each.page, viewer_page(document, each.title).encode())
        lines.append(jsonl_line(document))
    write(LINES, b"".join(lines))


def write_showing(showing: Showing) -> int:
    """`write_pages` below the data root; returns how many. Runs in a worker: LangExtract takes a second to import."""
    use_data_root(showing.root)
    write_pages(showing.shown, lambda name, content: write_bytes(f"{showing.folder}/{name}", content))
    return len(showing.shown)
