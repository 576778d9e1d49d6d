"""What evaluation files share with pieces, and that nothing shared is left in the dataset."""

import json
import random
from collections.abc import Callable, Sequence
from contextvars import copy_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tasks.dataset.task as door
from tasks.dataset.errors import ContractError, EvaluationError
from tasks.dataset.evaluation import find_evaluation
from tasks.dataset.grams import GRAM_WORDS, evaluation_size, find_grams, prepare
from tasks.dataset.settings import DatasetSettings
from tasks.dataset.tokens import load_tokens
from tasks.finetuning.starter import build_starter
from tasks.reporting.left_out import documents_without_examples
from tasks.runtime.pool import Job, Outcome
from tasks.storage import stage
from tasks.storage.artifacts import DatasetRef
from tasks.storage.paragraphs import split_paragraphs
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.root import local_path, read_bytes
from tasks.storage.schemas import CHUNKS, CLUSTERS, RECURRING
from tasks.storage.words import WEIGHT, find_words
from tasks.storage.words import words_of as plain_words_of

DEFAULTS = DatasetSettings(max_seq_length=2048)
WORDS = [f"word{number}" for number in range(400)]


@pytest.fixture
def in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(function: Callable[[Any], Any], jobs: Sequence[Job], timeout_seconds: float) -> list[Outcome]:
        return [
            Outcome(job, "timeout", None, "60 s", 60.0, None)
            if job.document_id == "hang"
            else Outcome(job, "ok", function(job.argument), None, 0.1, 9.0)
            for job in jobs
        ]

    monkeypatch.setattr(door, "map_documents", call)


def at(key: str, function: Any, *arguments: Any) -> Any:
    def work() -> Any:
        stage._KEY.set(f"test/1.000000-{key}")
        return function.fn(*arguments)

    return copy_context().run(work)


def words_of(text: str) -> list[str]:
    return plain_words_of(text.replace("_", " "))


def chunks_of(name: str, texts: dict[str, list[str]]) -> ParquetRef:
    model = build_starter()
    tokens = load_tokens(f"{local_path(model.folder)}/tokenizer.json", model.digest)
    rows = [
        {"document_id": document, "part": 0, "chunk": number, "text": text, "tokens": tokens.count([text])[0] + tokens.extra}
        | {"start": 9000 * number, "end": 9000 * number + len(text), "heading": None, "reason": None, "detail": None}
        for document, of_document in sorted(texts.items())
        for number, text in enumerate(of_document)
    ]
    return write_table(f"{name}.parquet", rows, CHUNKS)


def clusters_of(documents: list[str]) -> ParquetRef:
    plain = {"part": 0, "cluster_size": 1, "similarity": None, "reason": None, "detail": None}
    rows = [{"document_id": document, "cluster": document} | plain for document in sorted(documents)]
    return write_table("clusters.parquet", rows, CLUSTERS)


def index_of(folder: Path, rows: list[Any], name: str = "test.jsonl") -> ParquetRef:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    made: ParquetRef = at("index", door.index_evaluation, find_evaluation([str(folder)]), [])
    return made


def dataset_of(texts: dict[str, list[str]], contamination: list[ParquetRef], settings: DatasetSettings = DEFAULTS) -> DatasetRef:
    chunks = chunks_of("chunks", texts)
    made: DatasetRef = at("set", door.assemble, [chunks], clusters_of([*texts]), contamination, None, settings, build_starter())
    return made


def sentence(chooser: random.Random, count: int) -> str:
    return " ".join(chooser.choices(WORDS, k=count))


def grams(text: str, size: int) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[start : start + size]) for start in range(len(words) - size + 1)}


