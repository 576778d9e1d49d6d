"""What a user can choose about copies."""

from pydantic import BaseModel, ConfigDict, Field


class DeduplicationSettings(BaseModel):
    """What counts as a copy. Texts with the same words always do."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Copies")

    near: bool = Field(True, description="Also look for texts that are nearly the same.")
    threshold: float = Field(
        0.8,
        ge=0.7,
        le=1.0,
        description="Share of phrases of five words that two texts must have in common (Jaccard similarity, 0 to 1) to be "
        "copies. Below 0.7 the search would miss most pairs.",
    )
    cache_mib: int = Field(256, ge=16, le=65536, description="Memory for comparing texts, in MiB.")
