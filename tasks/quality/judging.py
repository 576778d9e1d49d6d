"""What a run judges by beside its settings: the order of the cascade, the model of the score and, where one is asked for, the
second stage. All may be learned below the data root; a run reads them once, when it opens, and they are part of every cache key
that they shape."""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.quality.labels import refit_on_labels
from tasks.quality.order import CascadeOrder, load_order
from tasks.quality.score import ScoreModel
from tasks.quality.score import score as score_of
from tasks.quality.second.stage import LOG_ODDS, SecondStage, score_again
from tasks.storage.stage import canonical


class Judging(BaseModel):
    """order: of the groups of signals. model: of the quality score. second: for uncertain scores; None where the score decides
    alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: CascadeOrder
    model: ScoreModel
    second: SecondStage | None = None

    def score(self, signals: Mapping[str, float], language: str | None) -> float:
        """The score of a text, with what the second stage adds to an uncertain one (signal "embedding.log_odds"); NaN where that
        signal is missing."""
        first = score_of(signals, language, self.model)
        if self.second is None or not self.second.covers(first):
            return first
        return score_again(signals, signals.get(LOG_ODDS, math.nan), self.model)

    def cache_identity(self) -> dict[str, Any]:
        """What counts in a cache key. Without a second stage it is not mentioned, so that such a run keeps its keys."""
        known = {"order": canonical(self.order), "model": canonical(self.model)}
        return known if self.second is None else {**known, "second": self.second.cache_identity()}


def load_judging(second: SecondStage | None = None) -> Judging:
    """The learned order and the shipped score, refitted on the labels that people gave with `doctune label`, if there are any.

    Raises ValueError when the file of either is damaged.
    """
    return Judging(order=load_order(), model=refit_on_labels(), second=second)
