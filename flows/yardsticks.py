"""What a run measures its documents with, beside its settings: read once, when it opens; its result depends on it."""

from pydantic import BaseModel, ConfigDict

from flows.settings import CurationSettings
from tasks.annotation.annotating import Annotating, load_annotating
from tasks.dataset.evaluation import EvaluationFile, find_evaluation
from tasks.quality.judging import Judging, load_judging


class Yardsticks(BaseModel):
    """judging: order of the gates and model of the score, as learned from earlier runs and from the user's labels. evaluation:
    files that no example may share phrases with. annotating: schemas and rankers; None when annotation is off."""

    model_config = ConfigDict(frozen=True)

    judging: Judging
    evaluation: tuple[EvaluationFile, ...]
    annotating: Annotating | None


def read_yardsticks(settings: CurationSettings) -> Yardsticks:
    """Raises ValueError when a file that was learned, a labels file or an evaluation file is missing or damaged, SchemaError when
    an annotation schema is."""
    return Yardsticks(
        judging=load_judging(),
        evaluation=tuple(find_evaluation(settings.dataset.evaluation)),
        annotating=load_annotating(settings.annotation),
    )
