"""One document annotated: candidates from all sources, scored, and reconciled over the whole document."""

from collections.abc import Sequence

from tasks.annotation.candidates import Annotation, Candidate, Source
from tasks.annotation.document import TextDocument
from tasks.annotation.features import merge
from tasks.annotation.ranker import Ranker
from tasks.annotation.reconcile import reconcile
from tasks.annotation.schema import AnnotationSchema

UNRANKED_THRESHOLD = 0.5


def annotate_document(
    document: TextDocument, schema: AnnotationSchema, sources: Sequence[Source], ranker: Ranker | None
) -> list[Annotation]:
    """What stands in a text, sorted by place and field. Without a ranker for a field the best confidence of a source counts."""
    found: dict[str, list[Candidate]] = {field.name: [] for field in schema.fields}
    for source in sources:
        for candidate in source.propose(document, schema):
            found[candidate.field].append(candidate)
    annotations = []
    for field in schema.fields:
        proposals = merge(found[field.name], document.text)
        learned = ranker.fields.get(field.name) if ranker else None
        scores = learned.probabilities(document, proposals).tolist() if learned else [each.confidence for each in proposals]
        annotations += reconcile(field, proposals, scores, learned.threshold if learned else UNRANKED_THRESHOLD)
    return sorted(annotations, key=lambda each: (each.start, each.end, each.field))
