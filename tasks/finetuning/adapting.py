"""What of a model is trained: an adapter on its layers, or all its weights. Only for the training process and tests."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.nn.layers import quantized
from mlx.utils import tree_flatten, tree_map
from mlx_lm.tuner.utils import linear_to_lora_layers

from tasks.finetuning.dropout import draw_key, dropping_by, told_dropout
from tasks.finetuning.parallel.parts import find_parts, merge, part_name
from tasks.finetuning.parallel.team import ALONE, Team
from tasks.finetuning.settings import FinetuningSettings

GROUP_SIZE = 64  # weights that share a scale in a quantized matrix, mlx's own default

Weights = dict[str, mx.array]


def lora_parameters(settings: FinetuningSettings) -> dict[str, Any]:
    """The `lora_parameters` of adapter_config.json."""
    return {"rank": settings.rank, "scale": settings.scale, "dropout": settings.dropout}


def add_adapter(model: Any, settings: FinetuningSettings) -> int:
    """Make a model ready to be trained, without changing what it says yet; return the number of its trainable parameters.

    settings: with a rank (`for_model`).
    """
    mx.random.seed(settings.seed)
    model.freeze()
    if settings.method == "full":
        for layer in model.layers[-max(settings.layers, 0) :]:
            layer.unfreeze()
    else:
        if settings.quantize:
            quantize(model, settings.quantize)
        linear_to_lora_layers(model, settings.layers, lora_parameters(settings), use_dora=settings.method == "dora")
        dtype = getattr(mx, settings.adapter_precision)
        model.update(tree_map(lambda weight: weight.astype(dtype), model.trainable_parameters()))
    return sum(weight.size for weight in trainable_weights(model).values())


def quantize(model: Any, bits: int) -> None:
    """Hold the matrices of a model with so many bits per weight, as far as they can be; quantized ones stay as they are."""
    quantized.quantize(
        model,
        group_size=GROUP_SIZE,
        bits=bits,
        class_predicate=lambda _, module: hasattr(module, "to_quantized") and module.weight.shape[-1] % GROUP_SIZE == 0,
    )


def trainable_weights(model: Any) -> Weights:
    """The weights that are trained, by name."""
    return dict(tree_flatten(model.trainable_parameters()))


def read_weights(model: Any) -> None:
    """Read the weights of a model that was loaded lazily, a layer at a time: where they are quantized, no more than one layer is
    held as it is in the file."""
    for layer in model.layers:
        mx.eval(layer.parameters())
    mx.eval(model.parameters())


def write_adapter(model: Any, file: Path, team: Team = ALONE) -> None:
    """Write the trained weights of all processes of the team as mlx-lm's `load_adapters` reads them."""
    if not team.staged:
        if team.leader:
            mx.save_safetensors(str(file), trainable_weights(model))
        return
    parts = file.with_name(f"{file.stem}-parts")
    parts.mkdir(exist_ok=True)
    mx.save_safetensors(str(parts / part_name(file.name, team.rank)), trainable_weights(model))
    team.any(False)  # all parts are there
    if team.leader:
        merge(find_parts(parts, file.name), file)


@contextmanager
def checkpointed_layers(model: Any, enabled: bool, dropout: bool = False) -> Iterator[None]:
    """Within the block, layers keep only their input for the way back and are computed a second time there.

    dropout: whether they drop something: then they drop the same the second time, else the gradient would be of other numbers
    than the loss. mlx-lm's `grad_checkpoint` does not see to it, changes the class of the first layer only, for good, and hands
    masks over as if they had gradients.
    """
    # Layers of another process have no weights, and nothing to compute twice.
    kinds = {type(layer) for layer in model.layers if tree_flatten(layer.parameters())} if enabled else set()
    originals = {kind: kind.__call__ for kind in kinds}

    def checkpointed(original: Any) -> Any:
        def call(layer: Any, hidden: mx.array, *args: Any, **kwargs: Any) -> Any:
            key = draw_key() if dropout else None

            def inner(weights: Any, hidden: mx.array) -> Any:
                layer.update(weights)
                with dropping_by(key) if key is not None else nullcontext():
                    return original(layer, hidden, *args, **kwargs)

            return mx.checkpoint(inner)(layer.trainable_parameters(), hidden)

        return call

    for kind, original in originals.items():
        kind.__call__ = checkpointed(original)
    try:
        with told_dropout() if dropout and enabled else nullcontext():
            yield
    finally:
        for kind, original in originals.items():
            kind.__call__ = original
