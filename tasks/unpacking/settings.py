"""The settings of unpacking."""

from pydantic import BaseModel, ConfigDict, Field

GIB = 1024**3
MIB = 1024**2


class UnpackingSettings(BaseModel):
    """Which containers are opened, and how much may come out of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    archives: bool = Field(True, description="Open archives (zip, tar, gz, bz2, xz; 7z and rar with the extra `archives`).")
    attachments: bool = Field(True, description="Take the attachments of mails as documents of their own.")
    max_members: int = Field(10_000, ge=1, description="Most members of one archive, archives inside it included.")
    max_unpacked_bytes: int = Field(
        4 * GIB, ge=MIB, description="Most bytes that one archive may unpack to, archives inside it included."
    )
    max_ratio: float = Field(200.0, ge=10.0, description="Most times its own size that an archive may unpack to.")
    ratio_from_bytes: int = Field(64 * MIB, ge=0, description="Unpacked size in bytes from which the ratio counts.")
    max_depth: int = Field(3, ge=1, le=10, description="How deep archives may stand inside archives.")
    timeout_seconds: float = Field(300.0, gt=0, le=7200, description="Longest time for one container, in seconds.")
