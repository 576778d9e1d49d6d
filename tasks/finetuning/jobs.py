"""What is asked of a model outside of a training, and the parent's side of asking: a job goes in as JSON, a result comes out.

Each job has a process of its own (tasks/finetuning/model_worker.py): mlx may end the process that it runs in, and its import
lowers the limit of open files for good.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tasks.finetuning.errors import ModelJobFailed
from tasks.finetuning.plan import Plan
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Probe
from tasks.storage.root import scratch_folder

CHECKOUT = Path(__file__).parents[2]
TAIL_CHARACTERS = 2000
EXIT_REFUSED = 5  # the message is for the user, on the last line of standard error


class _Job(BaseModel):
    """model: folder of the base model. adapter: folder of an adapter, None for the base model alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str
    adapter: str | None = None


class ExamineJob(_Job):
    """Examine a model as a training does; the result is an Examination. dataset: a folder. The rest as in the settings."""

    kind: Literal["examine"] = "examine"
    dataset: str
    evaluation_examples: int
    extraction_examples: int
    extraction_tokens: int


class AnswerJob(_Job):
    """Answer a prompt without and with the adapter; the result is Answers. temperature: 0 takes the likeliest token each time."""

    kind: Literal["answer"] = "answer"
    prompt: str
    max_tokens: int
    temperature: float = 0.0
    seed: int = 0


class ExportJob(_Job):
    """Write the model with its adapter fused in; the result is Exported. output: a new folder. bits: per weight, None as it is.

    gguf: name of a GGUF file to write into the folder, None for none.
    """

    kind: Literal["export"] = "export"
    output: str
    bits: Literal[4, 8] | None = None
    gguf: str | None = None


class ForeseeJob(_Job):
    """Say what a training would be, without loading weights; the result is Foreseen. dataset: a folder. probes: what was measured
    of models before. available_bytes: memory, None to ask the system."""

    kind: Literal["foresee"] = "foresee"
    dataset: str
    settings: FinetuningSettings
    model_digest: str
    probes: dict[str, Probe] = {}
    available_bytes: int | None = None


AnyJob = ExamineJob | AnswerJob | ExportJob | ForeseeJob
JOB: TypeAdapter[AnyJob] = TypeAdapter(Annotated[AnyJob, Field(discriminator="kind")])


class Answer(BaseModel):
    """An answer. tokens: how many it has. seconds: it took."""

    text: str
    tokens: int
    seconds: float


class Answers(BaseModel):
    """The answers of the base model and of the model with its adapter. chat: the model's chat template was used."""

    chat: bool
    base: Answer
    tuned: Answer


class Exported(BaseModel):
    """A model that was written. model_type: as in config.json. parameters: numbers in it. bits_per_weight: on average."""

    model_config = ConfigDict(protected_namespaces=())

    model_type: str
    parameters: int
    bits_per_weight: float
    fused_layers: int


class Foreseen(BaseModel):
    """A training that was not made. examples, tokens: that it trains on, tokens with a loss. longest: tokens of the longest
    example. updates: of the optimizer. micro_batches: that an update is computed in, on average. padding_share: of what is
    computed. packed: examples would share rows, if the model can. rank: None when all weights are trained. short_of: bytes that
    one example at a time needs by the formula, where that is more than there is. plan: the memory plan."""

    examples: int
    tokens: int
    longest: int
    updates: int
    updates_per_epoch: int
    batch_size: int
    micro_batches: float
    padding_share: float
    packed: bool
    rank: int | None
    short_of: int | None
    plan: Plan


R = TypeVar("R", bound=BaseModel)


def run_job(job: AnyJob, result: type[R], timeout_seconds: float | None = None) -> R:
    """Do a job in a process of its own. Raises ModelJobFailed with the end of what the process said."""
    with tempfile.TemporaryDirectory(prefix="model-job-", dir=scratch_folder()) as folder:
        work = Path(folder)
        job_file, result_file, log_file = work / "job.json", work / "result.json", work / "worker.log"
        job_file.write_text(job.model_dump_json(), encoding="utf-8")
        paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
        # A private temporary folder: mlx keeps compiled code below it, under a name that anyone could guess.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TMPDIR": folder}
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tasks.finetuning.model_worker", str(job_file), str(result_file)],
                stdin=subprocess.PIPE,  # never written to: its end tells the worker that this process is gone
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment,
            )
            try:
                code = process.wait(timeout_seconds)
            except subprocess.TimeoutExpired as error:
                raise ModelJobFailed(f"the {job.kind} job took longer than {timeout_seconds:.0f} seconds") from error
            finally:
                process.kill()
                process.wait()
                if process.stdin:
                    process.stdin.close()
        said = log_file.read_text(encoding="utf-8", errors="replace").strip()[-TAIL_CHARACTERS:]
        if code == EXIT_REFUSED and said:
            raise ModelJobFailed(said.splitlines()[-1])
        if code != 0:
            raise ModelJobFailed(f"the process of the {job.kind} job ended with exit {code}:\n{said}")
        return result.model_validate_json(result_file.read_bytes())
