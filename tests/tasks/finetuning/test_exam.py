"""The examiner, checked against the definition on single examples."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

import mlx.core as mx
from mlx_lm import generate, load

from tasks.finetuning import exam
from tasks.finetuning.exam import Examiner, Row, score_rows
from tasks.finetuning.held_out import Question, Questions, read_general_prompts
from tasks.finetuning.starter import StarterShape, build_starter

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)
ROWS = [Row(str(at), "g", tokens) for at, tokens in enumerate([[5, 9, 700, 12, 0], [44, 0], [3] * 40 + [0], [*range(100, 170)]])]


@pytest.fixture
def loaded(data_root: Path) -> Any:
    return load(str(data_root / build_starter(NANO).folder))


def plain_loss(model: Any, row: Row) -> float:
    """The loss of a row from the definition, alone."""
    logits = model(mx.array([list(row.tokens[:-1])]))[0].astype(mx.float32)
    logs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
    return sum(-logs[at, token].item() for at, token in enumerate(row.tokens[1:]) if at + 1 >= row.prompt)


@pytest.mark.parametrize("budget", [1, 64, 4096])
def test_scores_are_those_of_rows_alone_whatever_the_batches(loaded: Any, monkeypatch: pytest.MonkeyPatch, budget: int) -> None:
    monkeypatch.setattr(exam, "BATCH_TOKENS", budget)
    rows = [*ROWS, Row("prompted", "g", [5, 9, 700, 12, 0], prompt=3)]
    found = score_rows(loaded[0], rows)
    assert [each.example for each in found] == [row.example for row in rows]
    assert [each.tokens for each in found] == [4, 1, 40, 69, 2]
    for each, row in zip(found, rows, strict=True):
        assert each.nats == pytest.approx(plain_loss(loaded[0], row), rel=1e-4)


def test_an_examination_reads_texts_general_prompts_and_answers(loaded: Any) -> None:
    model, tokenizer = loaded[:2]
    prompt = "Give the date as JSON."
    said = generate(model, tokenizer, prompt=list(tokenizer.encode(prompt)), max_tokens=6)
    tokens = len(tokenizer.encode(prompt))
    asked = [Question("right", "a", prompt, tokens, said), Question("wrong", "b", prompt, tokens, json.dumps({"date": "3 May"}))]
    examiner = Examiner(tokenizer, Questions("test", [Question("text", "c", "The report was approved.")], asked), 6)
    model.train()
    found = examiner.examine(model)
    assert model.training
    assert [row.example for row in found.rows] == ["text"]
    assert found.rows[0].tokens == len(tokenizer.encode("The report was approved."))
    assert [row.example for row in found.general] == [each.name for each in read_general_prompts()]
    continued = {each.name: len(tokenizer.encode(each.continuation)) for each in read_general_prompts()}
    assert {row.example: row.tokens for row in found.general} == continued
    assert [(answer.example, answer.exact) for answer in found.answers] == [("right", True), ("wrong", False)]
    assert examiner.examine(model) == found
