"""`doctune annotate`: the fields of the newest run's documents, shown and exported; and rankers fitted on labelled documents.

Nothing of this starts Prefect.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from flows.exits import EXIT_FAILED, EXIT_UNKNOWN, EXIT_USAGE
from flows.inspection import require_run
from flows.results import RunResult, newest_result
from tasks.annotation.annotating import learned_ranker
from tasks.annotation.crossval import explain, train
from tasks.annotation.errors import AnnotationError
from tasks.annotation.labels import read_labels
from tasks.annotation.ranker import Ranker, shipped_ranker
from tasks.annotation.schema import load_schema
from tasks.annotation.showing import LINES, TABLE, collect_shown, write_extractions, write_pages
from tasks.annotation.sources.rules import Rules
from tasks.reporting.why import find_documents
from tasks.storage.parquet import TextAt, locate_alive, read_alive, read_rows
from tasks.storage.root import display_path, use_data_root, write_bytes

NOTHING = "The newest run annotated nothing: curation.annotation.enabled was off, or nothing was kept."
PLAIN = (".txt", ".md")
Key = tuple[str, int]


def print_fields(data_root: str, document: str | None) -> int:
    """How often each field was found in the newest run, or the fields of one document as JSON lines; returns the exit code."""
    result = require_run(data_root)
    if result is None or result.decisions is None:
        return EXIT_USAGE
    if document is None:
        return _print_counts(result)
    found = find_documents(result.decisions, document, os.path.abspath(os.path.expanduser(document)))
    wanted = {row["document_id"]: row["path"] for row in found}
    rows = [row for row in _rows(result) if row["document_id"] in wanted]
    if not rows:
        what = "kept no document called" if found else "saw no document called"
        click.echo(f"Error: run {result.run} {what} {document}", err=True)
        return EXIT_UNKNOWN
    for row in sorted(rows, key=lambda row: (wanted[row["document_id"]], row["part"])):
        about = {"path": wanted[row["document_id"]], "part": row["part"], "schema": row["schema"]}
        for each in row["annotations"]:
            click.echo(json.dumps(about | each, ensure_ascii=False))
    return 0


def _print_counts(result: RunResult) -> int:
    values: Counter[tuple[str, str]] = Counter()
    documents: Counter[tuple[str, str]] = Counter()
    for row in _rows(result):
        names = [each["field"] for each in row["annotations"]]
        values.update((row["schema"], name) for name in names)
        documents.update((row["schema"], name) for name in set(names))
    if not values:
        click.echo(NOTHING, err=True)
        return 0
    click.echo(f"{'schema':12} {'field':24} {'values':>8} {'texts':>8}")
    for schema, field in sorted(values):
        click.echo(f"{schema:12} {field:24} {values[schema, field]:8,} {documents[schema, field]:8,}")
    return 0


def export_fields(data_root: str, folder: str) -> int:
    """Write a table with one row per value, LangExtract's JSONL and a page per text to a new folder; returns the exit code."""
    result = require_run(data_root)
    if result is None or result.decisions is None:
        return EXIT_USAGE
    target = Path(folder).expanduser().absolute()
    if target.exists() and any(target.iterdir()):
        click.echo(f"Error: {folder} is not empty: name a new folder", err=True)
        return EXIT_USAGE
    shown = collect_shown(result.outputs, result.decisions)
    target.mkdir(parents=True, exist_ok=True)
    rows = write_extractions(shown, target / TABLE)
    write_pages(shown, lambda name, content: _write(target / name, content))
    click.echo(f"{rows} values of {len(shown)} texts: {target / TABLE}, {target / LINES}, and a page for each text")
    return 0


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def train_ranker(data_root: str, labels: str, schema_name: str) -> int:
    """Fit the ranker of a schema on labelled documents, say how good it is on documents that it has not seen, and keep it for the
    next runs; returns the exit code."""
    use_data_root(data_root)
    try:
        schema = load_schema(schema_name)
        documents = read_labels(Path(labels), schema, TextReader())
        click.echo(f"{len(documents)} labelled documents, schema {schema.name}", err=True)
        trained = train(schema, documents, [Rules()])
    except AnnotationError as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    explain(trained.report, click.echo)
    names = {field.name for field in schema.fields}
    if trained.report.overall.f1 <= trained.report.rules.f1:
        click.echo("Not kept: on documents that it has not seen it is no better than the rules.", err=True)
        return EXIT_FAILED
    # Fields that the labels do not name keep the ranker that they had.
    shipped = shipped_ranker(schema.name)
    kept = {name: ranker for name, ranker in shipped.fields.items() if name in names} if shipped else {}
    write_bytes(learned_ranker(schema.name), Ranker(schema.name, kept | trained.ranker.fields).to_json())
    click.echo(f"Kept: {display_path(learned_ranker(schema.name))}; the next run uses it. Remove the file to go back.")
    return 0


def _rows(result: RunResult) -> Iterator[dict[str, Any]]:
    for outputs in result.outputs:
        if "annotation" in outputs:
            yield from read_alive(outputs["annotation"], ("document_id", "part", "schema", "annotations", "ungrounded"))


def _texts(result: RunResult) -> Mapping[Key, TextAt]:
    return {
        (row["document_id"], row["part"]): row["text"]
        for outputs in result.outputs
        if "annotation" in outputs
        for row in locate_alive(outputs["privacy"], ("document_id", "part"))
    }


class TextReader:
    """Texts of labelled documents: as the newest run cleaned them; of others, those that are plain text as they are."""

    def __init__(self) -> None:
        result = newest_result()
        self._paths: dict[str, str] = {}
        self._texts: dict[str, list[tuple[int, TextAt]]] = {}
        if result is None or result.decisions is None:
            return
        for row in read_rows(result.decisions, ["document_id", "path", "aliases"]):
            self._paths |= dict.fromkeys((row["path"], *row["aliases"]), row["document_id"])
        for (document_id, part), text in _texts(result).items():
            self._texts.setdefault(document_id, []).append((part, text))

    def __call__(self, path: Path) -> str:
        """The text of a document. Raises ValueError, saying what to do, OSError."""
        parts = self._texts.get(self._paths.get(str(path.absolute()), ""), [])
        if parts:
            return "\n\n".join(text.read() for _, text in sorted(parts, key=lambda part: part[0]))
        if path.suffix.lower() not in PLAIN:
            raise ValueError(f"the newest run kept no document {path}: `doctune curate` it first, so that its text is known")
        return path.read_text(encoding="utf-8")
