"""Jobs with a model in a process of its own."""

from pathlib import Path

import pytest

from tasks.finetuning import jobs
from tasks.finetuning.errors import ModelJobFailed
from tasks.finetuning.jobs import AnswerJob, Answers, Exported, ExportJob, run_job
from tasks.finetuning.starter import build_starter
from tests.tasks.finetuning.stored_adapters import NANO, store_adapter


@pytest.fixture
def base(data_root: Path) -> str:
    return str(data_root / build_starter(NANO).folder)


def test_a_prompt_is_answered_without_and_with_the_adapter(base: str, tmp_path: Path, data_root: Path) -> None:
    folder = data_root / store_adapter("one", scratch=tmp_path, strength=5.0).path
    job = AnswerJob(model=base, adapter=str(folder), prompt="The report was", max_tokens=8)
    answers = run_job(job, Answers)
    assert answers.base.text != answers.tuned.text
    assert 1 <= answers.base.tokens <= 8
    (data_root / "tmp").rmdir()  # nothing is left of the job


def test_a_refusal_is_one_line_and_a_crash_its_last_words(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelJobFailed) as refused:
        run_job(ExportJob(model=base, adapter=str(tmp_path / "nothing"), output=str(tmp_path / "new")), Exported)
    assert str(refused.value).startswith("The adapter path does not exist")
    assert "\n" not in str(refused.value)
    monkeypatch.setattr(jobs.sys, "executable", "/bin/false")
    with pytest.raises(ModelJobFailed, match="the export job ended with exit 1"):
        run_job(ExportJob(model=base, output=str(tmp_path / "new")), Exported)


def test_a_job_that_takes_too_long_is_ended(base: str, tmp_path: Path) -> None:
    job = AnswerJob(model=base, adapter=None, prompt="x", max_tokens=1)
    with pytest.raises(ModelJobFailed, match="took longer than 0 seconds"):
        run_job(job, Answers, timeout_seconds=0.01)
