"""What a run measures its documents with, beside its settings: read once, when it opens; its result depends on it."""

from pydantic import BaseModel, ConfigDict

from flows.settings import CurationSettings
from tasks.annotation.annotating import Annotating, load_annotating
from tasks.dataset.evaluation import EvaluationFile, find_evaluation
from tasks.finetuning.models import resolve_model
from tasks.quality.judging import Judging, load_judging
from tasks.quality.second.stage import SecondStage, load_second_stage
from tasks.quality.settings import GateSettings
from tasks.runtime.hardware import probe


class Yardsticks(BaseModel):
    """judging: order of the gates, model of the score and second stage, as learned from earlier runs and from the user's labels.
    evaluation: files that no example may share phrases with. annotating: schemas and rankers; None when annotation is off."""

    model_config = ConfigDict(frozen=True)

    judging: Judging
    evaluation: tuple[EvaluationFile, ...]
    annotating: Annotating | None


def read_yardsticks(settings: CurationSettings, allow_hub: bool) -> Yardsticks:
    """allow_hub: a model for the second stage may be downloaded.

    Raises ValueError when a file that was learned, a labels file or an evaluation file is missing or damaged, SchemaError when
    an annotation schema is, ModelUnavailable.
    """
    judging = load_judging(read_second_stage(settings.gates, allow_hub))
    return Yardsticks(
        judging=judging,
        evaluation=tuple(find_evaluation(settings.dataset.evaluation)),
        annotating=load_annotating(settings.annotation, lambda name: resolve_model(name, allow_hub)),
    )


def read_second_stage(gates: GateSettings, allow_hub: bool) -> SecondStage | None:
    """The second stage that the settings ask for; None when they name no model. Raises ValueError, ModelUnavailable."""
    if gates.embedding_model is None:
        return None
    return load_second_stage(gates, resolve_model(gates.embedding_model, allow_hub), probe().memory_bytes)
