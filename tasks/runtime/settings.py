"""What a user may set about how work runs on the machine."""

from pydantic import BaseModel, ConfigDict, Field


class RuntimeSettings(BaseModel):
    """How work runs on this machine. It changes the dataset only by which documents fail for want of memory."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workers: int | None = Field(
        default=None, ge=1, le=1024, description="Worker processes that read documents. Empty: as many as the machine bears."
    )
    memory_per_worker_mib: int | None = Field(
        default=None,
        ge=128,
        le=1_048_576,
        description="Memory in MiB over which a worker process is killed. Empty: by the machine.",
    )
    shards_in_flight: int | None = Field(
        default=None, ge=1, le=256, description="Shards that are worked at the same time. Empty: by the number of workers."
    )
    runner: str = Field(
        default="threads",
        pattern=r"^(threads|dask:\S+)$",
        description='Where shards run: "threads" (this machine) or "dask:ADDRESS" (a Dask cluster, "dask:tcp://host:8786").',
    )
    retry_failed: bool = Field(
        default=False, description="Try documents again that timed out, crashed or ran out of memory in an earlier run."
    )
    allow_hub: bool = Field(
        default=False, description="Allow the download of models from the Hugging Face hub. Off: nothing leaves the machine."
    )
