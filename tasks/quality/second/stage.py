"""What a run looks at uncertain scores with: a model, the head that was fitted for it, and the band of scores."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.quality.score import DIGITS as SCORE_DIGITS
from tasks.quality.score import SHIPPED, ScoreModel, log_odds, probability
from tasks.quality.second.embed import float32_mib
from tasks.quality.second.head import EmbeddingHead, load_head
from tasks.quality.settings import GateSettings
from tasks.storage.artifacts import ModelRef
from tasks.storage.stage import Stage

# Not among the parts of the shard's stage: a run without a second stage must not look changed when mlx is.
SECOND_STAGE = Stage("quality-second", revision=1, packages=("mlx", "mlx-lm", "tokenizers"))
FIRST_SCORE, LOG_ODDS = "score.first", "embedding.log_odds"
DIGITS = 6  # of stored log-odds
BY_SCORE = "quality.score"
LEARN = "doctune gates --learn-head"

Row = Mapping[str, Any]


class SecondStageUnusable(ValueError):
    """The settings ask for a second stage and it cannot work; the message says what to do."""


class SecondStage(BaseModel):
    """model: whose embeddings. low, high: scores from and to which a text is looked at again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelRef
    head: EmbeddingHead
    low: float
    high: float

    def cache_identity(self) -> list[Any]:
        """What counts in a cache key: the code and the engines that embed, the model, the head, the band."""
        return [SECOND_STAGE.version, self.model.digest, self.head.digest(), self.low, self.high]

    def covers(self, score: float | None) -> bool:
        """Whether a score is uncertain."""
        return score is not None and self.low <= score <= self.high

    def asks_again(self, row: Row) -> bool:
        """Whether a row of QUALITY is to be looked at again: its score is uncertain, and decides or is audited."""
        return self.covers(row["score"]) and (row["reason"] in (None, BY_SCORE) or bool(row["audit"]))

    def added(self, vector: Sequence[float]) -> float | None:
        """What an embedding adds to the log-odds of the score; None for a text without prose."""
        return round(self.head.log_odds(vector), DIGITS) if vector else None


def load_second_stage(settings: GateSettings, model: ModelRef, memory_bytes: int) -> SecondStage:
    """The second stage that the settings ask for, with the head learned for this model.

    memory_bytes: of the machine. Raises SecondStageUnusable when there is no such head, or too little memory for the model.
    """
    head = load_head()
    named = f"--set embedding_model={model.source}"
    if head is None:
        raise SecondStageUnusable(
            f"curation.gates.embedding_model names {model.name}, and nothing was learned for it yet: give verdicts with "
            f"`doctune label`, then run `{LEARN} {named}`; or leave embedding_model empty"
        )
    if head.model != model.digest:
        raise SecondStageUnusable(
            f"the second stage was learned for another model ({head.model_name}, sha256 {head.model[:12]}) than {model.name} "
            f"(sha256 {model.digest[:12]}): run `{LEARN} {named}`, or name that model"
        )
    if head.score_version != SHIPPED.version:
        raise SecondStageUnusable(
            f"the second stage was learned beside version {head.score_version} of the score, which is now {SHIPPED.version}: run "
            f"`{LEARN} {named}`"
        )
    check_memory(model, memory_bytes)
    return SecondStage(model=model, head=head, low=settings.second_stage_low, high=settings.second_stage_high)


def check_memory(model: ModelRef, memory_bytes: int) -> None:
    """Raise SecondStageUnusable when the model's weights, as float32, do not fit into this memory."""
    needed, there = float32_mib(model), memory_bytes // 2**20
    if needed > there:
        raise SecondStageUnusable(
            f"the model {model.name} takes {needed:,} MiB as float32 and this machine has {there:,} MiB: name a smaller one"
        )


def score_again(signals: Mapping[str, float], added: float, model: ScoreModel) -> float:
    """The score when the second stage adds to its log-odds."""
    return round(probability(log_odds(signals, model) + added), SCORE_DIGITS)


def describe_again(signals: Mapping[str, float], last: float) -> str:
    """What the second stage did to a score, in words. signals: of a row of SECOND that has log-odds."""
    first, added = signals[FIRST_SCORE], signals[LOG_ODDS]
    did = "raised it from" if last > first else "lowered it from" if last < first else "left it at"
    return f"the second stage {did} {first:.3f} ({LOG_ODDS} {added:+.2f})"
