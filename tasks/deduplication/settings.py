"""What a user can choose about copies."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class DeduplicationSettings(BaseModel):
    """What counts as a copy. Texts that differ in case and white space alone always do."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Copies")

    near: bool = Field(True, description="Also look for texts that are nearly the same.")
    threshold: float = Field(
        0.7,
        ge=0.65,
        le=1.0,
        description="Share of phrases of five words that two texts must have in common (Jaccard similarity, 0 to 1) to be "
        "copies. Two changed words in a hundred leave about 0.82. Below 0.65 the search would miss many pairs.",
    )
    containment: Annotated[float, Field(ge=0.7, le=1.0)] | Literal["off"] = Field(
        0.9,
        description="Share of a text's phrases of five words that must stand in a longer text for the shorter one to be left "
        'out as contained (0 to 1). "off": not looked for.',
    )
    recurring: Literal["off", "count", "remove"] = Field(
        "count",
        description="Paragraphs that recur in documents which are no copies, such as disclaimers and footers: not looked for, "
        "counted, or also removed from the dataset.",
    )
    recurring_documents: int = Field(5, ge=2, description="In how many documents a paragraph must stand to be a recurring one.")
    cache_mib: int = Field(256, ge=16, le=65536, description="Memory for comparing texts, in MiB.")
