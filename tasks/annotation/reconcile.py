"""From scored proposals to the annotations of a document: cardinality, containment, and agreement of equal values."""

from collections.abc import Sequence

from tasks.annotation.candidates import Annotation
from tasks.annotation.features import Proposal, comparable
from tasks.annotation.schema import FieldSpec

MOST_VALUES = 200  # of a field in a document


def reconcile(field: FieldSpec, proposals: Sequence[Proposal], scores: Sequence[float], threshold: float) -> list[Annotation]:
    """The values of one field of a document, in the order of the text.

    Proposals of equal values agree: a value is as likely as its likeliest place, and its first place with that probability is
    where it is annotated. Of a field with one value the likeliest is taken. Of a field with many, values are taken from the likeliest
    down; a place that overlaps one taken before is passed over. Nothing below the threshold counts.
    """
    best: dict[str, tuple[float, Proposal]] = {}
    sources: dict[str, set[str]] = {}
    for proposal, score in zip(proposals, scores, strict=True):
        key = comparable(proposal.value)
        sources.setdefault(key, set()).update(proposal.by_source)
        if key not in best or score > best[key][0]:
            best[key] = (float(score), proposal)
    taken: list[Annotation] = []
    for key, (score, proposal) in sorted(best.items(), key=lambda item: (-item[1][0], item[1][1].start, item[1][1].end)):
        if score < threshold or len(taken) >= (1 if field.cardinality == "one" else MOST_VALUES):
            break
        if not any(proposal.start < other.end and other.start < proposal.end or _same(key, comparable(other.value or "")) for other in taken):
            taken.append(
                Annotation(
                    field.name, proposal.start, proposal.end, proposal.value, tuple(sorted(sources[key])), round(score, 4)
                )
            )
    return sorted(taken, key=lambda annotation: (annotation.start, annotation.end))


def _same(one: str, other: str) -> bool:
    """Whether the words of one value stand in the other in one piece: "Jaguars, LLC" and "The Jaguars, LLC" are one party."""
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "
