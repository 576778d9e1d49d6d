"""Contracts: field F1 of naive rules, of the rules with context, and of the rules with a ranker, cross-validated by company.

The shipped ranker is fitted on all of these contracts; what is published comes from rankers that have not seen the contract they
are asked about. `--fit` writes the shipped ranker anew, `--held-out` scores a third of the companies, chosen by hash, once.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.annotation_basic import annotate_naively
from benchmarks.corpora.contracts import FIELDS, Contract, canonical_place, read_contracts
from benchmarks.metrics.fields import count
from tasks.annotation.annotate import annotate_document
from tasks.annotation.candidates import Annotation
from tasks.annotation.crossval import cross_validate, describe_documents, fit
from tasks.annotation.document import TextDocument
from tasks.annotation.labels import Label, LabelledDocument
from tasks.annotation.ranker import SHIPPED_FOLDER, shipped_ranker
from tasks.annotation.schema import AnnotationSchema, load_schema
from tasks.annotation.scoring import Counts, interval, total
from tasks.annotation.sources.rules import Rules

HELD_OUT = 3  # one company of so many, by hash
Figures = dict[str, float]
Scores = list[dict[str, Counts]]


def measure(folder: Path) -> Figures:
    """The figures of the contracts in a folder."""
    schema = load_schema("contract")
    contracts = read_contracts(folder)
    texts = [contract.text() for contract in contracts]
    groups = [contract.company for contract in contracts]
    table = describe_documents(schema, [labelled(*pair) for pair in zip(contracts, texts, strict=True)], [Rules()])
    report = cross_validate(schema, table, groups)
    basic = [score(contract, annotate_naively(text)) for contract, text in zip(contracts, texts, strict=True)]
    plain = [annotate_document(TextDocument(text, "en"), schema, [Rules()]) for text in texts]
    rules = [score(contract, _values(text, found)) for contract, text, found in zip(contracts, texts, plain, strict=True)]
    hybrid = [score(contract, _values(text, found)) for contract, text, found in zip(contracts, texts, report.found, strict=True)]
    gain = interval(hybrid, basic)
    figures = {
        **_with_interval("contracts_f1_basic", basic),
        **_with_interval("contracts_f1_rules", rules),
        **_with_interval("contracts_f1_hybrid", hybrid),
        "contracts_gain": round(total(hybrid).f1 - total(basic).f1, 4),
        "contracts_gain_low": round(gain[0], 4),
        "contracts_gain_high": round(gain[1], 4),
        **{f"contracts_{name}_f1": round(total(hybrid, [name]).f1, 4) for name in FIELDS},
        **{f"contracts_{name}_f1_rules": round(total(rules, [name]).f1, 4) for name in FIELDS},
        **{f"contracts_{name}_f1_basic": round(total(basic, [name]).f1, 4) for name in FIELDS},
        "grounding_exact": grounding_exact(texts, [*plain, *report.found]),
        **measure_pdf(schema, contracts, table, groups),
        **measure_speed(schema, texts),
        "cold_start_seconds": cold_start_seconds(texts[0]),
    }
    return figures


def labelled(contract: Contract, text: str) -> LabelledDocument:
    """A contract as the trainer takes it. Several spellings of one party count as one value."""
    fields = {
        name: tuple(Label(spelling) for values in truth.values for spelling in sorted(values))
        for name, truth in contract.truth.items()
    }
    fields["agreement_date"] = tuple(Label(_iso(label.value)) for label in fields["agreement_date"])
    return LabelledDocument(contract.path.name, TextDocument(text, "en"), fields, contract.company)


def _iso(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def score(contract: Contract, values: dict[str, list[str]]) -> dict[str, Counts]:
    """Counts per field of the values that were found in a contract."""
    places = [canonical_place(value) for value in values.get("governing_law", [])]
    return {name: count(places if name == "governing_law" else values.get(name, []), contract.truth[name]) for name in FIELDS}


def _values(text: str, found: Iterable[Annotation]) -> dict[str, list[str]]:
    """Dates and laws by their normalized value, names as they stand in the text."""
    values: dict[str, list[str]] = {}
    for one in found:
        normalized = one.value if one.field in {"agreement_date", "governing_law"} else None
        values.setdefault(one.field, []).append(normalized or text[one.start : one.end])
    return values


def _with_interval(key: str, scores: Scores) -> Figures:
    low, high = interval(scores)
    return {key: round(total(scores).f1, 4), f"{key}_low": round(low, 4), f"{key}_high": round(high, 4)}


def grounding_exact(texts: Sequence[str], found: Sequence[Iterable[Annotation]]) -> float:
    """Share of annotations whose place is in the text and whose value is what stands there, after the field's normalizer."""
    schema = load_schema("contract")
    from tasks.annotation.normalizers import normalizer_of

    kept = exact = 0
    for at, annotations in enumerate(found):
        text = texts[at % len(texts)]
        for one in annotations:
            stands = text[one.start : one.end] if 0 <= one.start < one.end <= len(text) else ""
            kept += 1
            exact += bool(stands.strip()) and one.value in {
                None,
                stands,
                normalizer_of(schema.field(one.field))(stands, schema.field(one.field)),
            }
    return round(exact / max(kept, 1), 4)


