"""The doors of fine-tuning: dataset and model in, adapter out, with the look-up that tells beforehand whether it was done; and
the decision whether the new adapter takes the place of the current one."""

from pathlib import Path

from tasks.finetuning.adapter import publish_adapter, read_adapter, read_examinations
from tasks.finetuning.examination import Examination
from tasks.finetuning.jobs import ExamineJob, run_job
from tasks.finetuning.probes import keep_probe, read_probes
from tasks.finetuning.promotion import BASE, Promotion, decide_beside_current, decide_promotion
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import TrainingSpec
from tasks.finetuning.train import run_training
from tasks.finetuning.trained_on import trained_groups
from tasks.finetuning.work_folder import work_folder
from tasks.storage.artifacts import AdapterRef, DatasetRef, ModelRef, artifact_folder, model_folder
from tasks.storage.root import local_folder
from tasks.storage.stage import Stage, output_path

STAGE = Stage("finetuning", revision=2, packages=("mlx", "mlx-lm", "numpy"))
PROMOTION = Stage("promotion", revision=2, packages=("mlx", "mlx-lm", "numpy"))


def find_adapter(dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings) -> AdapterRef | None:
    """The adapter that was trained on this dataset and model with these settings before; None when there is none."""
    key = STAGE.key({"dataset": dataset, "model": model, "settings": settings})
    return read_adapter(artifact_folder("adapters", key))


@STAGE.task()
def finetune(dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings) -> AdapterRef:
    """Train an adapter on the dataset in a process of its own and publish it; an adapter with the same key is taken as it is.

    A training that failed on the way goes on from its last checkpoint when this is called again.

    Raises TrainingOutOfMemory, TrainingTimedOut, TrainingFailed.
    """
    folder = artifact_folder("adapters", output_path("").removeprefix("stages/"))
    with work_folder(folder.rpartition("/")[2]) as work, local_folder(dataset.path) as data, model_folder(model) as base:
        done = read_adapter(folder)
        if done is not None:  # only the record of the result was lost: hours of training are not
            return done
        spec = TrainingSpec(
            dataset=str(data),
            model=str(base),
            model_name=model.name,
            model_digest=model.digest,
            dataset_digest=dataset.digest,
            output=str(work / "output"),
            settings=settings,
            probes=read_probes(),
        )
        result = run_training(spec, keep_probe)
        return publish_adapter(folder, Path(spec.output), result, dataset=dataset, model=model, settings=settings)


@PROMOTION.task(ignore=("settings",))
def judge(
    candidate: AdapterRef,
    current: AdapterRef | None,
    dataset: DatasetRef,
    model: ModelRef,
    margin: float,
    settings: FinetuningSettings,
) -> Promotion:
    """Decide whether the candidate is better than the current adapter on the candidate's own held-out examples.

    dataset, model, settings: what the candidate was trained with. A current adapter of the same model is examined now, in a
    process of its own, and documents that it was trained on do not count; without one, or with one of another model, the rival is
    the base model, which was examined beside the candidate. margin: see FinetuningSettings.regression_margin. Raises
    ModelJobFailed.
    """
    own = read_examinations(candidate)
    if current is None or current.model_digest != candidate.model_digest:
        return decide_promotion(own.split, own.after, own.before, own.before, rival_name=BASE, margin=margin)
    return decide_beside_current(
        own,
        lambda: _examine(current, dataset, model, settings),
        current=current.path.rpartition("/")[2],
        seen=trained_groups(current.dataset_digest, dataset),
        margin=margin,
    )


def _examine(adapter: AdapterRef, dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings) -> Examination:
    with local_folder(dataset.path) as data, local_folder(adapter.path) as folder, model_folder(model) as base:
        job = ExamineJob(
            model=str(base),
            adapter=str(folder),
            dataset=str(data),
            evaluation_examples=settings.evaluation_examples,
            extraction_examples=settings.extraction_examples,
            extraction_tokens=settings.extraction_tokens,
        )
        return run_job(job, Examination, settings.timeout_seconds)
