"""Embeddings of a tiny model, in the worker that holds it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.finetuning.models import resolve_model
from tasks.finetuning.starter import StarterShape, build_starter, starter_files
from tasks.quality.second.embed import excerpts_of, float32_mib, memory_cap_mib
from tasks.quality.second.look import embed_all
from tasks.runtime.model_pool import close_model_pool, model_pool

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)
SHORT, LONG = "Back in ten minutes.", "The lease ends in September, and two sites are left on the list. " * 5


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    yield
    close_model_pool()


def test_the_embedding_depends_on_the_excerpts_alone(data_root: Path) -> None:
    model = build_starter(NANO)
    texts = {("a", 0): (SHORT,), ("b", 0): (LONG,), ("c", 0): (SHORT, LONG), ("d", 0): (LONG, " "), ("e", 0): (" ",)}
    outcomes = embed_all(texts, model)
    assert [(outcome.job.document_id, outcome.status) for outcome in outcomes] == [(name, "ok") for name in "abcde"]
    short, long, both, beside_nothing, nothing = (outcome.value for outcome in outcomes)
    assert len(short) == NANO.hidden
    assert short != long
    assert both == pytest.approx(
        [(one + other) / 2 for one, other in zip(short, long, strict=True)], abs=1e-5
    )  # padding is unseen
    assert beside_nothing == long
    assert nothing == []
    assert len(model_pool(memory_cap_mib(model)).pids()) == 1
    assert [outcome.value for outcome in embed_all(texts, model)] == [outcome.value for outcome in outcomes]


def test_a_model_that_cannot_be_loaded_is_an_outcome_with_words(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for name, content in starter_files(NANO).items():
        (folder / name).write_bytes(content)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "no_such_type"}))
    [outcome] = embed_all({("a", 0): (SHORT,)}, resolve_model(str(folder), allow_hub=False))
    assert outcome.status == "error"
    assert "no_such_type" in (outcome.detail or "")


def test_memory_is_counted_as_float32_before_anything_is_loaded(data_root: Path) -> None:
    small, large = build_starter(NANO), build_starter(StarterShape(hidden=512))
    assert float32_mib(small) == 1
    parameters = sum(weight[0] * (weight[1] if len(weight) > 1 else 1) for weight in StarterShape(hidden=512).shapes().values())
    assert float32_mib(large) == -(-parameters * 4 // 2**20)
    assert memory_cap_mib(large) > 2 * float32_mib(large)


def test_nothing_but_prose_is_embedded() -> None:
    assert excerpts_of("| a | b |\n|---|---|\n| 1 | 2 |\n") == ()
    assert excerpts_of(f"# Title\n\n{SHORT}\n") == (f"Title {SHORT}",)
    halves = excerpts_of("The first half is short. " * 30 + "The second half is here. " * 30)
    assert len(halves) == 2
    assert "second" in halves[1]