def measure_pdf(schema: AnnotationSchema, contracts: Sequence[Contract], table: list, groups: Sequence[str]) -> Figures:
    """The same contracts from PDF and from text, by a ranker that was fitted without their companies."""
    chosen = [contract for contract in contracts if contract.pdf()]
    companies = {contract.company for contract in chosen}
    others = [at for at, group in enumerate(groups) if group not in companies]
    ranker = fit(schema, [table[at] for at in others], [groups[at] for at in others])
    from benchmarks.corpora.contract_pdfs import read_pdfs

    scores: dict[str, Scores] = {}
    for kind, texts in {
        "pdf": read_pdfs([path for one in chosen if (path := one.pdf())]),
        "text": [one.text() for one in chosen],
    }.items():
        found = [annotate_document(TextDocument(text, "en"), schema, [Rules()], ranker) for text in texts]
        scores[kind] = [score(one, _values(text, each)) for one, text, each in zip(chosen, texts, found, strict=True)]
    return {
        **_with_interval("contracts_f1_from_pdf", scores["pdf"]),
        "contracts_f1_from_text_of_pdf": round(total(scores["text"]).f1, 4),
        "contracts_with_pdf": len(chosen),
    }


def measure_speed(schema: AnnotationSchema, texts: Sequence[str]) -> Figures:
    """Kilobytes of text per second of one core, rules and ranker, no model. Several rounds, of which the fastest counts."""
    ranker = shipped_ranker(schema.name)
    size = sum(len(text.encode()) for text in texts)

    def seconds() -> float:
        before = time.process_time()
        for text in texts:
            annotate_document(TextDocument(text, "en"), schema, [Rules()], ranker)
        return time.process_time() - before

    return {"kb_per_second": round(size / 1000 / min(seconds() for _ in range(2)), 1)}


COLD_START = """
import sys, time
began = time.perf_counter()
from tasks.annotation.annotate import annotate_document
from tasks.annotation.document import TextDocument
from tasks.annotation.ranker import shipped_ranker
from tasks.annotation.schema import load_schema
from tasks.annotation.sources.rules import Rules
text = open(sys.argv[1], encoding="utf-8").read()
assert annotate_document(TextDocument(text, "en"), load_schema("contract"), [Rules()], shipped_ranker("contract"))
print(time.perf_counter() - began)
"""


def cold_start_seconds(text: str) -> float:
    """From a fresh interpreter to the annotations of one contract, without a model; the median of five."""
    root = Path(__file__).resolve().parent.parent
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        command = [sys.executable, "-c", COLD_START, file.name]
        times = [float(subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout) for _ in range(5)]
    return round(sorted(times)[2], 3)


def is_held_out(company: str) -> bool:
    """Whether a company belongs to the third that was not looked at while the rules were written."""
    return int(hashlib.sha256(company.encode()).hexdigest(), 16) % HELD_OUT == 0


def measure_held_out(folder: Path) -> Figures:
    """Fit on the companies that are not held out, score those that are."""
    schema = load_schema("contract")
    contracts = read_contracts(folder)
    inside = [contract for contract in contracts if not is_held_out(contract.company)]
    outside = [contract for contract in contracts if is_held_out(contract.company)]
    table = describe_documents(schema, [labelled(one, one.text()) for one in inside], [Rules()])
    ranker = fit(schema, table, [one.company for one in inside])
    scores, basic = [], []
    for contract in outside:
        text = contract.text()
        scores.append(score(contract, _values(text, annotate_document(TextDocument(text, "en"), schema, [Rules()], ranker))))
        basic.append(score(contract, annotate_naively(text)))
    return {
        **_with_interval("contracts_f1_held_out", scores),
        "contracts_f1_held_out_basic": round(total(basic).f1, 4),
        **{f"contracts_{name}_f1_held_out": round(total(scores, [name]).f1, 4) for name in FIELDS},
        "contracts_held_out": len(outside),
    }


def fit_shipped(folder: Path) -> Path:
    """Fit the ranker that is shipped on all contracts and write it."""
    schema = load_schema("contract")
    contracts = read_contracts(folder)
    table = describe_documents(schema, [labelled(one, one.text()) for one in contracts], [Rules()])
    path = SHIPPED_FOLDER / "contract.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(fit(schema, table, [one.company for one in contracts]).to_json())
    return path


def main() -> None:
    """Print the figures, or fit the shipped ranker."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with index.jsonl, text/ and pdf/")
    parser.add_argument("--fit", action="store_true", help="write the shipped ranker anew")
    parser.add_argument("--held-out", action="store_true", help="score the held-out companies only")
    arguments = parser.parse_args()
    if arguments.fit:
        print(fit_shipped(arguments.folder))
    else:
        print(json.dumps((measure_held_out if arguments.held_out else measure)(arguments.folder), indent=2))


if __name__ == "__main__":
    main()
