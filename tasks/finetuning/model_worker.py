"""A process that does one job with a model: `python -m tasks.finetuning.model_worker JOB.json RESULT.json`."""

import sys
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tasks.finetuning.jobs import EXIT_REFUSED, JOB, Answer, AnswerJob, Answers, AnyJob, ExportJob, ForeseeJob
from tasks.runtime.blas import enable_fast_blas
from tasks.runtime.offline import forbid_telemetry
from tasks.runtime.parent import end_with_parent


class JobRefused(ValueError):
    """The job cannot be done with this model; the message says why, on one line."""


def main(job_file: str, result_file: str) -> int:
    """Do the job and write its result; return the exit code."""
    end_with_parent()
    job = JOB.validate_json(Path(job_file).read_bytes())
    forbid_telemetry()
    enable_fast_blas()
    import mlx.core as mx

    if mx.default_device() == mx.Device(mx.cpu):
        mx.disable_compile()  # on a CPU, mlx compiles with the g++ it finds: half a minute before the first token
    try:
        result = do_job(job)
    except (JobRefused, ValueError, OSError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return EXIT_REFUSED
    Path(result_file).write_text(result.model_dump_json() + "\n", encoding="utf-8")
    return 0


def do_job(job: AnyJob) -> BaseModel:
    """Load the model where the job needs it, then do what the job says."""
    if isinstance(job, ForeseeJob):
        from tasks.finetuning.foreseeing import foresee

        return foresee(job)
    from mlx_lm import load

    if isinstance(job, ExportJob):
        from tasks.finetuning.fusing import export_model

        return export_model(job)
    model, tokenizer = load(job.model)[:2]
    if isinstance(job, AnswerJob):
        return _answer_twice(model, tokenizer, job)
    from tasks.finetuning.exam import Examiner
    from tasks.finetuning.held_out import read_questions

    questions = read_questions(Path(job.dataset), job.evaluation_examples, job.extraction_examples)
    return Examiner(tokenizer, questions, job.extraction_tokens).examine(_with_adapter(model, job.adapter))


def _with_adapter(model: Any, adapter: str | None) -> Any:
    from tasks.finetuning.tuned import put_adapter

    if adapter is not None:
        put_adapter(model, Path(adapter))
    return model


def _answer_twice(model: Any, tokenizer: Any, job: AnswerJob) -> Answers:
    chat = bool(tokenizer.has_chat_template)
    prompt: Any = job.prompt
    if chat:
        prompt = tokenizer.apply_chat_template([{"role": "user", "content": job.prompt}], add_generation_prompt=True)
    base = _answer(model, tokenizer, prompt, job)
    return Answers(chat=chat, base=base, tuned=_answer(_with_adapter(model, job.adapter), tokenizer, prompt, job))


def _answer(model: Any, tokenizer: Any, prompt: Any, job: AnswerJob) -> Answer:
    import mlx.core as mx
    from mlx_lm import stream_generate
    from mlx_lm.sample_utils import make_sampler

    mx.random.seed(job.seed)
    text, tokens, started = "", 0, time.monotonic()
    sampler = make_sampler(temp=job.temperature)
    for piece in stream_generate(model, tokenizer, prompt, max_tokens=job.max_tokens, sampler=sampler):
        text += piece.text
        tokens = piece.generation_tokens
    return Answer(text=text, tokens=tokens, seconds=time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
