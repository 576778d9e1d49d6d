"""From privacy and annotations to a dataset with texts and instruction examples, through the doors."""

import hashlib
import json
import types
from pathlib import Path
from typing import Any

import pytest

from tasks.dataset.evaluation import find_evaluation
from tasks.dataset.leaving_out import read_contamination
from tasks.dataset.settings import ChunkSettings, DatasetSettings, InstructionSettings
from tasks.dataset.task import assemble, chunk, decontaminate, index_evaluation, instruct
from tasks.dataset.tokens import load_tokens
from tasks.finetuning.starter import build_starter
from tasks.reporting.left_out import documents_without_examples
from tasks.storage.artifacts import DatasetRef, ModelRef
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.schemas import ANNOTATED, CLUSTERS, FIRST_INSTRUCTION, PRIVACY, QUALITY, SIGNALS

CHUNK: Any = chunk.fn  # type: ignore[attr-defined]
INSTRUCT: Any = instruct.fn  # type: ignore[attr-defined]
INDEX_EVALUATION: Any = index_evaluation.fn  # type: ignore[attr-defined]
DECONTAMINATE: Any = decontaminate.fn  # type: ignore[attr-defined]
ASSEMBLE: Any = assemble.fn  # type: ignore[attr-defined]
DOCUMENTS = 24
SCHEMAS: dict[str, list[dict[str, Any]]] = {
    "order": [
        {"name": "order_date", "description": "When it was ordered.", "normalizer": "iso_date", "labels": ["Ordered"]},
        {"name": "customer", "description": "Who ordered it.", "cardinality": "many"},
        {"name": "discount", "description": "The discount that is granted."},
    ]
}
LIKE_NOTHING = "the quick auditor counted seventeen copper kettles behind the abandoned lighthouse before sunrise every morning"


def digest(number: int) -> str:
    return hashlib.sha256(f"document {number}".encode()).hexdigest()


def asked_of(text: str, customer: str) -> dict[str, Any]:
    """A question that a model wrote about the first paragraphs of an order."""
    start, end = text.index(customer), text.index("by rail", 200)
    place = {"start": start, "end": start + len(customer), "passage_start": 0, "passage_end": len(text[:end].rstrip())}
    return {"question": "Who agreed on the order of parts that are sent by rail?", "answer": customer, **place}


def write_documents(leak: int | None = None) -> dict[str, ParquetRef]:
    """PRIVACY, ANNOTATED, QUALITY, SIGNALS and CLUSTERS of made-up orders. leak: the document that quotes LIKE_NOTHING."""
    rows: dict[str, list[dict[str, Any]]] = {"privacy": [], "annotated": [], "quality": [], "signals": [], "clusters": []}
    for number in sorted(range(DOCUMENTS), key=digest):
        customer, day = f"Kettle Works {number}", f"{number + 1} May 2021"
        paragraph = " ".join(f"Part {number}.{index} is packed with care and sent by rail." for index in range(12))
        items = "\n".join(f"| item {number}-{index} | {index * 7 + number} pieces |" for index in range(5))
        text = (
            f"# Order {number}\n\nOrdered: {day} by {customer} as agreed.\n\n{paragraph}\n\n## Goods of order {number}\n\n"
            f"| Item | Stock |\n|---|---|\n{items}\n\n## Terms of carriage\n\n{paragraph.replace('rail', 'road')}\n"
        )
        if number == leak:
            text = text.replace("as agreed", f"as agreed. {LIKE_NOTHING}")
        notes = []
        for field, value, normalized in (("order_date", day, f"2021-05-{number + 1:02d}"), ("customer", customer, None)):
            start = text.index(value)
            place = {"field": field, "start": start, "end": start + len(value), "text": value, "value": normalized}
            notes.append({**place, "sources": ["rules"], "confidence": 0.9})
        part = {"document_id": digest(number), "part": 0, "reason": None, "detail": None}
        copy = {"reason": "deduplication.near", "detail": None} if number == 3 else {}
        rows["privacy"].append({**part, "text": text, "findings": {}, "masked": 0})
        rows["annotated"].append(
            {**part, "schema": "order", "annotations": notes, "ungrounded": [], "chunks": 0, "failures": [], "coverage": None}
            | {"questions": [asked_of(text, customer)], "refused_questions": [], "question_failures": []}
        )
        rows["quality"].append({**part, "score": 0.9, "audit": False})
        rows["signals"].append({**part, "format": "md", "language": "en", "languages": {}, "groups": [], "signals": {}})
        cluster = digest(2 if number in (3, 4) else number)
        rows["clusters"].append({**part, "cluster": cluster, "cluster_size": 1, "similarity": None, "containment": None, **copy})
    schemas = {"privacy": PRIVACY, "annotated": ANNOTATED, "quality": QUALITY, "signals": SIGNALS, "clusters": CLUSTERS}
    return {name: write_table(f"{name}.parquet", rows[name], schema) for name, schema in schemas.items()}


