"""Evaluation files: found, and read text by text in bounded memory.

JSONL, JSON (a list of rows, or one row), CSV, TSV, Parquet, and TXT and Markdown (each paragraph a row), each also as .gz but
for Parquet. A JSON file is parsed whole; the others are read row by row.
"""

import csv
import glob
import gzip
import hashlib
import io
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.dataset.errors import EvaluationError

_BATCH_ROWS = 256  # of Parquet
_FIELD_CHARACTERS = 1 << 27  # of CSV; the module's own limit of 131,072 refuses long documents


@dataclass(frozen=True)
class EvaluationFile:
    """name: what reports call it: the file's name, with as many folders as tell it from the others. sha256: of its bytes, hex.
    path: absolute."""

    name: str
    sha256: str
    path: str

    def cache_identity(self) -> list[str]:
        """What counts in a cache key: what is in the file and what reports call it, not where it is."""
        return [self.name, self.sha256]


def find_evaluation(patterns: Sequence[str]) -> list[EvaluationFile]:
    """The files that paths, folders and glob patterns name, each content once, sorted by name.

    Raises EvaluationError for a pattern that matches nothing, a file of another kind or one that cannot be read.
    """
    paths = sorted({path for pattern in patterns for path in _expand(pattern)})
    by_content: dict[str, str] = {}
    for path in paths:
        if _kind(path) not in _READERS:
            raise EvaluationError(f"{path}: not an evaluation file; these are read: {', '.join(sorted(_READERS))}, also as .gz")
        try:
            with open(path, "rb") as stream:
                by_content.setdefault(hashlib.file_digest(stream, "sha256").hexdigest(), path)
        except OSError as error:
            raise EvaluationError(f"{path}: cannot be read: {error.strerror}") from error
    names = _shortest_names(list(by_content.values()))
    return sorted(
        (EvaluationFile(names[path], digest, path) for digest, path in by_content.items()),
        key=lambda file: (file.name, file.sha256),
    )


def _expand(pattern: str) -> list[str]:
    full = os.path.abspath(os.path.expanduser(pattern))
    if os.path.isdir(full):
        found = [path for path in glob.glob(os.path.join(glob.escape(full), "**"), recursive=True) if _kind(path) in _READERS]
    else:
        found = [full] if os.path.exists(full) else glob.glob(full, recursive=True)
    files = [path for path in found if os.path.isfile(path)]
    if not files:
        raise EvaluationError(f"{pattern}: no such evaluation file, and no file matches")
    return files


def _kind(path: str) -> str:
    """The extension that says how to read a file, without .gz."""
    name = path.lower().removesuffix(".gz")
    kind = Path(name).suffix
    return "" if kind == ".parquet" and path.lower().endswith(".gz") else kind


def _shortest_names(paths: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for path in paths:
        parts = Path(path).parts
        others = [Path(other).parts for other in paths if other != path]
        depth = next(depth for depth in range(1, len(parts) + 1) if all(other[-depth:] != parts[-depth:] for other in others))
        names[path] = "/".join(parts[-depth:])
    return names


def read_evaluation(file: EvaluationFile, fields: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The texts of a file with their row (1-based; of JSONL, CSV, TXT and Markdown the line at which it begins or ends).

    fields: the columns whose texts count, those nested in them included; all when empty. Raises EvaluationError.
    """
    known: set[str] = set()
    try:
        for row, value in _READERS[_kind(file.path)](file.path):
            if isinstance(value, dict) and fields:
                known |= set(value)
                chosen: Any = [value[field] for field in fields if field in value]
            else:
                chosen = value
            for text in _texts(chosen):
                yield row, text
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{file.path}: is not UTF-8: {error.reason} at byte {error.start}") from error
    except (OSError, EOFError, zlib.error, csv.Error, pa.ArrowInvalid, RecursionError) as error:
        raise EvaluationError(f"{file.path}: cannot be read: {error}") from error
    if known and not known & set(fields):
        raise EvaluationError(f"{file.path}: has none of the fields {list(fields)}; it has {sorted(known)}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _open(path: str) -> io.TextIOWrapper:
    stream: Any = gzip.open(path, "rb") if path.lower().endswith(".gz") else open(path, "rb")  # noqa: SIM115 - closed by its wrapper
    return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")


def _jsonl(path: str) -> Iterator[tuple[int, Any]]:
    with _open(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield number, _parse(line.strip(), path, number)


def _json(path: str) -> Iterator[tuple[int, Any]]:
    with _open(path) as stream:
        content = _parse(stream.read(), path, 1)
    yield from enumerate(content if isinstance(content, list) else [content], 1)


def _parse(text: str, path: str, line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise EvaluationError(f"{path}, line {line + error.lineno - 1}: is not JSON: {error.msg}") from error
    except ValueError as error:  # a number of too many digits
        raise EvaluationError(f"{path}, line {line}: is not JSON that can be read: {error}") from error


def _table(path: str, delimiter: str) -> Iterator[tuple[int, Any]]:
    csv.field_size_limit(_FIELD_CHARACTERS)
    with _open(path) as stream:
        rows = csv.DictReader(stream, delimiter=delimiter)
        for row in rows:
            yield rows.line_num, {name or "": value for name, value in row.items()}


def _csv(path: str) -> Iterator[tuple[int, Any]]:
    return _table(path, ",")


def _tsv(path: str) -> Iterator[tuple[int, Any]]:
    return _table(path, "\t")


def _parquet(path: str) -> Iterator[tuple[int, Any]]:
    number = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            for row in batch.to_pylist():
                number += 1
                yield number, row


def _paragraphs(path: str) -> Iterator[tuple[int, Any]]:
    with _open(path) as stream:
        lines: list[str] = []
        number = 0
        for number, line in enumerate(stream, 1):
            if line.strip():
                lines.append(line)
            elif lines:
                yield number - len(lines), "".join(lines)
                lines = []
        if lines:
            yield number - len(lines) + 1, "".join(lines)


_READERS: dict[str, Callable[[str], Iterator[tuple[int, Any]]]] = {
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".json": _json,
    ".csv": _csv,
    ".tsv": _tsv,
    ".parquet": _parquet,
    ".txt": _paragraphs,
    ".md": _paragraphs,
}
