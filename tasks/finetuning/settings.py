"""What a user can choose about fine-tuning."""

import importlib.util
import ipaddress
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# They decide whether there is an adapter, when it is saved on the way, in how many processes it is computed (which changes it by
# rounding, and lets a training go on in another number), whether it is used and who hears of it, not which one.
NOT_IN_KEY = {
    *("enabled", "minimum_examples", "timeout_seconds", "seconds_per_checkpoint", "parallel", "processes", "hosts"),
    *("promote", "regression_margin", "report_to", "report_project"),
}
RANK, BATCH_SIZE = 64, 32
STARTER_BATCH, STARTER_STEPS = 4, 40  # it has learned what it can by then: which tokens are common
LARGE_VOCABULARY = 32_768
LEAST_WIDTH_PER_RANK = 4  # an adapter of a higher rank has more numbers than the matrices of a small model are worth

MOST_PROCESSES = 64
Method = Literal["lora", "dora", "full"]
Parallel = Literal["off", "data", "staged"]
Choice = Literal["auto", "on", "off"]


class FinetuningSettings(BaseModel):
    """How the adapter is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Fine-tuning")

    enabled: bool = Field(True, description="Whether a nightly run trains an adapter after the dataset is made")
    minimum_examples: int = Field(
        8, ge=1, le=1_000_000, description="Fewest training examples; with fewer the run ends before the training"
    )
    method: Method = Field(
        "lora", description="What is trained: lora, an adapter; dora, one with magnitudes of its own; full, all weights"
    )
    rank: int | None = Field(
        None,
        ge=1,
        le=512,
        description="Rank of the adapter: more can learn more and needs more memory; empty: 64, at most a quarter of the "
        "model's width",
    )
    scale: float = Field(2.0, gt=0, le=64, description="Factor on the adapter's output (alpha divided by rank)")
    dropout: float = Field(0.0, ge=0, lt=1, description="Share of the adapter's input that is dropped at random in training")
    layers: int = Field(-1, ge=-1, le=1000, description="Transformer layers to adapt, counted from the last; -1 for all")
    adapter_precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="Number format of the adapter: half precision needs a quarter less memory in training"
    )
    quantize: Literal[4, 8] | None = Field(
        None, description="Bits per weight that the model is held with while an adapter is trained on it (QLoRA); empty: as it is"
    )
    learning_rate: float = Field(2e-4, gt=0, le=0.1, description="Largest step of the optimizer (AdamW), reached after warm-up")
    warmup_fraction: float = Field(
        0.03, ge=0, le=0.5, description="Share of the steps in which the learning rate rises to its value"
    )
    clip_norm: float = Field(1.0, ge=0, le=1000, description="Longest gradient: a longer one is shortened to it; 0: never")
    epochs: float = Field(3.0, gt=0, le=100, description="How often each example is trained on")
    max_steps: int | None = Field(
        None, ge=1, le=10_000_000, description="Most training steps, whatever the epochs say; empty: no limit, 40 for the starter"
    )
    batch_size: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="Examples per training step, however many of them fit into memory at once; empty: 32, 4 for the starter",
    )
    micro_batch_tokens: int | None = Field(
        None, ge=64, le=1_000_000, description="Most tokens that are computed at once; empty: what the memory plan says"
    )
    packing: Choice = Field(
        "auto",
        description="Whether several examples share a row, each seeing only itself; auto: on an accelerator, with models that "
        "can; otherwise examples of similar length are computed together",
    )
    gradient_checkpointing: Choice = Field(
        "auto", description="Whether layers are computed twice to spare memory; auto: only where the memory plan needs it"
    )
    chunked_loss: Choice = Field(
        "auto", description="Whether the loss is computed piece by piece to spare memory; auto: for vocabularies from 32,768 on"
    )
    memory_plan: Literal["auto", "measured", "estimated"] = Field(
        "auto",
        description="How the memory of a training is foreseen: by two steps measured on the device, or by a formula; auto: "
        "measured unless the estimate is far below what there is",
    )
    mask_prompts: bool = Field(True, description="Whether the prompt of an example is read but not trained on")
    max_seq_length: int = Field(
        512, ge=64, le=131072, description="Longest example in tokens; a dataset with longer ones is refused"
    )
    steps_per_report: int = Field(5, ge=1, le=10_000, description="Steps between two points of the loss curve")
    steps_per_evaluation: int = Field(50, ge=1, le=1_000_000, description="Steps between two measurements on the valid split")
    patience: int = Field(
        5, ge=0, le=1000, description="Measurements on the valid split without a better one that end the training; 0: none do"
    )
    evaluation_examples: int = Field(
        100, ge=1, le=1_000_000, description="Most held-out examples that are measured; always the same ones"
    )
    sample_tokens: int = Field(24, ge=0, le=512, description="Tokens of the sample texts written before and after; 0 for none")
    extraction_examples: int = Field(
        20, ge=0, le=10_000, description="Most held-out examples that are answered in JSON before and after; 0 for none"
    )
    extraction_tokens: int = Field(256, ge=1, le=8192, description="Most tokens of such an answer")
    promote: Literal["auto", "always", "never"] = Field(
        "auto", description="When a new adapter becomes the current one: auto, if it is better beyond chance; always; never"
    )
    regression_margin: float = Field(
        0.2,
        ge=0,
        le=10,
        description="How much the loss on general prompts may rise over the base model's for promotion, in nats per token",
    )
    report_to: list[Literal["trackio", "wandb", "swanlab", "mlflow"]] = Field(
        [], description="Experiment trackers that get the course of a training; each must be installed"
    )
    report_project: str = Field("doctune", min_length=1, description="What the trackers call the project (mlflow: experiment)")
    seconds_per_checkpoint: float = Field(
        300.0, ge=0, le=86400, description="Seconds between two checkpoints, from which a training that was ended goes on"
    )
    parallel: Parallel = Field(
        "off",
        description="Whether several processes train: data, each has the whole model and takes a share of each step; staged, "
        "each has some of the layers, for models that do not fit into one",
    )
    processes: int | None = Field(
        None,
        ge=1,
        le=MOST_PROCESSES,
        description="Processes that train on this machine, or on each of the hosts; empty: 2, or 1 with hosts",
    )
    hosts: list[str] = Field(
        [],
        description="IPv4 addresses of the machines that train, this one first; empty: this one. The others are reached by ssh "
        "and need the same folders under the same paths",
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Another seed gives another start and order of examples")
    timeout_seconds: float = Field(14400.0, gt=0, le=1_209_600, description="Time limit for the whole training, in seconds")

    @model_validator(mode="after")
    def _methods_fit(self) -> Self:
        if self.method == "full" and self.quantize:
            raise ValueError("quantize: the weights of a quantized model cannot be trained; use method lora or dora with it")
        return self

    @field_validator("report_to")
    @classmethod
    def _are_installed(cls, names: list[str]) -> list[str]:
        for name in names:
            if importlib.util.find_spec(name) is None:
                raise ValueError(f"{name} is not installed: pip install {name}")
        return names

    @field_validator("hosts")
    @classmethod
    def _are_addresses(cls, hosts: list[str]) -> list[str]:
        for host in hosts:
            try:
                ipaddress.IPv4Address(host)
            except ValueError as error:
                raise ValueError(f"{host!r} is not an IPv4 address, such as 192.168.1.20; names are not looked up") from error
        if len(set(hosts)) < len(hosts):
            raise ValueError("a host is named twice: set processes to have more of them on each host")
        return hosts

    @model_validator(mode="after")
    def _processes_fit(self) -> Self:
        if self.parallel == "off" and self.hosts:
            raise ValueError("hosts: they are used with parallel data or staged only")
        if self.parallel != "off" and self.team_size == 1:
            raise ValueError(f"processes: parallel {self.parallel} needs two at least")
        if self.parallel == "staged" and self.memory_plan == "measured":
            raise ValueError("memory_plan: a staged training is foreseen by the formula only; use auto or estimated with it")
        return self

    @property
    def processes_per_host(self) -> int:
        """Processes that share the memory of a machine."""
        return 1 if self.parallel == "off" else self.processes or (1 if self.hosts else 2)

    @property
    def team_size(self) -> int:
        """Processes that train together."""
        return self.processes_per_host * max(1, len(self.hosts))

    def cache_identity(self) -> dict[str, Any]:
        """The settings that shape an adapter."""
        return self.model_dump(mode="json", exclude=NOT_IN_KEY)

    def chunks_loss(self, vocabulary: int) -> bool:
        """Whether the loss is computed piece by piece with a vocabulary of this size."""
        return self.chunked_loss == "on" or (self.chunked_loss == "auto" and vocabulary >= LARGE_VOCABULARY)

    def for_model(self, width: int | None, from_scratch: bool) -> "FinetuningSettings":
        """These settings with a number where one was left empty. width: the model's hidden size, None where it is not known.

        from_scratch: the starter, whose weights are random.
        """
        rank = self.rank or (min(RANK, max(1, width // LEAST_WIDTH_PER_RANK)) if width else RANK)
        batch_size = self.batch_size or (STARTER_BATCH if from_scratch else BATCH_SIZE)
        most = STARTER_STEPS if from_scratch and self.max_steps is None else self.max_steps
        return self.model_copy(update={"rank": rank, "batch_size": batch_size, "max_steps": most})
