"""The door, from a dataset folder to an adapter that mlx-lm loads."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tasks.finetuning.errors import TrainingFailed
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.task import find_adapter, finetune, judge
from tasks.storage.artifacts import AdapterRef, DatasetRef, ModelRef, publish_current, read_current, write_manifest
from tasks.storage.root import write_bytes

FINETUNE: Any = finetune.fn  # type: ignore[attr-defined]
JUDGE: Any = judge.fn  # type: ignore[attr-defined]
NANO = StarterShape(hidden=32, layers=1, heads=2, kv_heads=1, mlp=32)
WITH_TIMES = ("events.jsonl", "plan.json")
QUICK = FinetuningSettings(
    epochs=20, max_steps=40, learning_rate=3e-3, max_seq_length=64, rank=8, sample_tokens=4, timeout_seconds=120
)
SENTENCES = ["The report was approved by the board on Monday.", "The invoice is due at the end of the month."]


@pytest.fixture(autouse=True)
def without_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLX_DISABLE_COMPILE", "1")


@pytest.fixture
def model() -> ModelRef:
    return build_starter(NANO)


def write_dataset(texts: dict[str, list[str]]) -> DatasetRef:
    files = {}
    for split, found in texts.items():
        content = "".join(json.dumps({"text": text}) + "\n" for text in found).encode()
        write_bytes(f"datasets/test/{split}.jsonl", content)
        files[f"{split}.jsonl"] = (len(content), hashlib.sha256(content).hexdigest())
    digest, sizes = write_manifest("datasets/test", files, {})
    counts = {split: len(found) for split, found in texts.items()}
    return DatasetRef(path="datasets/test", digest=digest, files=sizes, examples=counts, tokens=counts)


def test_an_adapter_is_trained_measured_published_and_found(model: ModelRef, data_root: Path) -> None:
    dataset = write_dataset({"train": SENTENCES * 8, "valid": SENTENCES, "test": SENTENCES * 2})
    assert find_adapter(dataset, model, QUICK) is None
    adapter: AdapterRef = FINETUNE(dataset, model, QUICK)
    metrics = adapter.metrics
    assert metrics["loss_after"] < metrics["loss_before"] - 0.5
    assert metrics["perplexity_after"] < metrics["perplexity_before"]
    assert metrics["held_out"] == 1
    assert metrics["measured_rows"] == 4
    assert metrics["steps"] == 40
    assert (adapter.dataset_digest, adapter.model_digest) == (dataset.digest, model.digest)

    assert find_adapter(dataset, model, QUICK) == adapter
    assert find_adapter(dataset, model, QUICK.model_copy(update={"timeout_seconds": 5.0, "enabled": False})) == adapter
    assert find_adapter(dataset, model, QUICK.model_copy(update={"rank": 9})) is None
    publish_current("adapters", adapter)
    assert read_current("adapters") == adapter

    folder = data_root / adapter.path
    plan = json.loads((folder / "plan.json").read_text())
    assert "Each step trains on 4 examples" in plan["why"][0]
    assert plan["eta_seconds"] is not None
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "start"
    assert kinds[-1] == "done"
    assert kinds.count("held_out") == 2
    assert kinds.count("step") == 8
    card = (folder / "README.md").read_text()
    assert dataset.digest in card
    assert model.digest in card
    assert "random numbers" in card
    assert str(data_root) not in card
    check_proof(folder, metrics)
    check_reloaded(data_root / model.folder, folder, metrics)
    check_judged(dataset, model, adapter)
    check_repeated(dataset, model, folder)

    (folder / "adapters.safetensors").write_bytes(b"")
    assert find_adapter(dataset, model, QUICK) is None


def check_proof(folder: Path, metrics: dict[str, float]) -> None:
    """The intervals stand in metrics.json, the numbers of the manifest and the card."""
    proof = json.loads((folder / "metrics.json").read_text())["proof"]
    gain = proof["loss_gain"]
    assert gain["value"] == pytest.approx(metrics["loss_before"] - metrics["loss_after"])
    assert 0 < gain["low"] <= gain["value"] <= gain["high"]
    assert metrics["loss_gain_low"] == gain["low"]
    assert proof["documents"] == metrics["measured_documents"] == 4
    assert proof["general_before"]["low"] < proof["general_before"]["value"]
    assert "| loss on general prompts |" in (folder / "README.md").read_text()


def check_judged(dataset: DatasetRef, model: ModelRef, adapter: AdapterRef) -> None:
    """Beside the base it is better; beside itself, examined anew in a process of its own, it is exactly the same."""
    beside_base = JUDGE(adapter, None, dataset, model, 10.0, QUICK)
    assert beside_base.promoted
    assert beside_base.gain.value == pytest.approx(adapter.metrics["loss_gain"])
    beside_itself = JUDGE(adapter, adapter, dataset, model, 10.0, QUICK)
    assert not beside_itself.promoted
    assert beside_itself.rival == adapter.path.rpartition("/")[2]
    assert beside_itself.gain.value == pytest.approx(0.0, abs=1e-6)


def check_reloaded(base: Path, folder: Path, metrics: dict[str, float]) -> None:
    """mlx-lm itself loads the adapter, and the model with it is the one that was measured."""
    from mlx_lm import load

    from tasks.finetuning.examples import Example
    from tasks.finetuning.losses import held_out

    tuned, tokenizer = load(str(base), adapter_path=str(folder))[:2]
    rows = [Example([*tokenizer.encode(text), tokenizer.eos_token_id]) for text in SENTENCES * 2]
    found = held_out(tuned, rows, 512)
    assert found.loss == pytest.approx(metrics["loss_after"], abs=1e-6)
    assert found.tokens == metrics["measured_tokens"]


def check_repeated(dataset: DatasetRef, model: ModelRef, folder: Path) -> None:
    """The same training again gives the same bytes, times aside."""
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in WITH_TIMES}
    shutil.rmtree(folder)
    FINETUNE(dataset, model, QUICK)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in WITH_TIMES} == before


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "dora", "packing": "on"},
        {"method": "full", "gradient_checkpointing": "on"},
        {"adapter_precision": "bfloat16", "chunked_loss": "on", "memory_plan": "measured", "dropout": 0.1},
    ],
    ids=str,
)
def test_every_way_of_training_gives_an_adapter_that_mlx_lm_loads(
    model: ModelRef, data_root: Path, changes: dict[str, Any]
) -> None:
    dataset = write_dataset({"train": SENTENCES * 4, "test": SENTENCES * 2})
    settings = QUICK.model_copy(update={"max_steps": 6, "sample_tokens": 0, **changes})
    adapter = FINETUNE(dataset, model, settings)
    assert adapter.metrics["loss_after"] < adapter.metrics["loss_before"]
    check_reloaded(data_root / model.folder, data_root / adapter.path, adapter.metrics)


def test_without_held_out_examples_the_card_says_so(model: ModelRef, data_root: Path) -> None:
    dataset = write_dataset({"train": SENTENCES[:1]})
    adapter = FINETUNE(dataset, model, QUICK.model_copy(update={"max_steps": 2, "sample_tokens": 0}))
    assert adapter.metrics["held_out"] == 0
    assert (adapter.metrics["steps"], adapter.metrics["epochs"]) == (2, 2)  # a step that is not full is a step of the epoch
    assert "too small to hold any out" in (data_root / adapter.path / "README.md").read_text()


def test_answers_in_json_are_marked_before_and_after(model: ModelRef, data_root: Path) -> None:
    asked = [{"role": "user", "content": "Which date?"}, {"role": "assistant", "content": '{"date": "3 May"}'}]
    row = {"text": 'Which date? {"date": "3 May"}', "kind": "extraction", "messages": asked, "prompt_tokens": 3}
    dataset = write_dataset({"train": SENTENCES})
    lines = "".join(json.dumps({**row, "example_id": f"e{at}", "group": f"g{at}"}) + "\n" for at in range(3))
    write_bytes(f"{dataset.path}/test.jsonl", lines.encode())
    settings = {"max_steps": 2, "sample_tokens": 0, "extraction_examples": 2, "extraction_tokens": 5}
    adapter = FINETUNE(dataset, model, QUICK.model_copy(update=settings))
    assert adapter.metrics["measured_answers"] == 2
    assert adapter.metrics["exact_match_before"] == adapter.metrics["exact_match_after"] == 0
    assert {"field_f1_before", "field_f1_after", "field_f1_gain_low"} <= set(adapter.metrics)
    assert "| exact match of 2 answers in JSON | 0.000" in (data_root / adapter.path / "README.md").read_text()


def test_an_example_that_is_too_long_is_refused_not_cut(model: ModelRef, data_root: Path) -> None:
    dataset = write_dataset({"train": ["word " * 200]})
    with pytest.raises(TrainingFailed, match=r"^an example has \d+ tokens, more than max_seq_length 64"):
        FINETUNE(dataset, model, QUICK)
    assert not (data_root / "adapters").exists()
