"""What a worker process does with one document."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tasks.extraction.reading import EmptyError, LimitError, MissingExtraError, Part, ReaderError, Source, bounded_growth
from tasks.extraction.registry import find_reader, load_reader
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces, is_blank, valid_text
from tasks.runtime.pieces import DocumentEnded
from tasks.storage.root import local_copy

IN_MEMORY_BYTES = 64 * 1024 * 1024  # a larger document is mapped, and so hashed and read in two passes


@dataclass(frozen=True)
class ExtractionRequest:
    """One document to read. locations: of its byte-identical copies, the first that still has its content is taken."""

    document_id: str
    locations: tuple[str, ...]
    format: str
    encoding: str | None
    settings: ExtractionSettings


@dataclass(frozen=True)
class ExtractedPart:
    """A row of the EXTRACTION dataset; the columns are described there."""

    document_id: str
    part: int
    format: str
    text: str | None = None
    title: str | None = None
    language_hint: str | None = None
    pages: int | None = None
    pages_lost: int | None = None
    engine: str | None = None
    engine_version: str | None = None
    reason: str | None = None
    detail: str | None = None


def read_rows(request: ExtractionRequest) -> Iterator[dict[str, Any]]:
    """The rows of one document as they are read. Raises DocumentEnded with the one row that says why it cannot be read."""
    with open_source(request) as (source, detail):
        if source is None:
            raise _ended(request, "source_changed", detail)
        try:
            for number, part in enumerate(_read_parts(source, request.settings)):
                yield vars(ExtractedPart(request.document_id, number, request.format, **vars(part)))
        except ReaderError as error:
            raise _ended(request, error.suffix, error.detail) from error
        except OSError as error:
            raise _ended(request, "source_changed", error.strerror) from error
        if source.data is None and not _is_same(source, request.document_id):
            raise _ended(request, "source_changed", "changed while it was read")


def read_document(request: ExtractionRequest) -> list[ExtractedPart]:
    """Like `read_rows`, for a document whose parts fit in memory together; foreseen failures are a row, not an error."""
    try:
        return [ExtractedPart(**row) for row in read_rows(request)]
    except DocumentEnded as ended:
        return [ExtractedPart(**ended.row)]


@contextmanager
def open_source(request: ExtractionRequest) -> Iterator[tuple[Source | None, str | None]]:
    """The first copy whose content still has the document's digest; None and why when there is none."""
    detail = "its file is in no source any more"
    with ExitStack() as stack:
        for location in request.locations:
            try:
                path = stack.enter_context(local_copy(location))
                size = path.stat().st_size
                data = path.read_bytes() if size <= IN_MEMORY_BYTES else None
                source = Source(path, size, data, request.format, request.encoding)
                if _is_same(source, request.document_id):
                    yield source, None
                    return
                detail = "its content is not what was inventoried"
            except OSError as error:
                detail = error.strerror or type(error).__name__  # its full text would name a path of this machine
        yield None, detail


def _is_same(source: Source, document_id: str) -> bool:
    if source.data is not None:
        return hashlib.sha256(source.data).hexdigest() == document_id
    with source.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == document_id


def _read_parts(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Parts of at most the settings' size, at least one. Raises ReaderError."""
    reader = find_reader(source.format, settings.engines)
    try:
        read = load_reader(reader)
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{reader.engine} needs {error.name}") from error
    count = 0
    for part in bounded_growth(read(source, settings), source.size):
        for text in cut_pieces([part.text], settings.part_characters):
            if is_blank(text):
                continue
            count += 1
            if count > settings.max_parts:
                raise LimitError(f"more than {settings.max_parts} parts of {settings.part_characters} characters")
            yield Part(**{**vars(part), "text": valid_text(text), "title": part.title and valid_text(part.title)})
    if count == 0:
        raise EmptyError()


def _ended(request: ExtractionRequest, suffix: str, detail: str | None) -> DocumentEnded:
    reason = f"extraction.{suffix}"
    return DocumentEnded(
        vars(ExtractedPart(request.document_id, 0, request.format, reason=reason, detail=detail and valid_text(detail)))
    )
