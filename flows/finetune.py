"""Dataset -> adapter."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.closing import Tuned, close_tuning, nothing_new
from flows.promotion import settle
from flows.results import RunResult, fingerprint, finished_before
from flows.run import Run, below_root, open_run
from flows.settings import FinetuningSettings, RuntimeSettings
from tasks.finetuning import task as training
from tasks.finetuning.models import resolve_model
from tasks.runtime.limits import TRAINING, limit_slot
from tasks.storage.artifacts import DatasetRef, ModelRef, read_current


class NoDataset(RuntimeError):
    """There is nothing to train on: no dataset was made below this data root, or its files are gone."""


def tune_model(run: Run, dataset: DatasetRef | None, model: ModelRef, settings: FinetuningSettings) -> Tuned | None:
    """Train an adapter, unless this dataset was tuned before with the same settings, or is too small; make it the current one
    when it is better.

    None when the settings ask for no training.
    """
    if not settings.enabled:
        return None
    if dataset is None or dataset.examples.get("train", 0) < settings.minimum_examples:
        return Tuned(None)
    adapter = before = training.find_adapter(dataset, model, settings)
    if adapter is None:
        with limit_slot(TRAINING if run.limited else None), run.showing_training():
            adapter = below_root(training.finetune)(dataset, model, settings)
    return Tuned(adapter, before is not None, settle(run, adapter, dataset, model, settings))


@flow(name="finetune")
def finetune(
    model: str = "starter",
    finetuning: FinetuningSettings = FinetuningSettings(),
    runtime: RuntimeSettings = RuntimeSettings(),
    data_root: str = "data",
) -> State[RunResult]:
    """Train an adapter on the newest dataset below the data root.

    Args:
        model: What to train: "starter", a folder with an mlx-lm model, or a hub id.
        finetuning: How to train.
        runtime: How much of the machine a run may use.
        data_root: Folder or fsspec URL for everything that doctune writes.
    """
    with open_run("finetune", data_root, runtime) as run:
        dataset = read_current("datasets")
        if not isinstance(dataset, DatasetRef):
            raise NoDataset(f"no dataset below {data_root}: make one first with `doctune curate FOLDER`")
        base = resolve_model(model, runtime.allow_hub)
        key = fingerprint("finetune", dataset, base, finetuning)
        if before := finished_before(key):
            return nothing_new(run, before)
        return close_tuning(run, key, dataset, tune_model(run, dataset, base, finetuning))
