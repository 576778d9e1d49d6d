"""Settings of the inventory."""

from pydantic import BaseModel, ConfigDict, Field


class InventorySettings(BaseModel):
    """Which files count as documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    include_hidden: bool = Field(default=False, description="Also take files and folders whose name begins with a dot.")
    ignore: list[str] = Field(
        default=["~$*", "Thumbs.db", "desktop.ini", "*.tmp", "*.part", "*.crdownload"],
        description="File names (shell patterns) that are never documents, such as lock files of office programs.",
    )
