"""What annotation found over all shards."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from tasks.reporting.facts import AnnotationFacts, FieldFacts, ViewerFacts
from tasks.reporting.outcomes import ANNOTATION, ShardOutputs
from tasks.storage.parquet import read_rows

_COLUMNS = ["document_id", "schema", "annotations", "ungrounded", "chunks", "failures", "reason"]
_COLUMNS += ["questions", "refused_questions", "question_failures"]


def count_annotations(
    shards: Sequence[ShardOutputs], viewers: Mapping[str, str], paths: Mapping[str, str]
) -> AnnotationFacts | None:
    """None when nothing was annotated. viewers: page, relative to the report's folder -> document_id. paths: document_id -> short
    path."""
    tally = _Tally()
    for outputs in shards:
        for row in read_rows(outputs[ANNOTATION], _COLUMNS) if ANNOTATION in outputs else ():
            tally.add(row)
    if not tally.documents and not tally.failed:
        return None
    return AnnotationFacts(
        documents=len(tally.documents),
        empty=len(tally.documents - tally.found),
        failed=len(tally.failed),
        chunks=tally.chunks,
        failed_chunks=tally.failed_chunks,
        ungrounded=tally.ungrounded,
        schemas=dict(sorted(Counter(tally.schemas.values()).items())),
        fields=tally.fields(),
        questions=tally.questions,
        refused_questions=dict(sorted(tally.refused.items())),
        failed_questions=tally.failed_questions,
        viewers=sorted(
            (ViewerFacts(path=paths.get(name, name[:12]), page=page) for page, name in viewers.items()),
            key=lambda viewer: (viewer.path, viewer.page),
        ),
    )


class _Tally:
    def __init__(self) -> None:
        self.documents: set[str] = set()
        self.found: set[str] = set()
        self.failed: set[str] = set()
        self.schemas: dict[str, str] = {}
        self.chunks = self.failed_chunks = self.ungrounded = self.questions = self.failed_questions = 0
        self.refused: Counter[str] = Counter()
        self._values: Counter[tuple[str, str]] = Counter()
        self._with: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def add(self, row: Mapping[str, object]) -> None:
        """Count a row of ANNOTATED."""
        document = str(row["document_id"])
        if row["reason"] is not None:
            self.failed.add(document)
            return
        schema = str(row["schema"])
        self.documents.add(document)
        self.schemas.setdefault(document, schema)
        annotations, failures, ungrounded = row["annotations"], row["failures"], row["ungrounded"]
        assert isinstance(annotations, list)
        assert isinstance(failures, list)
        assert isinstance(ungrounded, list)
        self.chunks += int(str(row["chunks"]))
        self.failed_chunks += len(failures)
        self.ungrounded += len(ungrounded)
        self._add_questions(row)
        for each in annotations:
            key = (schema, each["field"])
            self.found.add(document)
            self._values[key] += 1
            self._with[key].add(document)

    def _add_questions(self, row: Mapping[str, object]) -> None:
        kept, refused, failures = row["questions"], row["refused_questions"], row["question_failures"]
        assert isinstance(kept, list)
        assert isinstance(refused, list)
        assert isinstance(failures, list)
        self.questions += len(kept)
        self.refused.update(each["reason"] for each in refused)
        self.failed_questions += len(failures)

    def fields(self) -> list[FieldFacts]:
        """By schema, the fields found in most documents first."""
        ordered = sorted(self._values, key=lambda key: (key[0], -len(self._with[key]), key[1]))
        return [
            FieldFacts(
                schema_name=schema,
                field=field,
                values=self._values[schema, field],
                documents=len(self._with[schema, field]),
            )
            for schema, field in ordered
        ]
