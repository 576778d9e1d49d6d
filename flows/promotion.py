"""Which adapter is in use after a run: the new one when it is better, and the history says why."""

from flows.run import Run, below_root
from flows.settings import FinetuningSettings
from tasks.finetuning import history
from tasks.finetuning import task as training
from tasks.finetuning.promotion import Promotion
from tasks.runtime.limits import TRAINING, limit_slot
from tasks.storage.artifacts import AdapterRef, DatasetRef, ModelRef


def settle(run: Run, adapter: AdapterRef, dataset: DatasetRef, model: ModelRef, settings: FinetuningSettings) -> Promotion:
    """Promote the adapter if the settings and what was measured say so, and remember the decision.

    An adapter that a user took out of use is not promoted by a measurement again.
    """
    current = history.current_adapter()
    if current is not None and current.digest == adapter.digest:
        return Promotion(promoted=True, why="it is the current adapter already", already=True)
    name = history.id_of(adapter)
    if settings.promote == "never":
        decision = Promotion(promoted=False, why=f"finetuning.promote is never; `doctune adapters promote {name[:8]}` does it")
    elif settings.promote == "always":
        decision = Promotion(promoted=True, why="finetuning.promote is always")
    elif name in history.set_aside(history.read_history()):
        decision = Promotion(
            promoted=False, why=f"it was taken out of use by hand; `doctune adapters promote {name[:8]}` brings it back"
        )
    else:
        with limit_slot(TRAINING if run.limited else None):
            decision = below_root(training.judge)(adapter, current, dataset, model, settings.regression_margin, settings)
    remember = history.promote if decision.promoted else history.pass_over
    remember(adapter, run=run.name, why=decision.why, rival=decision.rival, model_source=model.source)
    return decision
