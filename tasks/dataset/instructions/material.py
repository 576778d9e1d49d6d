"""What makers work on, and what they make."""

import bisect
import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.dataset.errors import ContractError
from tasks.dataset.instructions.readable import is_readable
from tasks.dataset.structure import Structure, read_structure

Span = tuple[int, int]  # characters [start, end) of the text of the document part
MASKED = re.compile(r"\[[A-Z]+(?:_[A-Z0-9]+)*\]")  # what privacy puts in the place of a value (schemas: PRIVACY): no answer
LIST_JOINT = "; "  # between the values of an answer that names several


@dataclass(frozen=True)
class Annotation:
    """A value of a field where it stands (schemas: ANNOTATED). value: normalized, None where there is no such form."""

    field: str
    start: int
    end: int
    text: str
    value: str | None
    confidence: float


@dataclass(frozen=True)
class Question:
    """A question that a model wrote, found faithful (schemas: ANNOTATED). start, end: of its answer, within the passage."""

    question: str
    start: int
    end: int
    passage: Span


@dataclass(frozen=True)
class Field:
    """What the makers ask of a field of an annotation schema. many: whether a document may have several values. words: how it is
    called in a sentence.

    normalizer: the one that the schema names for it; None where values are given as they stand in the text.
    """

    name: str
    description: str
    many: bool = False
    normalizer: str | None = None
    labels: tuple[str, ...] = ()
    words: str = ""
    type: str = "text"
    cues: tuple[str, ...] = ()

    @classmethod
    def from_schema(cls, row: Mapping[str, Any]) -> "Field":
        """From a field of an annotation schema as plain data. Raises KeyError without name or description."""
        return cls(
            row["name"],
            " ".join(row["description"].split()),
            row.get("cardinality") == "many",
            row.get("normalizer"),
            tuple(row.get("labels", ())),
            row.get("words") or row["name"].replace("_", " "),
            row.get("type", "text"),
            tuple(row.get("cues", ())),
        )


@dataclass(frozen=True)
class Material:
    """A document part as makers see it. pieces: spans that tile the text, each short enough for a passage.

    doubtful: fields whose absence nothing can be said about, as a model named values that do not stand in the text.
    complete: no piece failed in annotation, so that what was not found may be called absent.
    """

    text: str
    structure: Structure
    language: str | None = None
    fields: tuple[Field, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    doubtful: frozenset[str] = frozenset()
    complete: bool = True
    pieces: tuple[Span, ...] = ()
    questions: tuple[Question, ...] = ()

    @functools.cached_property
    def readable_pieces(self) -> tuple[Span, ...]:
        """The pieces that are neither code nor encoded data."""
        return tuple(piece for piece in self.pieces if is_readable(self.text[slice(*piece)]))

    def piece_around(self, span: Span) -> Span | None:
        """The piece that a span stands in; None where it stands in several."""
        at = bisect.bisect_right(self.pieces, span[0], key=lambda piece: piece[0]) - 1
        return self.pieces[at] if at >= 0 and span[1] <= self.pieces[at][1] else None


def read_material(
    text: str,
    row: Mapping[str, Any] | None,
    fields: Sequence[Mapping[str, Any]],
    *,
    language: str | None = None,
    pieces: Sequence[Span] = (),
) -> Material:
    """The material of a text with its row of ANNOTATED (None without one).

    Raises ContractError for an annotation or an answer whose text does not stand at its offsets, or is blank.
    """
    found = row or {"annotations": [], "ungrounded": [], "failures": [], "questions": []}
    annotations = tuple(_annotation(text, each) for each in found["annotations"])
    return Material(
        text,
        read_structure(text),
        language,
        tuple(Field.from_schema(each) for each in fields if each.get("asked", True)) if row else (),
        annotations,
        frozenset(each["field"] for each in found["ungrounded"]),
        not found["failures"],
        tuple(pieces),
        tuple(_question(text, each) for each in found["questions"]),
    )


def _question(text: str, row: Mapping[str, Any]) -> Question:
    start, end, passage = row["start"], row["end"], (row["passage_start"], row["passage_end"])
    if not row["answer"].strip() or text[start:end] != row["answer"] or not passage[0] <= start < end <= passage[1]:
        raise ContractError(f"the answer at {start} to {end} is not what stands there, or is outside its passage")
    return Question(row["question"], start, end, passage)


def _annotation(text: str, row: Mapping[str, Any]) -> Annotation:
    """Without the white space at its ends, which no answer would have."""
    start, end = trim(text, (row["start"], row["end"]))
    if text[row["start"] : row["end"]] != row["text"] or start == end:
        raise ContractError(f"the annotation {row['field']} at {row['start']} to {row['end']} is not what stands there")
    return Annotation(row["field"], start, end, text[start:end], row["value"], row["confidence"])


@dataclass(frozen=True)
class Answer:
    """A value of an answer and where it comes from. derived_by: the normalizer that made it; None: it is what stands there."""

    text: str
    start: int
    end: int
    field: str | None = None
    derived_by: str | None = None


@dataclass(frozen=True)
class Draft:
    """An example before it is rendered. passage: its span. before, after: what the user says around it. answer: the reply.

    answers: where its values stand, in the order of the reply; none for a negative example. kept: the part of the passage that
    may not be cut off. least: fewest characters of a passage that was cut. by_line: whether it is cut at lines only. source: the
    span that the answers stand in when that is not the passage. absent: the fields that the answer calls absent.
    """

    kind: str
    passage: Span
    before: str
    after: str
    answer: str
    answers: tuple[Answer, ...]
    kept: Span
    least: int = 40
    by_line: bool = False
    source: Span | None = None
    absent: tuple[str, ...] = ()

    @property
    def negative(self) -> bool:
        """Whether nothing of what it asks for stands in the passage."""
        return not self.answers

    def question(self, text: str) -> str:
        """What the user says."""
        start, end = self.passage
        return f"{self.before}{text[start:end]}{self.after}"


def position_of(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts alone: the seeded choices of the makers."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def pick(choices: Sequence[str], *parts: object) -> str:
    """One of the choices, by the parts alone."""
    return choices[int(position_of(*parts) * len(choices))]


def trim(text: str, span: Span) -> Span:
    """A span without the white space at its ends."""
    body = text[span[0] : span[1]]
    start = span[0] + len(body) - len(body.lstrip())
    return start, max(start, start + len(body.strip()))


def hull(spans: Sequence[Span]) -> Span:
    """The smallest span around some."""
    return min(start for start, _ in spans), max(end for _, end in spans)