@pytest.fixture
def tokenizer() -> ModelRef:
    return build_starter()


def make(
    tokenizer: ModelRef, inputs: dict[str, ParquetRef], mixing: InstructionSettings, **options: Any
) -> tuple[DatasetRef, ParquetRef]:
    chunks = CHUNK(inputs["privacy"], inputs["quality"], tokenizer, ChunkSettings(max_tokens=256))
    made = INSTRUCT(inputs["privacy"], inputs["annotated"], tokenizer, mixing, SCHEMAS, 256, inputs["signals"])
    contamination = []
    if "evaluation" in options:
        index = INDEX_EVALUATION(find_evaluation([options["evaluation"]]), [])
        contamination = [DECONTAMINATE(reference, index) for reference in (chunks, made)]
    settings = DatasetSettings(max_seq_length=256, instructions=mixing, seed=1, valid_fraction=0.2, test_fraction=0.2)
    dataset = ASSEMBLE([chunks], inputs["clusters"], contamination, None, settings, tokenizer, None, instructions=[made])
    return dataset, made


def rows_of(dataset: DatasetRef) -> list[dict[str, Any]]:
    return read_rows(f"{dataset.path}/examples.parquet")


def test_a_dataset_of_both(tokenizer: ModelRef, data_root: Path) -> None:
    inputs = write_documents()
    mixing = InstructionSettings(share=0.4, per_document=6, negatives=0.2)
    dataset, made = make(tokenizer, inputs, mixing)
    rows = rows_of(dataset)
    texts = {row["document_id"]: row["text"] for row in read_rows(inputs["privacy"])}
    check_kinds(rows, dataset, data_root, made)
    check_nothing_leaks(rows)
    check_mixing(rows, mixing)
    for row in rows:
        passage = texts[row["document_id"]][row["start"] : row["end"]]
        if row["kind"] == "text":
            assert (row["messages"], row["prompt_tokens"], row["answers"]) == (None, 0, None)
            assert row["text"] == passage
        else:
            question, answer = json.loads(row["messages"])
            assert passage in question["content"]
            assert row["text"].endswith(answer["content"])
            assert 0 < row["prompt_tokens"] < row["tokens"] <= 256
    check_stock_reads_it(dataset, data_root, tokenizer)

    before = {path.name: path.read_bytes() for path in (data_root / dataset.path).iterdir()}
    again, _ = make(tokenizer, write_documents(), mixing)
    assert again == dataset
    assert {path.name: path.read_bytes() for path in (data_root / again.path).iterdir()} == before
    other, _ = make(tokenizer, inputs, mixing.model_copy(update={"seed": 5}))
    assert {row["example_id"] for row in rows_of(other)} != {row["example_id"] for row in rows}


