"""References to folders that tasks make or use: a model, a dataset, an adapter; and the pointers to the newest of each.

A folder is written file by file with its manifest last, so a folder with a manifest is whole. The digest of the manifest,
which holds the digest of every file, is the digest of the folder.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tasks.storage.root import local_folder, read_bytes, size_of, write_bytes
from tasks.storage.stage import digest_of

MANIFEST = "manifest.json"
Kind = Literal["datasets", "adapters"]


class ModelRef(BaseModel):
    """A model with its tokenizer, resolved to files on this machine.

    source: what the user named ("starter", a folder, a hub id); for people only. digest: sha256 over configuration, tokenizer
    and weights, hex. folder: where the files are, relative to the data root or absolute.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    digest: str
    folder: str

    def cache_identity(self) -> list[str]:
        """What counts in a cache key: the content, not the name or the place."""
        return [self.digest]

    @property
    def name(self) -> str:
        """A short name without a path of this machine: "starter", a hub id, or the last part of a folder."""
        return Path(self.source).name if Path(self.source).is_absolute() or self.source.startswith((".", "~")) else self.source


@contextmanager
def model_folder(model: ModelRef) -> Iterator[Path]:
    """The model's files as a local folder; a copy for the block when the data root is not local."""
    if Path(model.folder).is_absolute():
        yield Path(model.folder)
        return
    with local_folder(model.folder) as folder:
        yield folder


class _FolderRef(BaseModel):
    """A folder below the data root. path: relative to the root. digest: sha256 of its manifest, hex. files: name -> bytes."""

    model_config = ConfigDict(frozen=True)

    path: str
    digest: str
    files: dict[str, int]

    @model_validator(mode="after")
    def _files_are_whole(self) -> "_FolderRef":
        for name, expected in self.files.items():
            size = size_of(f"{self.path}/{name}")
            if size != expected:
                found = "is missing" if size is None else f"has {size} bytes"
                raise ValueError(f"{self.path}/{name} {found}, expected {expected} bytes")
        return self

    def cache_identity(self) -> list[str]:
        """What counts in a cache key: the content, not the place."""
        return [self.digest]


class DatasetRef(_FolderRef):
    """A dataset: JSONL per split, examples.parquet, card and manifest. examples, tokens: counts per split that exists."""

    examples: dict[str, int]
    tokens: dict[str, int]


class AdapterRef(_FolderRef):
    """A trained adapter. dataset_digest, model_digest: what it was trained on and for.

    metrics: numbers by name, among them loss_before, loss_after (nats per token), perplexity_before, perplexity_after, and
    the number of tokens they were measured on.
    """

    dataset_digest: str
    model_digest: str
    metrics: dict[str, float] = Field(default_factory=dict)


def artifact_folder(kind: Kind, key: str) -> str:
    """The folder, relative to the root, of what a stage makes under a cache key."""
    return f"{kind}/{digest_of(key)[:32]}"


def write_manifest(folder: str, files: Mapping[str, tuple[int, str]], content: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
    """Write the manifest of a folder whose other files are there already.

    files: name -> (bytes, sha256). content: what else to record. Returns the digest of the folder and its files with their
    sizes, the manifest included.
    """
    listed = {name: {"bytes": size, "sha256": sha256} for name, (size, sha256) in sorted(files.items())}
    text = json.dumps({**content, "files": listed}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    data = text.encode()
    write_bytes(f"{folder}/{MANIFEST}", data)
    sizes = {name: size for name, (size, _) in sorted(files.items())} | {MANIFEST: len(data)}
    return hashlib.sha256(data).hexdigest(), sizes


def read_manifest(folder: str) -> tuple[str, dict[str, int], dict[str, Any]] | None:
    """The digest of a folder, its files with their sizes, and the content of its manifest; None when it has none."""
    try:
        data = read_bytes(f"{folder}/{MANIFEST}")
    except FileNotFoundError:
        return None
    content = json.loads(data)
    sizes = {name: entry["bytes"] for name, entry in content["files"].items()} | {MANIFEST: len(data)}
    return hashlib.sha256(data).hexdigest(), sizes, content


def publish_current(kind: Kind, ref: DatasetRef | AdapterRef) -> None:
    """Point `<kind>/current.json` at this dataset or adapter."""
    write_bytes(f"{kind}/current.json", (ref.model_dump_json(indent=2) + "\n").encode())


def read_current(kind: Kind) -> DatasetRef | AdapterRef | None:
    """The dataset or adapter that was published last; None when there is none or its files are gone."""
    model = DatasetRef if kind == "datasets" else AdapterRef
    try:
        return model.model_validate_json(read_bytes(f"{kind}/current.json"))
    except (FileNotFoundError, ValidationError):
        return None
