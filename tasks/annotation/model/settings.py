"""What a user can choose about the model that annotates. Without a choice there is none, and nothing leaves the machine."""

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tasks.annotation.errors import ModelError

Provider = Literal["none", "mlx", "openai", "gemini", "ollama"]
REMOTE: frozenset[Provider] = frozenset({"openai", "gemini", "ollama"})
WITHOUT_KEY = "not-needed"  # what servers without accounts get; the client insists on something


class ModelSettings(BaseModel):
    """A language model as a source of candidates: a local one through MLX, or a server that is named here."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="Model for annotation")

    provider: Provider = Field(
        "none",
        description="mlx runs on this machine; openai is any server that speaks OpenAI's chat completions. Texts are sent to a "
        "server only when one is named here.",
    )
    model: str = Field(
        "", description="An MLX model as in `--model` (a folder, a hub id), or the name by which the server knows it."
    )
    adapter: str | None = Field(None, description="Folder of a LoRA adapter for the MLX model.")
    base_url: str | None = Field(None, description="Address of the server, such as http://localhost:11434; its maker's if empty.")
    api_key_env: str | None = Field(
        None,
        pattern="^[A-Za-z_][A-Za-z0-9_]*$",
        description="Name of the environment variable that holds the key; never the key.",
    )
    constrained: bool = Field(False, description="Send a JSON schema along with each request (openai and gemini).")
    max_chunk_characters: int = Field(2000, ge=200, le=50_000, description="Characters of a piece of text in one request.")
    overlap_characters: int = Field(200, ge=0, le=2000, description="Characters that a piece repeats of the one before.")
    max_tokens: int = Field(512, ge=64, le=16_384, description="Tokens of an answer.")
    passes: int = Field(
        1, ge=1, le=8, description="Times that a server is asked about each piece; a value's share of them counts."
    )
    temperature: float = Field(
        0.0, ge=0, le=2, description="Of servers; the model on this machine always takes the likeliest token."
    )
    batch: int = Field(8, ge=1, le=256, description="Pieces of a document that the local model reads at once.")
    parallel: int = Field(4, ge=1, le=64, description="Requests to a server at the same time.")
    timeout: float = Field(120.0, gt=0, le=3600, description="Time limit of a request to a server, in seconds.")
    retries: int = Field(1, ge=0, le=10, description="Times that a piece is asked about again after a failure.")
    requests_per_minute: float | None = Field(None, gt=0, description="Most requests to a server in a minute.")
    max_documents: int | None = Field(None, ge=0, description="Most documents of a run that a server is asked about.")
    max_characters_per_run: int | None = Field(
        None, ge=0, description="Most characters that a run sends, prompts included; the run after takes up where it stopped."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.provider != "none" and not self.model:
            raise ValueError(f"the provider {self.provider} needs a model: name one in `model`")
        if self.provider == "openai" and not (self.base_url or self.api_key_env):
            raise ValueError("the provider openai needs `base_url`, or `api_key_env` for OpenAI's own server")
        if self.provider == "gemini" and not self.api_key_env:
            raise ValueError("the provider gemini needs `api_key_env`")
        if self.overlap_characters > self.max_chunk_characters // 2:
            raise ValueError("`overlap_characters` may be half of `max_chunk_characters` at most")
        if self.passes > 1 and self.provider not in REMOTE:
            raise ValueError("`passes` is for servers: the model on this machine would answer the same again")
        if self.adapter is not None and self.provider != "mlx":
            raise ValueError("`adapter` is for the provider mlx")
        return self

    @property
    def is_remote(self) -> bool:
        """Whether texts leave this process for a server."""
        return self.provider in REMOTE

    def api_key(self) -> str:
        """The key from the environment. Raises ModelError, naming the variable that is missing."""
        if self.api_key_env is None:
            return WITHOUT_KEY
        key = os.environ.get(self.api_key_env, "")
        if not key:
            raise ModelError(f"the environment variable {self.api_key_env} is not set; it should hold the key of {self.provider}")
        return key

    def cache_identity(self) -> dict[str, Any]:
        """What shapes an answer: not how many are asked for at once, how long is waited, or what may be spent."""
        shaping = {"provider", "model", "adapter", "base_url", "constrained", "max_tokens", "temperature"}
        shaping |= {"max_chunk_characters", "overlap_characters", "passes"}
        return self.model_dump(mode="json", include=shaping) | {
            "files": [files_state(each) for each in (self.model, self.adapter)]
        }


def files_state(folder: str | None) -> list[list[str | int]]:
    """Names, sizes and times of the files of a folder, to tell one that was trained anew; nothing for what is no folder."""
    path = os.path.expanduser(folder) if folder else ""
    if not os.path.isdir(path):  # no OSError for a name of a server's model that is longer than a file's may be
        return []
    found = sorted(file for file in Path(path).iterdir() if file.is_file())
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in found]