@pytest.mark.usefixtures("in_place")
@pytest.mark.parametrize("seed", range(5))
def test_no_example_shares_a_gram_with_an_evaluation_file(seed: int, tmp_path: Path) -> None:
    chooser = random.Random(seed)
    rows = [{"q": sentence(chooser, chooser.choice([3, 8, 11, 13, 40]))} for _ in range(30)]
    texts: dict[str, list[str]] = {}
    for number in range(60):
        pieces = [sentence(chooser, 80) for _ in range(2)]
        if chooser.random() < 0.5:
            taken = chooser.choice(rows)["q"].split()
            cut = chooser.randrange(len(taken))
            leak = " ".join(taken[cut:] + taken[: chooser.randrange(len(taken) + 1)])
            pieces[0] += f" -- {chooser.choice([' '.join(taken).upper(), leak, ', '.join(taken)])}! {sentence(chooser, 9)}"
        texts[f"doc{number:02}"] = pieces
    index = index_of(tmp_path / "evaluation", rows)
    found = at("compared", door.decontaminate, chunks_of("compared", texts), index)
    dataset = dataset_of(texts, [found])
    planted: dict[int, set[tuple[str, ...]]] = {}
    for row in rows:
        size = evaluation_size(find_words(prepare(row["q"])))
        planted.setdefault(size, set()).update(grams(row["q"], size) if size else ())

    def leaks(text: str) -> bool:
        return any(grams(text, size) & of_size for size, of_size in planted.items() if size)

    kept = {(row["document_id"], row["text"]) for row in read_rows(f"{dataset.path}/examples.parquet")}
    assert not any(leaks(text) for _, text in kept)
    clean = {(name, piece) for name, pieces in texts.items() for piece in pieces if not leaks(piece)}
    assert kept == clean
    assert len(clean) < 120
    left = read_rows(f"{dataset.path}/left_out.parquet")
    assert len(left) == 120 - len(clean)
    assert all(row["reason"] == "dataset.contaminated" and "with test.jsonl, row " in row["detail"] for row in left)


@pytest.mark.usefixtures("in_place")
def test_the_row_is_named_and_the_books_can_know(tmp_path: Path) -> None:
    chooser = random.Random(1)
    leak = sentence(chooser, 20)
    texts = {f"doc{number}": [sentence(chooser, 60)] for number in range(6)} | {
        "leaky": [f"{leak} and more"],
        "hang": ["x " * 50],
    }
    index = index_of(tmp_path / "evaluation", [{"a": "short"}, {"a": {"b": [sentence(chooser, 20), leak]}}])
    found = at("compared", door.decontaminate, chunks_of("compared", texts), index)
    rows = {row["document_id"]: row for row in read_rows(found)}
    assert set(rows) == {"leaky", "hang"}
    assert (rows["hang"]["chunk"], rows["hang"]["reason"]) == (-1, "dataset.timeout")
    assert len(rows["leaky"]["grams"]) == 8
    assert set(rows["leaky"]["evaluation_row"]) == {2}
    assert rows["leaky"]["share"] == 0.8
    dataset = dataset_of(texts, [found])
    assert documents_without_examples(dataset) == {
        ("hang", 0): ("dataset.timeout", "60 s"),
        ("leaky", 0): ("dataset.contaminated", "shares 8 phrase(s) with test.jsonl, row 2"),
    }
    assert documents_without_examples(None) == {}


@pytest.mark.usefixtures("in_place")
@pytest.mark.parametrize("cut", range(1, 16))
def test_a_phrase_is_found_over_the_edge_of_two_pieces(cut: int, tmp_path: Path) -> None:
    chooser = random.Random(4)
    words = sentence(chooser, 16).split()
    head, tail = " ".join(words[:cut]), " ".join(words[cut:])
    texts = {"leaky": [sentence(chooser, 60), f"{sentence(chooser, 60)} {head}", f"{tail} {sentence(chooser, 60)}"]}
    index = index_of(tmp_path / "e", [{"q": " ".join(words)}])
    rows = {row["chunk"]: row for row in read_rows(at("compared", door.decontaminate, chunks_of("compared", texts), index))}
    assert 0 not in rows
    assert set(rows) <= {1, 2}
    assert {gram for row in rows.values() for gram in row["grams"]} == {
        gram
        for hashes in [find_grams(find_words(prepare(" ".join(words))), frozenset({13}))]
        for gram in hashes[13].hashes.tolist()
    }


