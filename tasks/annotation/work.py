"""What a worker process does with one document part: it reads the text itself, and sends back what it found."""

import functools
import time
from dataclasses import dataclass
from typing import Any

from tasks.annotation.annotate import annotate_document
from tasks.annotation.annotating import Annotating, RankerRef
from tasks.annotation.candidates import Annotation, Candidate, Source
from tasks.annotation.document import TextDocument
from tasks.annotation.model.leg import NAME, source_of
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.questions.generator import QuestionReport, writer_of
from tasks.annotation.ranker import Ranker
from tasks.annotation.schema import AnnotationSchema, choose_schema
from tasks.annotation.settings import AnnotationSettings
from tasks.annotation.sources.rules import Rules
from tasks.storage.parquet import TextAt
from tasks.storage.root import use_data_root

ASKING_SHARE = 0.8  # of the time limit, after which no more questions are written, so that what was found is not lost


@dataclass(frozen=True)
class AnnotationRequest:
    """One part to annotate. text: where it stands. model: with its folder on this machine. root: the data root."""

    document_id: str
    part: int
    text: TextAt
    language: str | None
    annotating: Annotating
    settings: AnnotationSettings
    model: ModelSettings
    root: str


def annotated_row(request: AnnotationRequest) -> dict[str, Any]:
    """The row of ANNOTATED for one part."""
    until = time.monotonic() + ASKING_SHARE * request.settings.timeout_seconds
    use_data_root(request.root)
    document = TextDocument(request.text.read(), request.language)
    schema = choose_schema(document.text, request.annotating.schemas)
    reference = request.annotating.rankers.get(schema.name)
    ranker = _load(reference) if reference else None
    sources: list[Source] = [Rules()]
    asked: dict[str, Any] = {}
    if request.model.provider != "none":
        named, report = source_of(request.model).read(document, schema)
        sources.append(Given(NAME, tuple(named)))
        asked = report.rows()
        if request.settings.questions.per_document:
            asked |= writer_of(request.model, request.settings.questions).write(document, until).rows()
    found = annotate_document(document, schema, sources, ranker)
    annotations = [_row(document, each) for each in found if each.confidence >= request.settings.least_confidence]
    annotations.sort(key=lambda each: (each["start"], each["end"], each["field"]))
    return {**empty_row(request, None, None), **asked, "schema": schema.name, "annotations": annotations}


@dataclass
class Given:
    """Candidates that are known already, as a source."""

    name: str
    candidates: tuple[Candidate, ...]

    def propose(self, _document: TextDocument, _schema: AnnotationSchema) -> tuple[Candidate, ...]:
        """All of them."""
        return self.candidates


def _row(document: TextDocument, annotation: Annotation) -> dict[str, Any]:
    return {
        "field": annotation.field,
        "start": annotation.start,
        "end": annotation.end,
        "text": document.text[annotation.start : annotation.end],
        "value": annotation.value,
        "sources": list(annotation.sources),
        "confidence": annotation.confidence,
    }


@functools.lru_cache(maxsize=8)
def _load(reference: RankerRef) -> Ranker:
    return Ranker.from_json(reference.read())


def empty_row(request: AnnotationRequest, reason: str | None, detail: str | None) -> dict[str, Any]:
    """A row without annotations."""
    return {
        "document_id": request.document_id,
        "part": request.part,
        "schema": None,
        "annotations": [],
        "ungrounded": [],
        "chunks": 0,
        "failures": [],
        "coverage": None,
        **QuestionReport().rows(),
        "reason": reason,
        "detail": detail,
    }
