"""From a text to its annotations: sources propose, the ranker scores, reconciliation decides."""

import dataclasses
from collections.abc import Iterable

from tasks.annotation.candidates import Annotation, Candidate, Source
from tasks.annotation.document import TextDocument
from tasks.annotation.features import Proposal, merge
from tasks.annotation.normalizers import normalizer_of
from tasks.annotation.ranker import Ranker
from tasks.annotation.reconcile import reconcile
from tasks.annotation.schema import AnnotationSchema


def annotate_document(
    document: TextDocument, schema: AnnotationSchema, sources: Iterable[Source], ranker: Ranker | None = None
) -> list[Annotation]:
    """The annotations of a text, field by field in the order of the schema, then in the order of the text.

    Fields that the ranker does not know are decided by the sources' own confidences. `document.text[start:end]` is always the
    value as it stands in the text; a value that no source normalized is normalized by the field's normalizer.
    """
    found: list[Annotation] = []
    for name, proposals in propose_all(document, schema, sources).items():
        field = schema.field(name)
        known = ranker.fields.get(name) if ranker else None
        if known is None:
            decided = reconcile(field, proposals)
        else:
            decided = reconcile(field, proposals, known.probabilities(document, proposals).tolist(), known.threshold)
        normalize = normalizer_of(field)
        found += [
            one if one.value is not None else dataclasses.replace(one, value=normalize(document.text[one.start : one.end], field))
            for one in decided
        ]
    return found


def propose_all(document: TextDocument, schema: AnnotationSchema, sources: Iterable[Source]) -> dict[str, list[Proposal]]:
    """For each field of the schema what the sources propose, equal places merged, in the order of the text."""
    by_field: dict[str, list[Candidate]] = {field.name: [] for field in schema.fields}
    for source in sources:
        for candidate in source.propose(document, schema):
            by_field[candidate.field].append(candidate)
    return {name: merge(candidates, document.text) for name, candidates in by_field.items()}
