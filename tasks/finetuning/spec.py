"""What passes between the flow's process and the training process: a specification in, events and a result out, all JSON."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.finetuning.examination import Proof, Scored, power
from tasks.finetuning.settings import FinetuningSettings

EVENTS, RESULT = "events.jsonl", "result.json"
ADAPTER_FILES = ("adapters.safetensors", "adapter_config.json")
EXIT_ORPHANED = 3  # the parent is gone
EXIT_DIVERGED = 4  # the loss is not a number any more
EXIT_UNFIT = 5  # the model or the dataset cannot be trained with

Event = dict[str, Any]


class TrainingSpec(BaseModel):
    """One training. dataset, model, output: local folders. model_name: for the adapter's configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    dataset: str
    model: str
    model_name: str
    model_digest: str
    dataset_digest: str
    output: str
    settings: FinetuningSettings


class HeldOut(BaseModel):
    """A measurement on whole examples. loss: mean nats per token, over all tokens. perplexity: e**loss. rows, tokens: of what."""

    model_config = ConfigDict(frozen=True)

    loss: float
    perplexity: float
    rows: int
    tokens: int

    @classmethod
    def of(cls, rows: Sequence[Scored]) -> "HeldOut":
        """The measurement over all tokens of all rows, each token counting the same."""
        tokens = sum(row.tokens for row in rows)
        loss = sum(row.nats for row in rows) / max(tokens, 1)
        return cls(loss=loss, perplexity=power(loss), rows=len(rows), tokens=tokens)


class Sample(BaseModel):
    """A text continued greedily, before and after the training."""

    model_config = ConfigDict(frozen=True)

    prompt: str
    before: str
    after: str


class TrainingResult(BaseModel):
    """What a training came to. split: where `before` and `after` were measured; "train" means that nothing was held out.

    steps: optimizer steps. epochs: how often each example was seen. trained_tokens: tokens with a loss.
    trainable: adapter parameters. losses: (step, loss) of the training; valid_losses: of the valid split.
    proof: the same measurement with its intervals, and what else was examined.
    """

    model_config = ConfigDict(frozen=True)

    split: str
    before: HeldOut
    after: HeldOut
    steps: int
    epochs: float
    trained_tokens: int
    trainable: int
    losses: list[tuple[int, float]]
    valid_losses: list[tuple[int, float]]
    samples: list[Sample]
    proof: Proof
