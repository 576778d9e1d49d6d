"""How much memory a training needs, by a formula; and how much there is. Plain numbers, no mlx.

The formula was fitted to 126 trainings of six small models on a CPU (rank 64, AdamW; mean error 2 %, largest 8 % without gradient
checkpointing). An accelerator's kernels need less for attention, so it says too much there rather than too little.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tasks.finetuning.settings import FinetuningSettings

BUDGET_SHARE = 0.8  # of the available memory; the rest is the system's
WORKING_SET_SHARE = 0.9  # of what Metal recommends: with all of it, macOS was seen to end trainings
MARGIN = 1.3  # on the formula
FULL_STATE = 4.0  # gradient, gradient so far and AdamW's two moments, when all weights are trained
CHUNK_PLACES = 1024  # places whose logits the chunked loss has at once
ADAPTED_MATRICES = 7  # of a layer: query, key, value, output, gate, up, down


@dataclass(frozen=True)
class Coefficients:
    """Numbers kept per place and unit of width, in values: of the hidden state, of the MLP, of attention (per head and place
    looked at) and of the vocabulary; and numbers kept per trained one, beside itself."""

    hidden: float
    mlp: float
    attention: float
    vocabulary: float
    trainable: float


FLOAT32 = Coefficients(11.1, 4.1, 1.26, 5.65, 2.2)
HALF = Coefficients(15.6, 7.85, 1.21, 8.0, 2.1)


@dataclass(frozen=True)
class ModelShape:
    """Sizes of a model. weight_bytes: of its files. value_bytes: of a number that is computed with."""

    hidden: int
    layers: int
    mlp: int
    heads: int
    kv_width: int
    vocabulary: int
    weight_bytes: int
    value_bytes: int

    @classmethod
    def of(cls, folder: Path, config: Mapping[str, Any]) -> Self | None:
        """The shape that config.json states, None when it lacks a number (a model of another build)."""
        names = ("hidden_size", "num_hidden_layers", "intermediate_size", "num_attention_heads", "vocab_size")
        if not all(isinstance(config.get(name), int) for name in names):
            return None
        hidden, layers, mlp, heads, vocabulary = (int(config[name]) for name in names)
        head = int(config.get("head_dim") or hidden // heads)
        dtype = str(config.get("torch_dtype") or config.get("dtype") or "bfloat16")
        return cls(
            hidden,
            layers,
            mlp,
            heads,
            head * int(config.get("num_key_value_heads") or heads),
            vocabulary,
            sum(file.stat().st_size for file in folder.glob("*.safetensors")),
            4 if "32" in dtype else 2,
        )

    def part(self, weights: float, layers: float) -> Self:
        """The shape of a part of the model, with these shares of its weights and of its layers; with its whole head."""
        return dataclasses.replace(
            self, layers=math.ceil(self.layers * layers), weight_bytes=math.ceil(self.weight_bytes * weights)
        )

    def trainable(self, settings: FinetuningSettings) -> int:
        """Numbers that are trained: of an adapter of the settings' rank, or of all layers."""
        layers = self.layers if settings.layers == -1 else min(self.layers, settings.layers)
        sizes = [(self.hidden, self.hidden)] * 2 + [(self.hidden, self.kv_width)] * 2 + [(self.hidden, self.mlp)] * 3
        if settings.method == "full":
            return layers * sum(inward * outward for inward, outward in sizes)
        return layers * (settings.rank or 1) * sum(inward + outward for inward, outward in sizes)


@dataclass(frozen=True)
class Work:
    """What is computed at once. rows, width: of a micro-batch. checkpointing: layers keep their input only. in_flight:
    micro-batches whose layers are kept at once."""

    rows: int
    width: int
    checkpointing: bool = False
    chunked_loss: bool = False
    in_flight: int = 1


def estimate_peak(shape: ModelShape, settings: FinetuningSettings, work: Work) -> int:
    """Bytes at the peak of a training step, by the formula, without MARGIN."""
    fit = FLOAT32 if shape.value_bytes == 4 else HALF
    places = work.rows * work.width
    layer = places * (fit.hidden * shape.hidden + fit.mlp * shape.mlp + fit.attention * shape.heads * work.width)
    # With checkpointing, the inputs of all layers and all of one layer.
    inputs = places * shape.hidden * shape.layers * work.in_flight
    kept = inputs + layer if work.checkpointing else layer * shape.layers * work.in_flight
    logits = fit.vocabulary * (min(places, CHUNK_PLACES) if work.chunked_loss else places) * shape.vocabulary
    weights = shape.weight_bytes * (settings.quantize / (8 * shape.value_bytes) if settings.quantize else 1)
    state = float(shape.trainable(settings))  # their gradients and what the optimizer remembers of them
    if settings.method == "full":
        state *= FULL_STATE * shape.value_bytes
    else:
        state *= fit.trainable * (4 if settings.adapter_precision == "float32" else 2)
    return int(weights + state + shape.value_bytes * (kept + logits))


def memory_budget(available_bytes: int, working_set_bytes: int | None) -> int:
    """Bytes that a training may use. working_set_bytes: what an accelerator says it can use, None on a CPU."""
    budget = int(BUDGET_SHARE * available_bytes)
    return budget if working_set_bytes is None else min(budget, int(WORKING_SET_SHARE * working_set_bytes))