def check_kinds(rows: list[dict[str, Any]], dataset: DatasetRef, data_root: Path, made: ParquetRef) -> None:
    kinds = {row["kind"] for row in rows}
    assert kinds == {"text", "extraction", "question_answer", "table_lookup", "section_title", "generated"}
    manifest = json.loads((data_root / dataset.path / "manifest.json").read_bytes())
    card = (data_root / dataset.path / "README.md").read_text(encoding="utf-8")
    for split in dataset.examples:
        of_split = [row for row in rows if row["split"] == split]
        counted = {kind: [row for row in of_split if row["kind"] == kind] for kind in kinds}
        expected = {
            kind: {"examples": len(found), "tokens": sum(row["tokens"] for row in found)}
            for kind, found in counted.items()
            if found
        }
        assert manifest["kinds"][split] == expected
        assert dataset.tokens[split] == sum(each["tokens"] for each in expected.values())
        for kind, each in expected.items():
            assert f"| {split} | {kind} | {each['examples']} | {each['tokens']} | |" in card
        assert f"| {split} | all | {len(of_split)} | {dataset.tokens[split]} |" in card
    offered = [row for row in read_rows(made) if row["document_id"] != digest(3)]  # a copy
    count = sum(row["kind"] == "extraction" for row in offered)
    assert f"drawn from: extraction {count}, " in card
    assert "- question-answering" in card


