"""The settings of detection: limits that a file must keep before anything reads it."""

from pydantic import BaseModel, ConfigDict, Field

GIB = 1024**3
MIB = 1024**2


class DetectionSettings(BaseModel):
    """Limits on what is let in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_bytes: int = Field(2 * GIB, ge=1, description="Largest file that is read, in bytes.")
    max_members: int = Field(10_000, ge=1, description="Most members that an archive (DOCX, EPUB, ZIP ...) may hold.")
    max_unpacked_bytes: int = Field(
        1 * GIB, ge=MIB, description="Most bytes that an archive may unpack to, archives inside it included."
    )
    max_ratio: float = Field(
        200.0, ge=10.0, description="Most times its own size that an archive may unpack to. Small archives are exempt."
    )
    ratio_from_bytes: int = Field(64 * MIB, ge=0, description="Unpacked size in bytes from which the ratio counts.")
    max_depth: int = Field(3, ge=1, le=10, description="How deep archives may stand inside archives.")
    timeout_seconds: float = Field(20.0, gt=0, le=3600, description="Longest time for one file, in seconds.")
