"""Verdicts that a person wrote into a file, with a spreadsheet or a script: CSV or JSONL of document and verdict."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERDICTS = {"keep": True, "k": True, "true": True, "reject": False, "r": False, "false": False}
DOCUMENT_NAMES = ("document_id", "document", "path")


@dataclass(frozen=True)
class Verdict:
    """A line of a file of verdicts. document: id, path, or the end of one. part: None for all parts."""

    line: int
    document: str
    part: int | None
    keep: bool


def read_verdicts(file: str) -> list[Verdict]:
    """The verdicts of a CSV or JSONL file. Raises ValueError for a line that is none, naming it, and OSError.

    CSV: document and verdict, in this order or as a header names them. JSONL: {"path" or "document_id": ..., "verdict": ...}; the
    lines of a labels file are such lines too. A verdict is "keep" or "reject".
    """
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: not UTF-8") from error
    first = next((line for line in text.splitlines() if line.strip()), "")
    rows = _json_rows(file, text) if first.lstrip().startswith("{") else _csv_rows(file, text)
    return [_verdict(file, number, row) for number, row in rows]


def _csv_rows(file: str, text: str) -> list[tuple[int, dict[str, Any]]]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    header: list[str] | None = None
    rows: list[tuple[int, dict[str, Any]]] = []
    try:
        for cells in reader:
            if not any(cells):
                continue
            if header is None:
                names = [cell.strip().lower() for cell in cells]
                is_header = bool(set(names).intersection(DOCUMENT_NAMES))
                header = names if is_header else ["document", "verdict"]
                if is_header:
                    continue
            rows.append((reader.line_num, dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        raise ValueError(f"{file}, line {reader.line_num}: {error}") from error
    return rows


def _json_rows(file: str, text: str) -> list[tuple[int, dict[str, Any]]]:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:  # no JSON, a number of too many digits, or too deep
                raise ValueError(f"{file}, line {number}: {error}") from error
            if not isinstance(row, dict):
                raise ValueError(f"{file}, line {number}: not a JSON object")
            rows.append((number, row))
    return rows


def _verdict(file: str, number: int, row: Mapping[str, Any]) -> Verdict:
    document = next((row[name] for name in DOCUMENT_NAMES if row.get(name)), None)
    said = row.get("verdict", row.get("keep"))
    if isinstance(said, bool):
        said = "keep" if said else "reject"
    keep = VERDICTS.get(str(said).strip().lower())
    part = row.get("part")
    if not isinstance(document, str) or keep is None:
        raise ValueError(f'{file}, line {number}: expected a document and a verdict, "keep" or "reject"')
    if part in (None, ""):
        return Verdict(number, document.strip(), None, keep)
    if isinstance(part, bool) or not str(part).strip().isdecimal():
        raise ValueError(f"{file}, line {number}: part must be a whole number, got {part!r}")
    return Verdict(number, document.strip(), int(part), keep)
