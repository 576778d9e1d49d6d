"""Labelled documents, to fit and to examine a ranker with.

Two formats of JSON lines are read. Our own:

    {"document": "a.txt", "fields": {"party": ["Birch Tools, Inc."], "date": [{"start": 10, "end": 21}]}, "group": "Birch"}

The path is relative to the labels' file; a field that is not named is not labelled, an empty list says that there is no value.
And LangExtract's, one AnnotatedDocument a line; there every field of the schema counts as labelled.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.annotation.document import TextDocument
from tasks.annotation.errors import LabelError
from tasks.annotation.features import Proposal, comparable
from tasks.annotation.normalizers import normalizer_of
from tasks.annotation.schema import AnnotationSchema, FieldSpec


@dataclass(frozen=True)
class Label:
    """A true value of a field. value: as it stands in the text or normalized. start, end: its place, None where not said."""

    value: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class LabelledDocument:
    """A text and what is true of it. name: for messages. group: documents of one group never stand on both sides of a fold.
    fields: labelled fields only. Of a field with one value, several labels are spellings of it."""

    name: str
    document: TextDocument
    fields: Mapping[str, tuple[Label, ...]]
    group: str


def read_plain_text(path: Path) -> str:
    """The text of a UTF-8 file."""
    return path.read_text(encoding="utf-8")


def read_labels(
    path: Path, schema: AnnotationSchema, read_text: Callable[[Path], str] = read_plain_text
) -> list[LabelledDocument]:
    """Labelled documents in the order of the file. read_text: from a document's path to its text, as the pipeline would see it.

    Raises LabelError, which names the line and says what is wrong with it.
    """
    documents = []
    for number, row in _rows(path):
        try:
            documents.append(
                _from_langextract(row, schema) if "extractions" in row else _own(row, schema, path.parent, read_text)
            )
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            raise LabelError(f"{path}, line {number}: {type(error).__name__}: {error}") from error
    if not documents:
        raise LabelError(f"{path} has no labelled document")
    return documents


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise LabelError(f"{path}, line {number} is no JSON: {error}") from error
            if not isinstance(row, dict):
                raise LabelError(f"{path}, line {number}: a JSON object was expected")
            yield number, row


def _own(row: dict[str, Any], schema: AnnotationSchema, folder: Path, read_text: Callable[[Path], str]) -> LabelledDocument:
    name = row["document"]
    text = read_text(folder / name)
    fields = {}
    for field, values in row["fields"].items():
        _known(field, schema)
        if not isinstance(values, list):
            raise ValueError(f"the values of {field} must be a list")
        fields[field] = tuple(_own_label(value, text, field) for value in values)
    return LabelledDocument(name, TextDocument(text, row.get("language")), fields, row.get("group") or name)


def _own_label(value: Any, text: str, field: str) -> Label:
    if isinstance(value, str):
        return Label(value)
    start, end = value["start"], value["end"]
    if not 0 <= start < end <= len(text):
        raise ValueError(f"{field}: there are no characters {start} to {end} in the text of {len(text)} characters")
    return Label(text[start:end], start, end)


def _from_langextract(row: dict[str, Any], schema: AnnotationSchema) -> LabelledDocument:
    text = row["text"]
    fields: dict[str, list[Label]] = {field.name: [] for field in schema.fields}
    for extraction in row["extractions"] or ():
        _known(extraction["extraction_class"], schema)
        place = extraction.get("char_interval") or {}
        label = Label(extraction["extraction_text"], place.get("start_pos"), place.get("end_pos"))
        fields[extraction["extraction_class"]].append(label)
    name = str(row.get("document_id") or "")
    labels = {field: tuple(values) for field, values in fields.items()}
    return LabelledDocument(name, TextDocument(text, row.get("language")), labels, row.get("group") or name or text[:200])


def _known(field: str, schema: AnnotationSchema) -> None:
    if field not in {one.name for one in schema.fields}:
        raise ValueError(f"the schema {schema.name} has no field {field!r}")


def met_labels(proposals: Sequence[Proposal], labels: Sequence[Label], field: FieldSpec) -> list[tuple[int, ...]]:
    """For each proposal, which labels it meets: those with its place, its text, or its normalized value."""
    normalize = normalizer_of(field)
    spellings = [{comparable(label.value), comparable(normalize(label.value, field) or label.value)} for label in labels]
    return [
        tuple(
            at
            for at, label in enumerate(labels)
            if (label.start, label.end) == (proposal.start, proposal.end)
            or spellings[at] & {comparable(proposal.text), proposal.key}
        )
        for proposal in proposals
    ]
