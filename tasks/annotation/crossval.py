"""Training a ranker on labelled documents, and how good it is on documents that it has not seen.

Documents are divided into folds by their group. For each fold, trees are fitted on the others; the threshold of a field is chosen
there too, on scores from an inner cross-validation, so that nothing of a document decides on itself.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.annotation.annotate import propose_all
from tasks.annotation.candidates import Annotation, Source
from tasks.annotation.errors import LabelError
from tasks.annotation.features import describe, matrix
from tasks.annotation.fitting import Described, fit_field
from tasks.annotation.labels import LabelledDocument, met_labels
from tasks.annotation.ranker import FieldRanker, Ranker
from tasks.annotation.reconcile import reconcile
from tasks.annotation.schema import AnnotationSchema, FieldSpec
from tasks.annotation.scoring import Counts, interval, total

FOLDS = 5
INNER_FOLDS = 3
LEAST_GROUPS = 4
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 19))
Table = list[dict[str, Described]]  # documents: labelled field -> its proposals


@dataclass(frozen=True)
class FieldScore:
    """How good one field is, or all of them together. low, high: 95 % interval of f1 by bootstrap over documents. documents: in
    which it is labelled."""

    field: str
    documents: int
    counts: Counts
    f1: float
    low: float
    high: float


@dataclass(frozen=True)
class Report:
    """Cross-validation. fields: in the order of the schema. overall: micro F1. rules: the same without a ranker. found: the
    annotations of each document, by rankers that have not seen it."""

    folds: int
    groups: int
    fields: tuple[FieldScore, ...]
    overall: FieldScore
    rules: FieldScore
    found: tuple[tuple[Annotation, ...], ...]


@dataclass(frozen=True)
class TrainedRanker:
    """A ranker fitted on all documents, and what to expect of it."""

    ranker: Ranker
    report: Report


def train(
    schema: AnnotationSchema, documents: Sequence[LabelledDocument], sources: Sequence[Source], folds: int = FOLDS
) -> TrainedRanker:
    """Fit on all documents and cross-validate. Raises LabelError when there are too few groups of documents to divide, or when no
    field has both right and wrong proposals, so that there is nothing to learn."""
    table = describe_documents(schema, documents, sources)
    groups = [document.group for document in documents]
    return TrainedRanker(fit(schema, table, groups), cross_validate(schema, table, groups, folds))


def fit(schema: AnnotationSchema, table: Table, groups: Sequence[str]) -> Ranker:
    """A ranker of all documents of a table, thresholds by inner cross-validation. Raises LabelError when no field has both right
    and wrong proposals."""
    fields = {field.name: fitted for field in schema.fields if (fitted := fit_with_threshold(field, table, groups)) is not None}
    if not fields:
        raise LabelError("nothing to learn: no field has both right and wrong proposals in the labelled documents")
    return Ranker(schema.name, fields)


def describe_documents(schema: AnnotationSchema, documents: Sequence[LabelledDocument], sources: Sequence[Source]) -> Table:
    """The proposals of the labelled fields of each document with their features and whether they are right."""
    table: Table = []
    for document in documents:
        row = {}
        for name, proposals in propose_all(document.document, schema, sources).items():
            if name in document.fields:
                numbers, names = describe(document.document, proposals)
                met = met_labels(proposals, document.fields[name], schema.field(name))
                right = np.array([bool(labels) for labels in met], bool)
                row[name] = Described(tuple(proposals), numbers, tuple(names), right, tuple(met), len(document.fields[name]))
        table.append(row)
    return table


def cross_validate(schema: AnnotationSchema, table: Table, groups: Sequence[str], folds: int = FOLDS) -> Report:
    """Scores on documents that were left out. Raises LabelError with less than LEAST_GROUPS groups."""
    fold_of = divide(groups, folds)
    annotated: list[dict[str, list[Annotation]]] = [{} for _ in table]
    plain: list[dict[str, list[Annotation]]] = [{} for _ in table]
    for field in schema.fields:
        for fold in sorted(set(fold_of)):
            inside = [at for at, one in enumerate(fold_of) if one != fold]
            fitted = fit_with_threshold(field, [table[at] for at in inside], [groups[at] for at in inside])
            for at in (at for at, one in enumerate(fold_of) if one == fold and field.name in table[at]):
                described = table[at][field.name]
                annotated[at][field.name] = _decide(field, described, fitted)
                plain[at][field.name] = _decide(field, described, None)
    scored = [
        {name: _count(row[name], found, schema.field(name)) for name, found in one.items()}
        for row, one in zip(table, annotated, strict=True)
    ]
    rules = [
        {name: _count(row[name], found, schema.field(name)) for name, found in one.items()}
        for row, one in zip(table, plain, strict=True)
    ]
    names = [field.name for field in schema.fields if any(field.name in row for row in table)]
    return Report(
        len(set(fold_of)),
        len(set(groups)),
        tuple(_score(name, scored, [name]) for name in names),
        _score("overall", scored, names),
        _score("rules", rules, names),
        tuple(tuple(annotation for name in names for annotation in one.get(name, ())) for one in annotated),
    )


def divide(groups: Sequence[str], folds: int) -> list[int]:
    """The fold of each document: groups in the order of their hash, each into the fold that has the fewest documents so far."""
    if len(set(groups)) < LEAST_GROUPS:
        raise LabelError(
            f"{len(set(groups))} labelled documents or groups of them are too few: {LEAST_GROUPS} are needed at least"
        )
    sizes = [0] * min(folds, len(set(groups)))
    fold_of: dict[str, int] = {}
    for group in sorted(set(groups), key=lambda group: hashlib.sha256(group.encode()).digest()):
        fold_of[group] = sizes.index(min(sizes))
        sizes[fold_of[group]] += groups.count(group)
    return [fold_of[group] for group in groups]


def fit_with_threshold(field: FieldSpec, table: Table, groups: Sequence[str]) -> FieldRanker | None:
    """The ranker of a field, its threshold chosen on scores of documents that the inner rankers had not seen."""
    chosen = [at for at, row in enumerate(table) if field.name in row]
    described = [table[at][field.name] for at in chosen]
    of_groups = [groups[at] for at in chosen]
    if len(set(of_groups)) < LEAST_GROUPS:
        return None
    inner = divide([f"inner {group}" for group in of_groups], INNER_FOLDS)
    scores: list[list[float]] = [[] for _ in described]
    for fold in sorted(set(inner)):
        fitted = fit_field([one for one, at in zip(described, inner, strict=True) if at != fold])
        for at in (at for at, one in enumerate(inner) if one == fold):
            scores[at] = _scores(described[at], fitted)
    return fit_field(described, _best_threshold(field, described, scores))


def _scores(described: Described, fitted: FieldRanker | None) -> list[float]:
    if fitted is None or not described.proposals:
        return [proposal.confidence for proposal in described.proposals]
    scores: list[float] = fitted.trees.probabilities(matrix(described.numbers, described.names, fitted.vocabulary)).tolist()
    return scores


def _best_threshold(field: FieldSpec, described: Sequence[Described], scores: Sequence[Sequence[float]]) -> float:
    """The threshold with the best F1; of equally good ones that nearest to a half."""

    def f1(threshold: float) -> float:
        pairs = zip(described, scores, strict=True)
        return total([{field.name: _count(one, reconcile(field, one.proposals, of, threshold), field)} for one, of in pairs]).f1

    return max(THRESHOLDS, key=lambda threshold: (f1(threshold), -abs(threshold - 0.5)))


def _decide(field: FieldSpec, described: Described, fitted: FieldRanker | None) -> list[Annotation]:
    if fitted is None:
        return reconcile(field, described.proposals)
    return reconcile(field, described.proposals, _scores(described, fitted), fitted.threshold)


def _count(described: Described, found: Iterable[Annotation], field: FieldSpec) -> Counts:
    """Of a field with one value, labels are spellings of it; of a field with many, each is a value."""
    met_at = {(proposal.start, proposal.end): met for proposal, met in zip(described.proposals, described.met, strict=True)}
    met = [met_at[one.start, one.end] for one in found]
    values = min(described.labels, 1) if field.cardinality == "one" else described.labels
    right = sum(map(bool, met)) if field.cardinality == "one" else len({at for labels in met for at in labels})
    return Counts(right, sum(not labels for labels in met), values - right)


def _score(name: str, scored: list[dict[str, Counts]], fields: list[str]) -> FieldScore:
    of_field = [one for one in scored if any(field in one for field in fields)]
    counts = total(of_field, fields)
    low, high = interval(of_field, fields=fields)
    return FieldScore(name, len(of_field), counts, round(counts.f1, 4), round(low, 4), round(high, 4))


def explain(report: Report, write: Callable[[str], None]) -> None:
    """The report as lines of text, one per field."""
    write(f"{report.groups} groups of documents in {report.folds} folds; scores on documents that the ranker had not seen")
    write(f"{'field':<24}{'F1':>7}{'95 % interval':>18}{'precision':>11}{'recall':>8}{'documents':>11}")
    for score in (*report.fields, report.overall, report.rules):
        write(
            f"{score.field:<24}{score.f1:>7.3f}{f'{score.low:.3f} to {score.high:.3f}':>18}{score.counts.precision:>11.3f}"
            f"{score.counts.recall:>8.3f}{score.documents:>11}"
        )
