"""A dataset of texts and conversations is trained on as it is."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tasks.dataset.instructions.chat import load_chat
from tasks.dataset.tokens import load_tokens
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.task import finetune
from tasks.storage.artifacts import AdapterRef, DatasetRef, write_manifest
from tasks.storage.root import write_bytes

FINETUNE: Any = finetune.fn  # type: ignore[attr-defined]


def test_texts_and_conversations_are_trained_on_together(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLX_DISABLE_COMPILE", "1")
    model = build_starter(StarterShape(hidden=32, layers=1, heads=2, kv_heads=1, mlp=32))
    folder = data_root / model.folder
    chat = load_chat(str(folder), model.digest, load_tokens(str(folder / "tokenizer.json"), model.digest))
    rendered = chat.render([{"role": "user", "content": "When is it due?"}, {"role": "assistant", "content": "on Monday"}])
    assert rendered is not None
    asked = {"text": rendered.text, "kind": "question_answer", "prompt_tokens": rendered.prompt_tokens}
    plain = {"text": "The invoice is due at the end of the month.", "kind": "text", "prompt_tokens": 0}
    old = {"text": "The report was approved by the board on Monday."}  # of a dataset that was made before there were others
    content = "".join(json.dumps(row) + "\n" for row in (asked, plain, old) * 2).encode()
    write_bytes("datasets/test/train.jsonl", content)
    files = {"train.jsonl": (len(content), hashlib.sha256(content).hexdigest())}
    digest, sizes = write_manifest("datasets/test", files, {})
    dataset = DatasetRef(path="datasets/test", digest=digest, files=sizes, examples={"train": 6}, tokens={"train": 6})
    settings = FinetuningSettings(max_steps=3, max_seq_length=64, rank=4, sample_tokens=0, timeout_seconds=120)
    adapter: AdapterRef = FINETUNE(dataset, model, settings)
    assert adapter.metrics["steps"] == 3
    assert adapter.metrics["measured_rows"] == 6
