"""Field F1 of the rules alone on invoices, resumes and other texts that were written for this project.

A regression figure, not a forecast: who wrote the rules wrote the texts too. A field counts as right when a value that was found
and one that is marked are equal after the field's normalizer. Micro F1 over the fields that are marked anywhere in a schema's
texts.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a script's own folder is not enough

from benchmarks.corpora.annotation import LabelledDocument, load_labels
from tasks.annotation.candidates import Candidate
from tasks.annotation.document import TextDocument
from tasks.annotation.normalizers import normalizer_of
from tasks.annotation.schema import AnnotationSchema, FieldSpec, load_schema
from tasks.annotation.sources.rules import Rules

THRESHOLD = 0.5


def measure() -> dict[str, float]:
    """F1 per schema and set, and of each field over both sets."""
    counts: dict[str, Counter[str]] = {}
    exact: Counter[str] = Counter()
    for label in load_labels():
        schema = load_schema(label.schema)
        for field, (right, wrong, missed) in compare(label, schema).items():
            for key in (f"{label.schema}_f1_{label.subset}", f"{label.schema}_{field}_f1"):
                counts.setdefault(key, Counter()).update(right=len(right), wrong=len(wrong), missed=len(missed))
        exact.update(_grounded(label, schema))
    figures = {key: f1(count) for key, count in sorted(counts.items())}
    return figures | {"fields_grounding_exact": round(exact["inside"] / max(exact.total(), 1), 4)}


def compare(label: LabelledDocument, schema: AnnotationSchema) -> dict[str, tuple[set[str], set[str], set[str]]]:
    """Field -> values that were found and are marked, found only, marked only; of the fields that the schema's texts mark."""
    marked = {field for one in load_labels() if one.schema == label.schema for field, _, _ in one.spans}
    candidates = list(Rules().propose(TextDocument(label.text, label.language), schema))
    result = {}
    for field in schema.fields:
        if field.name in marked:
            wanted = {_value(label.text[start:end], field) for name, start, end in label.spans if name == field.name}
            found = set(decide(label.text, field, (one for one in candidates if one.field == field.name)))
            result[field.name] = (found & wanted, found - wanted, wanted - found)
    return result


def decide(text: str, field: FieldSpec, candidates: Iterable[Candidate]) -> list[str]:
    """Values of a field without a ranker: the surest, or all that are sure enough and overlap no surer one."""
    taken: list[Candidate] = []
    for one in sorted(candidates, key=lambda one: (-one.confidence, one.start, -one.end)):
        if field.cardinality == "one" and taken:
            break
        sure = one.confidence >= (THRESHOLD if field.cardinality == "many" else 0.3)
        if sure and not any(one.start < other.end and other.start < one.end for other in taken):
            taken.append(one)
    return [_value(text[one.start : one.end], field) for one in taken]


def _value(text: str, field: FieldSpec) -> str:
    return (normalizer_of(field)(text, field) or text).casefold()


def _grounded(label: LabelledDocument, schema: AnnotationSchema) -> Iterable[str]:
    for one in Rules().propose(TextDocument(label.text, label.language), schema):
        yield "inside" if 0 <= one.start < one.end <= len(label.text) and label.text[one.start : one.end].strip() else "outside"


def f1(count: Counter[str]) -> float:
    """F1 of counts of right, wrong and missed; 0 without any."""
    return round(2 * count["right"] / max(2 * count["right"] + count["wrong"] + count["missed"], 1), 4)


def main() -> None:
    """Print the figures; with --errors also what is wrong or missed in the texts that rules may be corrected on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true", help="list the errors, but never those in the frozen texts")
    if parser.parse_args().errors:
        for label in load_labels():
            if label.subset != "frozen":
                for field, (_, wrong, missed) in compare(label, load_schema(label.schema)).items():
                    if wrong or missed:
                        print(f"{label.schema}/{label.language} {field}: wrong {sorted(wrong)} missed {sorted(missed)}")
    for name, value in measure().items():
        print(f"{name:36} {value:>8}")


if __name__ == "__main__":
    main()
