"""From scored proposals to the annotations of a document: cardinality, containment, and agreement of equal values."""

from collections.abc import Sequence

from tasks.annotation.candidates import Annotation
from tasks.annotation.features import Proposal
from tasks.annotation.schema import FieldSpec

MOST_VALUES = 200  # of a field in a document
ENOUGH = {"one": 0.3, "many": 0.5}  # confidence of a source, where there is no ranker


def reconcile(
    field: FieldSpec, proposals: Sequence[Proposal], scores: Sequence[float] | None = None, threshold: float | None = None
) -> list[Annotation]:
    """The values of one field of a document, in the order of the text. scores: of the ranker, the sources' own confidences when
    None; threshold: the least score, ENOUGH when None.

    Proposals of equal values agree: a value is as likely as its likeliest place, and there it is annotated. Of a field with one
    value the likeliest is taken. Of a field with many, values are taken from the likeliest down; a place that overlaps one taken
    before is passed over, and so is a name whose words stand in another that was taken.
    """
    likelihoods = [proposal.confidence for proposal in proposals] if scores is None else scores
    least = ENOUGH[field.cardinality] if threshold is None else threshold
    best: dict[str, tuple[float, Proposal]] = {}
    sources: dict[str, set[str]] = {}
    for proposal, score in zip(proposals, likelihoods, strict=True):
        sources.setdefault(proposal.key, set()).update(proposal.by_source)
        if proposal.key not in best or score > best[proposal.key][0]:
            best[proposal.key] = (float(score), proposal)
    taken: list[tuple[float, Proposal]] = []
    for score, proposal in sorted(best.values(), key=lambda one: (-one[0], one[1].start, -one[1].end)):
        if score < least or len(taken) >= (1 if field.cardinality == "one" else MOST_VALUES):
            break
        if not any(_conflict(field, proposal, other) for _, other in taken):
            taken.append((score, proposal))
    return [
        Annotation(
            field.name, proposal.start, proposal.end, proposal.value, tuple(sorted(sources[proposal.key])), round(score, 4)
        )
        for score, proposal in sorted(taken, key=lambda one: (one[1].start, one[1].end))
    ]


def _conflict(field: FieldSpec, one: Proposal, other: Proposal) -> bool:
    """Whether two places overlap, or are one name: "Jaguars, LLC" and "The Jaguars, LLC"."""
    if one.start < other.end and other.start < one.end:
        return True
    return field.type in {"party", "person"} and (f" {one.key} " in f" {other.key} " or f" {other.key} " in f" {one.key} ")
