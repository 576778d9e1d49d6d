"""Embeddings of a local mlx-lm model: the mean of its last hidden states over the excerpts that the score is measured on.

Runs in the worker process that holds models (tasks/runtime/model_pool.py); nothing else imports mlx. A batch is what one text
gives: two or four excerpts, some hundred to a thousand tokens, enough to keep a processor busy. So the embedding of a text
depends on that text alone, and not on which others were remembered or stood beside it.
"""

import functools
import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.quality.signals.natural import take_excerpts
from tasks.quality.text_view import view_text
from tasks.storage.artifacts import ModelRef, model_folder
from tasks.storage.parquet import TextAt
from tasks.storage.root import use_data_root

TOKENS = 512  # of an excerpt, at most; 500 characters are more only in scripts that a tokenizer hardly knows
MIB = 1 << 20
CACHE_MIB = 256  # of freed buffers that mlx keeps
SPARE_MIB = 1024  # interpreter, libraries and what a batch takes beside the weights
# Where mlx-lm's classes keep the part that ends in hidden states, from the outside in.
WRAPPERS = ("language_model",)
TRUNKS = ("model", "backbone", "transformer")
PACKED = ("I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64", "BOOL")  # element types of safetensors that stay as they are
ITEM_BYTES = {"I8": 1, "U8": 1, "BOOL": 1, "I16": 2, "U16": 2, "I32": 4, "U32": 4, "I64": 8, "U64": 8}


class NoHiddenStates(ValueError):
    """A model of mlx-lm whose hidden states cannot be reached, or are of no use."""


@dataclass(frozen=True)
class EmbedJob:
    """A text to embed. text: where it stands, or the excerpts themselves. root: the data root, below which a model may be."""

    text: TextAt | tuple[str, ...]
    model: ModelRef
    root: str


def embed(job: EmbedJob) -> list[float]:
    """The embedding of a text, float32; empty for a text without prose. Runs in a worker.

    Raises NoHiddenStates for a model that cannot serve, ValueError or OSError for one that mlx-lm cannot load.
    """
    loaded = _load(job.model, job.root)
    excerpts = job.text if isinstance(job.text, tuple) else excerpts_of(job.text.read())
    rows = [tokens for text in excerpts if text.strip() and (tokens := loaded.encode(text))]
    return loaded.embed(rows) if rows else []


def excerpts_of(text: str) -> tuple[str, ...]:
    """The excerpts of a normalized text that are embedded: those that the score's features are measured on."""
    return tuple(excerpt for pair in take_excerpts(view_text(text)) for excerpt in pair if excerpt.strip())


def float32_mib(model: ModelRef) -> int:
    """What the weights take in memory as float32, in MiB, from the headers of their files; packed weights stay packed."""
    size = 0
    with model_folder(model) as folder:
        for file in sorted(folder.glob("*.safetensors")):
            for entry in _tensors(file):
                count = 1
                for length in entry["shape"]:
                    count *= length
                size += count * (ITEM_BYTES[entry["dtype"]] if entry["dtype"] in PACKED else 4)
    return -(-size // MIB)


def memory_cap_mib(model: ModelRef) -> int:
    """Memory over which the worker that holds this model is killed. Twice what it keeps: a worker that keeps more than half of
    its cap is replaced after each document (tasks/runtime/slot.py), and this one would load its model again."""
    return 2 * (float32_mib(model) + SPARE_MIB)


def _tensors(file: Path) -> list[dict[str, Any]]:
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(length))
    return [entry for name, entry in header.items() if name != "__metadata__"]


@dataclass(frozen=True)
class _Loaded:
    """A model in memory. trunk: from token ids to hidden states."""

    trunk: Any
    tokenizer: Any

    def encode(self, text: str) -> list[int]:
        tokens: list[int] = list(self.tokenizer.encode(text))[:TOKENS]
        return tokens

    def embed(self, rows: Sequence[Sequence[int]]) -> list[float]:
        """The mean over the excerpts of the mean over their tokens. Padding stands on the right, where no token sees it."""
        import mlx.core as mx

        longest = max(map(len, rows))
        padded = mx.array([[*row, *[0] * (longest - len(row))] for row in rows])
        hidden = self.trunk(padded)
        if not isinstance(hidden, mx.array) or hidden.ndim != 3:
            raise NoHiddenStates("this model does not give its hidden states: name a text model of another type")
        lengths = mx.array([len(row) for row in rows])
        inside = (mx.arange(longest)[None, :] < lengths[:, None]).astype(mx.float32)
        means = (hidden.astype(mx.float32) * inside[:, :, None]).sum(axis=1) / lengths[:, None].astype(mx.float32)
        vector: Any = means.mean(axis=0).tolist()
        if not all(map(math.isfinite, vector)):
            raise NoHiddenStates("this model's hidden states are not finite numbers: name another one")
        return list(vector)


@functools.lru_cache(maxsize=1)
def _load(model: ModelRef, root: str) -> _Loaded:
    """The model, in float32: once in the life of a worker."""
    from tasks.runtime.blas import enable_fast_blas

    enable_fast_blas()
    import mlx.core as mx

    if mx.default_device() == mx.Device(mx.cpu):
        mx.disable_compile()  # mlx would call a compiler, for half a minute
    mx.set_cache_limit(CACHE_MIB * MIB)  # by default it may grow with the machine's memory
    from mlx_lm import load

    use_data_root(root)
    with model_folder(model) as folder:
        loaded: Any = load(str(folder))
        network, tokenizer = loaded[0], loaded[1]
        network.set_dtype(mx.float32)
        mx.eval(network.parameters())  # read while the folder is there
    return _Loaded(_trunk_of(network), tokenizer)


def _trunk_of(network: Any) -> Any:
    for name in WRAPPERS:
        network = getattr(network, name, network)
    for name in TRUNKS:
        if callable(trunk := getattr(network, name, None)):
            return trunk
    raise NoHiddenStates(f"mlx-lm's class {type(network).__name__} does not give its hidden states: name a model of another type")
