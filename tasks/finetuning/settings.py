"""What a user can choose about fine-tuning."""

import importlib.util
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

# They decide whether there is an adapter, whether it is used and who hears of it, not which one it is.
NOT_IN_KEY = {"enabled", "minimum_examples", "timeout_seconds", "promote", "regression_margin", "report_to", "report_project"}


class FinetuningSettings(BaseModel):
    """How the adapter is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Fine-tuning")

    enabled: bool = Field(True, description="Whether a nightly run trains an adapter after the dataset is made")
    minimum_examples: int = Field(
        8, ge=1, le=1_000_000, description="Fewest training examples; with fewer the run ends before the training"
    )
    rank: int = Field(16, ge=1, le=512, description="Rank of the adapter: more can learn more and needs more memory")
    scale: float = Field(2.0, gt=0, le=64, description="Factor on the adapter's output (alpha divided by rank)")
    dropout: float = Field(0.0, ge=0, lt=1, description="Share of the adapter's input that is dropped at random in training")
    layers: int = Field(-1, ge=-1, le=1000, description="Transformer layers to adapt, counted from the last; -1 for all")
    learning_rate: float = Field(2e-4, gt=0, le=0.1, description="Largest step of the optimizer (AdamW), reached after warm-up")
    warmup_fraction: float = Field(
        0.03, ge=0, le=0.5, description="Share of the steps in which the learning rate rises to its value"
    )
    epochs: float = Field(3.0, gt=0, le=100, description="How often each example is trained on")
    max_steps: int | None = Field(
        None, ge=1, le=10_000_000, description="Most training steps, whatever the epochs say; empty: no limit, 40 for the starter"
    )
    batch_size: int = Field(4, ge=1, le=256, description="Examples per training step")
    max_seq_length: int = Field(
        512, ge=64, le=131072, description="Longest example in tokens; a dataset with longer ones is refused"
    )
    steps_per_report: int = Field(5, ge=1, le=10_000, description="Steps between two points of the loss curve")
    steps_per_evaluation: int = Field(50, ge=1, le=1_000_000, description="Steps between two measurements on the valid split")
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
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Another seed gives another start and order of examples")
    timeout_seconds: float = Field(14400.0, gt=0, le=1_209_600, description="Time limit for the whole training, in seconds")

    @field_validator("report_to")
    @classmethod
    def _are_installed(cls, names: list[str]) -> list[str]:
        for name in names:
            if importlib.util.find_spec(name) is None:
                raise ValueError(f"{name} is not installed: pip install {name}")
        return names

    def cache_identity(self) -> dict[str, Any]:
        """The settings that shape an adapter."""
        return self.model_dump(mode="json", exclude=NOT_IN_KEY)
