"""What a run judges by beside its settings: the order of the cascade and the model of the score. Both may be learned below the
data root; a run reads them once, when it opens, and they are part of every cache key that they shape."""

from pydantic import BaseModel, ConfigDict

from tasks.quality.labels import refit_on_labels
from tasks.quality.order import CascadeOrder, load_order
from tasks.quality.score import ScoreModel


class Judging(BaseModel):
    """order: of the groups of signals. model: of the quality score."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: CascadeOrder
    model: ScoreModel


def load_judging() -> Judging:
    """The learned order and the shipped score, refitted on the labels that people gave with `doctune label`, if there are any.

    Raises ValueError when the file of either is damaged.
    """
    return Judging(order=load_order(), model=refit_on_labels())
