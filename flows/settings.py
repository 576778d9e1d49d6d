"""Every setting of the line: the parameters of the flows, and so the form that the Prefect UI shows."""

from pydantic import BaseModel, ConfigDict, Field

from tasks.dataset.settings import ChunkSettings, DatasetSettings
from tasks.deduplication.settings import DeduplicationSettings
from tasks.detection.settings import DetectionSettings
from tasks.extraction.settings import ExtractionSettings
from tasks.finetuning.settings import FinetuningSettings
from tasks.inventory.settings import InventorySettings
from tasks.normalization.settings import NormalizationSettings
from tasks.quality.settings import AuditSettings, GateSettings
from tasks.runtime.settings import RuntimeSettings

__all__ = ["CurationSettings", "FinetuningSettings", "RuntimeSettings"]


class CurationSettings(BaseModel):
    """From documents to a dataset, stage by stage."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    inventory: InventorySettings = Field(default=InventorySettings(), description="Which files count as documents.")
    detection: DetectionSettings = Field(default=DetectionSettings(), description="What is refused before it is read.")
    extraction: ExtractionSettings = Field(default=ExtractionSettings(), description="How text is read from each format.")
    normalization: NormalizationSettings = Field(default=NormalizationSettings(), description="How text is cleaned.")
    gates: GateSettings = Field(default=GateSettings(), description="What is good enough to keep.")
    audit: AuditSettings = Field(default=AuditSettings(), description="Which rejected documents are measured to the end.")
    deduplication: DeduplicationSettings = Field(default=DeduplicationSettings(), description="What counts as a copy.")
    chunks: ChunkSettings = Field(default=ChunkSettings(), description="How text is cut into examples.")
    dataset: DatasetSettings = Field(default=DatasetSettings(), description="How examples become train, valid and test.")
