"""What the process of a job does, called in this one."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

from tasks.finetuning import model_worker
from tasks.finetuning.examination import Examination
from tasks.finetuning.jobs import AnswerJob, Answers, ExamineJob
from tasks.finetuning.model_worker import do_job
from tasks.finetuning.starter import build_starter
from tests.tasks.finetuning.stored_adapters import NANO, store_adapter

TEMPLATE = (
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}{% endfor %}"
    "{% if add_generation_prompt %}<reply>{% endif %}"
)


@pytest.fixture
def base(data_root: Path) -> Path:
    return data_root / build_starter(NANO).folder


def answer(base: Path, adapter: Path | None, temperature: float = 0.0, seed: int = 0) -> Answers:
    job = AnswerJob(
        model=str(base), adapter=adapter and str(adapter), prompt="It was", max_tokens=8, temperature=temperature, seed=seed
    )
    found = do_job(job)
    assert isinstance(found, Answers)
    return found


def test_the_same_prompt_gives_the_same_answer_and_a_seed_another(base: Path) -> None:
    greedy = answer(base, None)
    assert greedy.base.text == greedy.tuned.text == answer(base, None).tuned.text
    assert answer(base, None, 2.0).base.text == answer(base, None, 2.0).base.text
    assert len({answer(base, None, 2.0, seed).base.text for seed in range(4)}) > 1


def test_a_chat_template_is_used_where_there_is_one(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (base / "chat_template.jinja").write_text(TEMPLATE)
    asked: list[Any] = []
    plain = model_worker._answer

    def listen(model: Any, tokenizer: Any, prompt: Any, job: AnswerJob) -> Any:
        asked.append(tokenizer.decode(prompt))
        return plain(model, tokenizer, prompt, job)

    monkeypatch.setattr(model_worker, "_answer", listen)
    assert answer(base, None).chat
    assert asked == ["<user>It was<reply>"] * 2


def test_an_adapter_is_examined_on_the_examples_of_the_dataset(base: Path, tmp_path: Path, data_root: Path) -> None:
    (tmp_path / "test.jsonl").write_text('{"text": "The report was approved.", "example_id": "e", "group": "g"}\n')
    folders = {
        strength: data_root / store_adapter(f"s{strength}", scratch=tmp_path, strength=strength).path for strength in (0, 5)
    }
    found = {}
    for name, adapter in {"none": None, **folders}.items():
        job = ExamineJob(
            model=str(base),
            adapter=adapter and str(adapter),
            dataset=str(tmp_path),
            evaluation_examples=9,
            extraction_examples=9,
            extraction_tokens=9,
        )
        examined = do_job(job)
        assert isinstance(examined, Examination)
        found[name] = examined
    assert [(row.example, row.group) for row in found["none"].rows] == [("e", "g")]
    assert found[0] == found["none"]
    assert found[5].rows[0].nats != found["none"].rows[0].nats


def test_a_model_that_cannot_be_loaded_ends_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_worker, "end_with_parent", SimpleNamespace)
    job = tmp_path / "job.json"
    job.write_text(AnswerJob(model=str(tmp_path / "nothing"), prompt="x", max_tokens=1).model_dump_json())
    assert model_worker.main(str(job), str(tmp_path / "result.json")) == 5
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "result.json").exists()
