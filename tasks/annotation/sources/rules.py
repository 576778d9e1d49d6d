"""The rules as a source: every finder of every field."""

from collections.abc import Iterator

from tasks.annotation.candidates import Candidate
from tasks.annotation.document import TextDocument
from tasks.annotation.finders import finders_of
from tasks.annotation.schema import AnnotationSchema


class Rules:
    """Proposes what the finders of each field find. The source of a candidate is `rules.` and the name of the finder."""

    name = "rules"

    def propose(self, document: TextDocument, schema: AnnotationSchema) -> Iterator[Candidate]:
        """Candidates field by field, finder by finder; values longer than the field allows are none."""
        for field in schema.fields:
            for name, finder in finders_of(field).items():
                for found in finder(document, field):
                    if 0 < found.end - found.start <= field.max_length:
                        yield Candidate(
                            field.name, found.start, found.end, f"rules.{name}", found.confidence, found.value, found.cue
                        )