@pytest.mark.usefixtures("in_place")
def test_a_word_cut_in_two_by_the_edge_is_one_word(tmp_path: Path) -> None:
    phrase = "nine words that are asked of the model incomprehensibilities"
    rows = [
        {"document_id": "d", "part": 0, "chunk": number, "text": text, "tokens": 9, "start": start, "end": start + len(text)}
        | {"heading": None, "reason": None, "detail": None}
        for number, (text, start) in enumerate([(phrase[:50], 0), (phrase[50:], 50)])
    ]
    found = at(
        "compared", door.decontaminate, write_table("cut.parquet", rows, CHUNKS), index_of(tmp_path / "e", [{"q": phrase}])
    )
    assert [row["chunk"] for row in read_rows(found)] == [0, 1]


@pytest.mark.usefixtures("in_place")
@pytest.mark.parametrize(
    ("question", "trained"),
    [
        (
            "To report a broken elevator write to jane.doe@example.com before noon and name the house",
            "To report a broken elevator write to [EMAIL] before noon and name the house",
        ),
        (
            "Whoever wants to return goods calls +49 30 1234567 or pays to DE89 3704 0044 0532 0130 00 until then",
            "Whoever wants to return goods calls [PHONE_2] or pays to [IBAN_1] until then",
        ),
    ],
)
def test_what_was_masked_in_training_is_found(question: str, trained: str, tmp_path: Path) -> None:
    texts = {
        "leaky": [f"Notes of a meeting. {trained}. Then we left."],
        "clean": ["Mail went to [EMAIL] and [PHONE] " + "word " * 30],
    }
    index = index_of(tmp_path / "e", [{"q": question}])
    found = at("compared", door.decontaminate, chunks_of("compared", texts), index)
    assert [(row["document_id"], row["evaluation_row"][0]) for row in read_rows(found)] == [("leaky", 1)]


@pytest.mark.usefixtures("in_place")
def test_a_few_letters_of_an_unspaced_script_are_no_phrase(tmp_path: Path) -> None:
    chinese = "我们在北京的办公室里讨论了这个项目的时间安排和预算问题以及下一步工作"  # 34 letters, some 20 words
    thai = "กรุณาติดต่อเจ้าหน้าที่ฝ่ายบริการลูกค้าก่อนวันที่สิบห้าของทุกเดือนเพื่อยืนยันการนัดหมาย"
    index = index_of(tmp_path / "e", [{"q": chinese}, {"q": thai}, {"q": "中华人民共和国国务院公报"}])
    texts = {
        "13 letters": [f"今天{chinese[:13]}。"],
        "as many letters as words say": [f"今天{chinese[4:32]}。"],
        "13 of thai": [f"วันนี้ {thai[:13]}"],
        "all of thai": [f"วันนี้ {thai}"],
        "a name": ["中华人民共和国国务院公报。"],
    }
    found = at("compared", door.decontaminate, chunks_of("compared", texts), index)
    assert {row["document_id"] for row in read_rows(found)} == {"as many letters as words say", "all of thai"}


@pytest.mark.usefixtures("in_place")
def test_common_phrases_do_not_count_when_asked(tmp_path: Path) -> None:
    chooser = random.Random(2)
    common = sentence(chooser, 14)
    texts = {f"doc{number:02}": [sentence(chooser, 60) + " " + common] for number in range(12)}
    found = at("compared", door.decontaminate, chunks_of("compared", texts), index_of(tmp_path / "e", [{"a": common}]))
    assert found.rows == 12
    with pytest.raises(ContractError, match="12 piece"):
        dataset_of(texts, [found])
    assert (
        sum(dataset_of(texts, [found], DatasetSettings(max_seq_length=2048, evaluation_common_documents=11)).examples.values())
        == 12
    )
    with pytest.raises(ContractError, match="12 piece"):
        dataset_of(texts, [found], DatasetSettings(max_seq_length=2048, evaluation_common_documents=12))


