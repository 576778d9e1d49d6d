"""Candidates: what the sources propose, and the annotations that are made of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from tasks.annotation.document import TextDocument
from tasks.annotation.schema import AnnotationSchema


@dataclass(frozen=True)
class Candidate:
    """A place in the text that may be the value of a field.

    start, end: characters in the text, end exclusive; `document.text[start:end]` is the value as it stands there. source: name of
    the source that proposes it. confidence: 0 to 1, the source's own opinion; the ranker learns what it is worth. value: the
    normalized value, None where the normalizer makes nothing of it. cue: what in the context spoke for it, for the ranker and for
    people; "" for nothing.
    """

    field: str
    start: int
    end: int
    source: str
    confidence: float
    value: str | None = None
    cue: str = ""


@dataclass(frozen=True)
class Found:
    """What a finder found; start, end, value, confidence and cue as in Candidate."""

    start: int
    end: int
    value: str | None = None
    confidence: float = 0.5
    cue: str = ""


@dataclass(frozen=True)
class Annotation:
    """A value that was decided on. start, end, value as in Candidate. sources: of all that proposed this place, sorted.
    confidence: 0 to 1, of the ranker, or the best source's own where there is no ranker."""

    field: str
    start: int
    end: int
    value: str | None
    sources: tuple[str, ...]
    confidence: float


class Source(Protocol):
    """A source of candidates. One verb, and no state that depends on the documents before."""

    name: str

    def propose(self, document: TextDocument, schema: AnnotationSchema) -> Iterable[Candidate]:
        """Candidates for the fields of the schema, in any order. Never raises for what stands in the text."""
        ...