def check_nothing_leaks(rows: list[dict[str, Any]]) -> None:
    """A document and its near-duplicates are in one split, with their texts and their questions."""
    splits: dict[str, set[str]] = {}
    for row in rows:
        splits.setdefault(row["document_id"], set()).add(row["split"])
        splits.setdefault(row["group"], set()).add(row["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert len(set.union(*splits.values())) == 3
    assert digest(3) not in {row["document_id"] for row in rows}
    groups = {row["document_id"]: row["group"] for row in rows}
    assert groups[digest(2)] == groups[digest(4)]


def check_mixing(rows: list[dict[str, Any]], mixing: InstructionSettings) -> None:
    asked = [row for row in rows if row["kind"] != "text"]
    share = sum(row["tokens"] for row in asked) / sum(row["tokens"] for row in rows)
    assert mixing.share * 0.8 < share <= mixing.share
    assert 0 < sum(not row["answers"] for row in asked) <= mixing.negatives * len(asked)
    per_document: dict[str, int] = {}
    for row in asked:
        per_document[row["document_id"]] = per_document.get(row["document_id"], 0) + 1
    assert max(per_document.values()) <= mixing.per_document


def check_stock_reads_it(dataset: DatasetRef, data_root: Path, tokenizer: ModelRef) -> None:
    """mlx-lm's own reader takes every example for a text, adds one end-of-text token, and counts what the dataset counts."""
    from mlx_lm.tuner.datasets import load_local_dataset
    from mlx_lm.utils import load_tokenizer

    loaded = load_tokenizer(data_root / tokenizer.folder)
    splits = load_local_dataset(data_root / dataset.path, loaded, types.SimpleNamespace(mask_prompt=False))
    for split, name in zip(splits, ("train", "valid", "test"), strict=True):
        encoded = [split.process(split[index])[0] for index in range(len(split))]
        assert sum(map(len, encoded)) == dataset.tokens[name]
        assert all(tokens.count(loaded.eos_token_id) == 1 for tokens in encoded)
        for tokens, row in zip(encoded, split._data, strict=True):
            if row["kind"] != "text":
                assert loaded.decode(tokens[: row["prompt_tokens"]]).endswith("<|assistant|>\n")


def test_without_a_share_or_without_kinds_there_are_texts_only(tokenizer: ModelRef) -> None:
    inputs = write_documents()
    for mixing in (InstructionSettings(share=0.0), InstructionSettings(kinds=[])):
        dataset, _ = make(tokenizer, inputs, mixing)
        assert {row["kind"] for row in rows_of(dataset)} == {"text"}


def test_questions_that_share_a_phrase_with_an_evaluation_file_are_left_out(
    tokenizer: ModelRef, data_root: Path, tmp_path: Path
) -> None:
    evaluation = tmp_path / "questions.txt"
    evaluation.write_text(f"It is known that {LIKE_NOTHING}.\n")
    inputs = write_documents(leak=7)
    plain, _ = make(tokenizer, inputs, InstructionSettings(share=0.9))
    leaked = [row for row in rows_of(plain) if LIKE_NOTHING in row["text"]]
    assert {row["kind"] == "text" for row in leaked} == {True, False}
    dataset, _ = make(tokenizer, inputs, InstructionSettings(share=0.9), evaluation=str(evaluation))
    rows = rows_of(dataset)
    assert not [row for row in rows if LIKE_NOTHING in row["text"]]
    left = read_rows(f"{dataset.path}/left_out.parquet")
    assert {row["document_id"] for row in left} == {digest(7)}
    assert {row["chunk"] >= FIRST_INSTRUCTION for row in left} == {True, False}
    assert len({row["chunk"] for row in left}) == len(left)
    assert {row["reason"] for row in left} == {"dataset.contaminated"}
    # What is left of the document stays, so it is no document without examples.
    assert digest(7) in {row["document_id"] for row in rows}
    assert documents_without_examples(dataset) == {}


def test_a_phrase_of_a_chunk_and_a_question_of_one_document_counts_once(tokenizer: ModelRef, tmp_path: Path) -> None:
    evaluation = tmp_path / "questions.txt"
    evaluation.write_text(f"{LIKE_NOTHING}\n")
    inputs = write_documents(leak=7)
    index = INDEX_EVALUATION(find_evaluation([str(evaluation)]), [])
    chunks = CHUNK(inputs["privacy"], inputs["quality"], tokenizer, ChunkSettings(max_tokens=256))
    made = INSTRUCT(inputs["privacy"], inputs["annotated"], tokenizer, InstructionSettings(), SCHEMAS, 256)
    shared = [DECONTAMINATE(reference, index) for reference in (chunks, made)]
    assert all(reference.rows for reference in shared)
    found = read_contamination(shared, common_documents=1)
    assert {chunk >= FIRST_INSTRUCTION for _, _, chunk in found} == {True, False}


def test_a_document_that_is_too_short_for_a_text_is_not_asked_about(tokenizer: ModelRef, data_root: Path) -> None:
    inputs = write_documents()
    rows = read_rows(inputs["quality"])
    rows[0]["reason"] = "quality.score"
    inputs["quality"] = write_table("fewer.parquet", rows, QUALITY)
    dataset, made = make(tokenizer, inputs, InstructionSettings())
    assert rows[0]["document_id"] in {row["document_id"] for row in read_rows(made)}
    assert rows[0]["document_id"] not in {row["document_id"] for row in rows_of(dataset)}


def test_a_part_whose_worker_fails_has_a_row_and_no_examples(tokenizer: ModelRef) -> None:
    inputs = write_documents()
    rows = read_rows(inputs["annotated"])
    broken = rows[0]["document_id"]
    rows[0]["annotations"][0]["start"] -= 1
    inputs["annotated"] = write_table("broken.parquet", rows, ANNOTATED)
    dataset, made = make(tokenizer, inputs, InstructionSettings())
    (failed,) = [row for row in read_rows(made) if row["reason"] is not None]
    assert (failed["document_id"], failed["chunk"], failed["reason"]) == (broken, -1, "dataset.error")
    assert "is not what stands there" in failed["detail"]
    assert {row["kind"] for row in rows_of(dataset) if row["document_id"] == broken} <= {"text"}


def test_counts_are_those_of_the_tokenizer(tokenizer: ModelRef, data_root: Path) -> None:
    inputs = write_documents()
    _, made = make(tokenizer, inputs, InstructionSettings())
    tokens = load_tokens(str(data_root / tokenizer.folder / "tokenizer.json"), tokenizer.digest)
    for row in read_rows(made):
        assert row["tokens"] == tokens.count([row["text"]])[0] + tokens.extra


def test_how_examples_are_mixed_does_not_make_them_anew() -> None:
    settings = InstructionSettings()
    assert settings.cache_identity() == settings.model_copy(update={"share": 0.1}).cache_identity()
    assert settings.cache_identity() != settings.model_copy(update={"per_document": 3}).cache_identity()
    others = DatasetSettings(instructions=InstructionSettings(share=0.1))
    assert DatasetSettings().cache_identity() != others.cache_identity()
