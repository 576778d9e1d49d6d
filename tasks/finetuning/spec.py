"""What passes between the flow's process and the training process: a specification in, events and a result out, all JSON."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.finetuning.examination import Proof, Scored, power
from tasks.finetuning.settings import FinetuningSettings

EVENTS, RESULT, PLAN, ATTEMPT, CHECKPOINTS = "events.jsonl", "result.json", "plan.json", "attempt.json", "checkpoints"
ADAPTER_FILES = ("adapters.safetensors", "adapter_config.json")
EXIT_DIVERGED = 4  # the loss is not a number any more
EXIT_UNFIT = 5  # the model or the dataset cannot be trained with
EXIT_INTERRUPTED = 6  # ended on request, with a checkpoint
EXIT_PEER_LOST = 7  # another process of the same training is gone

Event = dict[str, Any]


class Attempt(BaseModel):
    """What a training has to make do with, because it ran out of memory with more. micro_tokens, longest: at most so many tokens
    at once, and in an example (longer ones are cut in pieces); None: as planned. checkpointing: layers are computed twice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    micro_tokens: int | None = None
    longest: int | None = None
    checkpointing: bool = False


class Probe(BaseModel):
    """What was measured on a device: a training step needs `fixed + per_row * rows` bytes and `seconds` for each row."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fixed: float
    per_row: float
    seconds: float


class TrainingSpec(BaseModel):
    """One training. dataset, model, output: local folders. model_name: for the adapter's configuration. probes: what was measured
    of this model before, by its circumstances. available_bytes: memory, None to ask the system."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    dataset: str
    model: str
    model_name: str
    model_digest: str
    dataset_digest: str
    output: str
    settings: FinetuningSettings
    probes: dict[str, Probe] = {}
    attempt: Attempt = Attempt()
    available_bytes: int | None = None


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
    trainable: adapter parameters. losses: (step, loss) of the training; valid_losses: of the valid split. best_step: whose
    weights were kept, None where nothing was measured on the way. stopped: why it ended early, None when it did not. rank,
    batch_size: as used. padding_share: of what was computed. rollbacks: returns to a lower learning rate. proof: the same
    measurement with its intervals, and what else was examined.
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
    best_step: int | None
    stopped: str | None
    rank: int
    batch_size: int
    padding_share: float
    rollbacks: int
    samples: list[Sample]
    proof: Proof