@pytest.mark.usefixtures("in_place")
def test_an_index_without_grams_and_a_broken_file(tmp_path: Path) -> None:
    texts = {"doc": ["some text that is long enough for a gram of thirteen words or even some more"]}
    found = at("compared", door.decontaminate, chunks_of("compared", texts), index_of(tmp_path / "e", [{"a": "too short"}]))
    assert found.rows == 0
    (tmp_path / "e" / "test.jsonl").write_text("{")
    with pytest.raises(EvaluationError, match=r"test\.jsonl, line 1"):
        at("index", door.index_evaluation, find_evaluation([str(tmp_path / "e")]), [])


def test_recurring_paragraphs_are_taken_out_and_what_is_too_short_then_is_left_out() -> None:
    chooser = random.Random(3)
    notice = f"Notice: {sentence(chooser, 20)}."
    texts = {f"doc{number}": [f"{sentence(chooser, 40)}\n\n{notice}\n\n{sentence(chooser, 40)}"] for number in range(6)}
    texts |= {"empty": [notice], "short": [f"{notice}\n\nToo little."], "plain": [sentence(chooser, 50)]}
    (digest,) = {each.digest for each in split_paragraphs(notice)}
    rows = [{"digest": digest, "documents": 8, "document_id": "doc0", "part": 0}]
    recurring = write_table("recurring.parquet", rows, RECURRING)
    chunks = chunks_of("chunks", texts)
    dataset = at("set", door.assemble, [chunks], clusters_of([*texts]), [], recurring, DEFAULTS, build_starter())
    expected = {name: pieces[0].replace(f"{notice}\n\n", "") for name, pieces in texts.items() if name not in ("empty", "short")}
    examples = read_rows(f"{dataset.path}/examples.parquet")
    assert {row["document_id"]: row["text"] for row in examples} == expected
    counted = {
        row["text"]: row["tokens"] for row in read_rows(chunks_of("again", {name: [text] for name, text in expected.items()}))
    }
    assert all(row["tokens"] == counted[row["text"]] for row in examples)
    lost = documents_without_examples(dataset)
    assert {key: reason for key, (reason, _) in lost.items()} == dict.fromkeys(
        [("empty", 0), ("short", 0)], "dataset.boilerplate"
    )
    card = read_bytes(f"{dataset.path}/README.md").decode()
    assert "taken out of examples: 6; examples left out because too little was left: 2" in card


@given(st.lists(st.text(max_size=6), max_size=40).map(" ".join))
def test_equal_grams_have_equal_hashes_and_others_do_not(text: str) -> None:
    words = words_of(text)
    hashed = find_words(prepare(text))
    weights = hashed.weights().tolist()
    found = find_grams(hashed, frozenset({8, GRAM_WORDS}))
    for size in (8, GRAM_WORDS):
        expected = []
        for start in range(len(words)):
            ends = [end for end in range(start, len(words) + 1) if sum(weights[start:end]) >= size * WEIGHT]
            expected += [tuple(words[start : ends[0]])] if ends else []
        assert (size in found) == bool(expected)
        if expected:
            assert len(found[size].hashes) == len(expected)
            assert len(np.unique(found[size].hashes)) == len(set(expected))


def test_case_punctuation_and_spacing_do_not_count() -> None:
    assert words_of("The **Quick** _brown_\nfox -- it's \u201chere\u201d") == words_of("the quick, BROWN fox; IT\u2019S here.")
    assert words_of("Straße \ufb01x") == ["strasse", "fix"]
    assert words_of("日本語です") == list("日本語です")
