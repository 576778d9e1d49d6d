"""Every setting of the line: the parameters of the flows, and so the form that the Prefect UI shows."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tasks.annotation.settings import AnnotationSettings
from tasks.dataset.settings import ChunkSettings, DatasetSettings, InstructionSettings
from tasks.deduplication.settings import DeduplicationSettings
from tasks.detection.settings import DetectionSettings
from tasks.extraction.settings import ExtractionSettings
from tasks.finetuning.settings import FinetuningSettings
from tasks.inventory.settings import InventorySettings
from tasks.normalization.settings import NormalizationSettings
from tasks.privacy.settings import PrivacySettings
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.runtime.settings import RuntimeSettings
from tasks.unpacking.settings import UnpackingSettings

__all__ = ["CurationSettings", "FinetuningSettings", "RuntimeSettings", "ShardSettings", "check_together"]


class ShardSettings(BaseModel):
    """What the stages of a shard read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detection: DetectionSettings = Field(default=DetectionSettings(), description="What is refused before it is read.")
    extraction: ExtractionSettings = Field(default=ExtractionSettings(), description="How text is read from each format.")
    normalization: NormalizationSettings = Field(default=NormalizationSettings(), description="How text is cleaned.")
    gates: GateSettings = Field(default=GateSettings(), description="What is good enough to keep.")
    audit: AuditSettings = Field(default=AuditSettings(), description="Which rejected documents are measured to the end.")
    privacy: PrivacySettings = Field(
        default=PrivacySettings(), description="What happens to personal data and secrets in the texts that are kept."
    )
    deduplication: DeduplicationSettings = Field(default=DeduplicationSettings(), description="What counts as a copy.")
    chunks: ChunkSettings = Field(default=ChunkSettings(), description="How text is cut into examples.")


class KeptSettings(BaseModel):
    """What the stages read that follow in each shard once copies are known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    annotation: AnnotationSettings
    instructions: InstructionSettings
    max_tokens: int


class CurationSettings(ShardSettings):
    """From documents to a dataset, stage by stage."""

    inventory: InventorySettings = Field(default=InventorySettings(), description="Which files count as documents.")
    unpacking: UnpackingSettings = Field(default=UnpackingSettings(), description="Which archives and attachments are opened.")
    annotation: AnnotationSettings = Field(
        default=AnnotationSettings(), description="Which fields are looked for in the texts that are kept."
    )
    dataset: DatasetSettings = Field(default=DatasetSettings(), description="How examples become train, valid and test.")

    @model_validator(mode="after")
    def _chunks_fit(self) -> Self:
        if self.chunks.max_tokens > self.dataset.max_seq_length:
            raise ValueError(
                f"chunks.max_tokens ({self.chunks.max_tokens}) must not be above dataset.max_seq_length "
                f"({self.dataset.max_seq_length}), or no chunk of that length could be an example"
            )
        return self

    def for_shards(self) -> ShardSettings:
        """Only what the stages of a shard read, so that another setting does not make a shard look changed."""
        return ShardSettings(**{name: getattr(self, name) for name in ShardSettings.model_fields})

    def for_kept(self) -> KeptSettings:
        """Only what is read once copies are known."""
        return KeptSettings(annotation=self.annotation, instructions=self.dataset.instructions, max_tokens=self.chunks.max_tokens)


def check_together(curation: CurationSettings, finetuning: FinetuningSettings) -> None:
    """Raise ValueError when the dataset could hold examples that the training would refuse."""
    if finetuning.enabled and curation.chunks.max_tokens > finetuning.max_seq_length:
        raise ValueError(
            f"curation.chunks.max_tokens ({curation.chunks.max_tokens}) must not be above finetuning.max_seq_length "
            f"({finetuning.max_seq_length}): the training would refuse the dataset"
        )
