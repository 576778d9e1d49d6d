"""The door of fine-tuning: dataset and model in, adapter out; and the look-up that tells beforehand whether it was done."""

import tempfile
from pathlib import Path

from tasks.finetuning.adapter import publish_adapter, read_adapter
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import TrainingSpec
from tasks.finetuning.train import run_training
from tasks.storage.artifacts import AdapterRef, DatasetRef, ModelRef, artifact_folder, model_folder
from tasks.storage.root import local_folder, scratch_folder
from tasks.storage.stage import Stage, output_path

STAGE = Stage("finetuning", revision=1, packages=("mlx", "mlx-lm", "numpy"))


def find_adapter(dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings) -> AdapterRef | None:
    """The adapter that was trained on this dataset and model with these settings before; None when there is none."""
    key = STAGE.key({"dataset": dataset, "model": model, "settings": settings})
    return read_adapter(artifact_folder("adapters", key))


@STAGE.task()
def finetune(dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings) -> AdapterRef:
    """Train an adapter on the dataset in a process of its own and publish it; an adapter with the same key is taken as it is.

    Raises TrainingOutOfMemory, TrainingTimedOut, TrainingFailed.
    """
    folder = artifact_folder("adapters", output_path("").removeprefix("stages/"))
    done = read_adapter(folder)
    if done is not None:  # only the record of the result was lost: hours of training are not
        return done
    with (
        tempfile.TemporaryDirectory(prefix="training-", dir=scratch_folder()) as work,
        local_folder(dataset.path) as data,
        model_folder(model) as base,
    ):
        spec = TrainingSpec(
            dataset=str(data),
            model=str(base),
            model_name=model.name,
            model_digest=model.digest,
            dataset_digest=dataset.digest,
            output=str(Path(work) / "output"),
            settings=settings,
        )
        result = run_training(spec)
        return publish_adapter(folder, Path(spec.output), result, dataset=dataset, model=model, settings=settings)
