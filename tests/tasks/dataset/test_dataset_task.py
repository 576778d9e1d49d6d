"""The doors: chunks of kept parts, and the dataset folder."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tasks.dataset.errors import ContractError
from tasks.dataset.settings import ChunkSettings, DatasetSettings
from tasks.dataset.task import assemble, chunk
from tasks.finetuning.starter import build_starter
from tasks.storage.artifacts import DatasetRef, ModelRef, publish_current, read_current
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.schemas import CHUNKS, CLUSTERS, NORMALIZATION, QUALITY

ASSEMBLE: Any = assemble.fn  # type: ignore[attr-defined]
CHUNK: Any = chunk.fn  # type: ignore[attr-defined]


@pytest.fixture
def tokenizer() -> ModelRef:
    return build_starter()


def digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def write_chunks(name: str, tokenizer: ModelRef, data_root: Path, documents: dict[str, list[str]]) -> ParquetRef:
    """CHUNKS for texts as they are, one chunk each, with true token counts."""
    from tasks.dataset.tokens import load_tokens

    tokens = load_tokens(str(data_root / tokenizer.folder / "tokenizer.json"), tokenizer.digest)
    rows = [
        {
            "document_id": digest(document),
            "part": 0,
            "chunk": number,
            "text": text,
            "tokens": tokens.count([text])[0] + tokens.extra,
            "start": 1000 * number,
            "end": 1000 * number + len(text),
            "heading": "Über > uns",
            "reason": None,
            "detail": None,
        }
        for document, texts in documents.items()
        for number, text in enumerate(texts)
    ]
    return write_table(f"{name}.parquet", sorted(rows, key=lambda row: (row["document_id"], row["chunk"])), CHUNKS)


def write_clusters(documents: list[str], cluster_of: dict[str, str], duplicates: set[str]) -> ParquetRef:
    rows = [
        {
            "document_id": digest(name),
            "part": 0,
            "cluster": digest(cluster_of.get(name, name)),
            "cluster_size": 1,
            "similarity": None,
            "reason": "deduplication.near" if name in duplicates else None,
            "detail": None,
        }
        for name in documents
    ]
    return write_table("clusters.parquet", sorted(rows, key=lambda row: str(row["document_id"])), CLUSTERS)


@pytest.fixture
def dataset(tokenizer: ModelRef, data_root: Path) -> DatasetRef:
    return make(tokenizer, data_root)


def make(tokenizer: ModelRef, data_root: Path) -> DatasetRef:
    names = [f"doc{index}" for index in range(40)]
    texts = {name: [f"{name}, piece {number}: Grüße,\u2028line" for number in range(2)] for name in names}
    first = write_chunks("one", tokenizer, data_root, {name: texts[name] for name in names[:25]})
    second = write_chunks("two", tokenizer, data_root, {name: texts[name] for name in names[25:]})
    clusters = write_clusters(names, {"doc1": "doc0", "doc2": "doc0"}, {"doc2"})
    return ASSEMBLE([first, second], clusters, [], None, DatasetSettings(), tokenizer)


def read_split(data_root: Path, dataset: DatasetRef, split: str) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in (data_root / dataset.path / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    ]


def test_the_folder_holds_all_examples_once(dataset: DatasetRef, data_root: Path) -> None:
    rows = {split: read_split(data_root, dataset, split) for split in dataset.examples}
    assert {split: len(found) for split, found in rows.items()} == dataset.examples
    assert sum(dataset.examples.values()) == 78  # 40 documents of 2, less the duplicate
    assert digest("doc2") not in {row["document_id"] for found in rows.values() for row in found}
    splits_of_group: dict[str, set[str]] = {}
    for split, found in rows.items():
        for row in found:
            splits_of_group.setdefault(row["group"], set()).add(split)
    assert all(len(splits) == 1 for splits in splits_of_group.values())
    groups = {row["document_id"]: row["group"] for found in rows.values() for row in found}
    assert groups[digest("doc0")] == groups[digest("doc1")] == min(digest(f"doc{index}") for index in range(3))

    table = read_rows(f"{dataset.path}/examples.parquet")
    assert [(row["split"], row["example_id"]) for row in table] == sorted((row["split"], row["example_id"]) for row in table)
    assert [row["text"] for row in table if row["split"] == "train"] == [row["text"] for row in rows["train"]]
    assert dataset.tokens["train"] == sum(row["tokens"] for row in table if row["split"] == "train")


def test_the_manifest_and_the_card_tell_the_truth(dataset: DatasetRef, data_root: Path) -> None:
    folder = data_root / dataset.path
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert dataset.digest == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    for name, entry in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert entry == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert set(dataset.files) == {path.name for path in folder.iterdir()} == {*manifest["files"], "manifest.json"}
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: unknown\n")
    for split, count in dataset.examples.items():
        assert f"| {split} | text | {count} | {dataset.tokens[split]} | {count % 4} |" in card
    assert str(data_root) not in card


def read_folder(dataset: DatasetRef, data_root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data_root / dataset.path).iterdir()}


def test_the_same_inputs_give_the_same_bytes(tokenizer: ModelRef, data_root: Path) -> None:
    once = make(tokenizer, data_root)
    before = read_folder(once, data_root)
    for path in (data_root / once.path).iterdir():
        path.unlink()
    assert make(tokenizer, data_root) == once
    assert read_folder(once, data_root) == before


def test_texts_that_do_not_fit_in_memory_give_the_same_rows(
    dataset: DatasetRef, tokenizer: ModelRef, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_folder(dataset, data_root)
    rows = read_rows(f"{dataset.path}/examples.parquet")
    monkeypatch.setattr("tasks.dataset.rows.BUCKET_CHARACTERS", 200)
    again = make(tokenizer, data_root)
    after = read_folder(again, data_root)
    for split in dataset.examples:
        assert after[f"{split}.jsonl"] == before[f"{split}.jsonl"]
    assert read_rows(f"{again.path}/examples.parquet") == rows


def test_a_damaged_folder_does_not_validate_and_the_pointer_says_none(dataset: DatasetRef, data_root: Path) -> None:
    publish_current("datasets", dataset)
    assert read_current("datasets") == dataset
    (data_root / dataset.path / "train.jsonl").write_text("")
    with pytest.raises(ValueError, match="has 0 bytes"):
        DatasetRef.model_validate_json(dataset.model_dump_json(), strict=False)
    assert read_current("datasets") is None
    assert read_current("adapters") is None


def test_examples_that_break_the_contract_are_refused(tokenizer: ModelRef, data_root: Path) -> None:
    def refuse(text: str, tokens: int, message: str) -> None:
        good = write_chunks("chunks", tokenizer, data_root, {"a": ["some text"]})
        row = read_rows(good)[0] | {"text": text, "tokens": tokens}
        chunks = write_table("broken.parquet", [row], CHUNKS)
        with pytest.raises(ContractError, match=message):
            ASSEMBLE([chunks], write_clusters(["a"], {}, set()), [], None, DatasetSettings(), tokenizer)

    refuse(" \n", 2, "is empty")
    refuse("some text", 513, "has 513 tokens, the trainer takes 512")
    refuse("some text", 99, "made for another model")


def test_a_dataset_of_nothing_is_refused(tokenizer: ModelRef, data_root: Path) -> None:
    chunks = write_chunks("chunks", tokenizer, data_root, {"a": ["some text"]})
    with pytest.raises(ContractError, match="no example is left"):
        ASSEMBLE([chunks], write_clusters(["a"], {}, {"a"}), [], None, DatasetSettings(), tokenizer)
    assert not (data_root / "datasets").exists()


def test_a_tiny_dataset_has_no_held_out_split_and_says_so(tokenizer: ModelRef, data_root: Path) -> None:
    chunks = write_chunks("chunks", tokenizer, data_root, {"a": ["some text"]})
    dataset = ASSEMBLE([chunks], write_clusters(["a"], {}, set()), [], None, DatasetSettings(), tokenizer)
    assert dataset.examples == {"train": 1}
    card = (data_root / dataset.path / "README.md").read_text(encoding="utf-8")
    assert "Only 1 independent group(s)" in card
    assert "--batch-size 1 " in card


def test_stock_mlx_lm_reads_the_folder(dataset: DatasetRef, data_root: Path, tokenizer: ModelRef) -> None:
    import types

    from mlx_lm.tuner.datasets import load_local_dataset
    from mlx_lm.utils import load_tokenizer

    loaded = load_tokenizer(data_root / tokenizer.folder)
    splits = load_local_dataset(data_root / dataset.path, loaded, types.SimpleNamespace(mask_prompt=False))
    tokens = [sum(len(split.process(split[index])[0]) for index in range(len(split))) for split in splits]
    assert [len(split) for split in splits] == [dataset.examples[name] for name in ("train", "valid", "test")]
    assert tokens == [dataset.tokens[name] for name in ("train", "valid", "test")]


def test_only_kept_parts_are_cut(tokenizer: ModelRef, data_root: Path) -> None:
    long = "# Report\n\n" + " ".join(f"Sentence {index} says something." for index in range(200))
    texts = {"long": long, "short": "Too short.", "rejected": long}
    ids = sorted(texts, key=digest)
    normalized = write_table(
        "normalized.parquet",
        [
            {"document_id": digest(name), "part": 0, "text": texts[name], "format": "md", "characters_before": 1, "removed": {}}
            | dict.fromkeys(("title", "reason", "detail"))
            for name in ids
        ],
        NORMALIZATION,
    )
    decided = write_table(
        "decided.parquet",
        [
            {
                "document_id": digest(name),
                "part": 0,
                "score": 0.5,
                "audit": False,
                "reason": "quality.score" if name == "rejected" else None,
                "detail": None,
            }
            for name in ids
        ],
        QUALITY,
    )
    rows = read_rows(CHUNK(normalized, decided, tokenizer, ChunkSettings(max_tokens=256)))
    by_document = {name: [row for row in rows if row["document_id"] == digest(name)] for name in texts}
    assert by_document["rejected"] == []
    assert [(row["chunk"], row["reason"]) for row in by_document["short"]] == [(-1, "dataset.too_short")]
    pieces = by_document["long"]
    assert [row["chunk"] for row in pieces] == list(range(len(pieces)))
    assert len(pieces) > 3
    assert all(row["text"] == long[row["start"] : row["end"]] and row["tokens"] <= 256 for row in pieces)
    assert {row["heading"] for row in pieces} == {"Report"}


def test_settings_refuse_what_cannot_work() -> None:
    with pytest.raises(ValueError, match="at most a quarter"):
        ChunkSettings(max_tokens=100, min_tokens=32)
    with pytest.raises(ValueError, match="license"):
        DatasetSettings(license="Not A Licence")
