"""What a run measures its documents with, beside its settings: read once, when it opens, and part of what its result depends on."""

from pydantic import BaseModel, ConfigDict

from flows.settings import CurationSettings
from tasks.dataset.evaluation import EvaluationFile, find_evaluation
from tasks.quality.judging import Judging, load_judging


class Yardsticks(BaseModel):
    """judging: order of the gates and model of the score, as learned from earlier runs and from the user's labels. evaluation: files
    that no example may share phrases with."""

    model_config = ConfigDict(frozen=True)

    judging: Judging
    evaluation: tuple[EvaluationFile, ...]


def read_yardsticks(settings: CurationSettings) -> Yardsticks:
    """Raises ValueError when a file that was learned, a labels file or an evaluation file is missing or damaged."""
    return Yardsticks(judging=load_judging(), evaluation=tuple(find_evaluation(settings.dataset.evaluation)))
