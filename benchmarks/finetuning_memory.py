"""Foreseen and measured memory of training steps, in a process of its own for benchmarks/finetuning.py.

python -m benchmarks.finetuning_memory MODELS.json OUT.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from tasks.runtime.blas import enable_fast_blas

WIDTHS = (96, 224)
ROWS = 8
UPDATES = 2  # a peak varies by some hundredths with the order in which threads come to their work


def main() -> None:
    """Write a row per combination: model, width, rows, checkpointing, foreseen and measured bytes, and those of the formula."""
    models = json.loads(Path(sys.argv[1]).read_text())
    enable_fast_blas()
    import mlx.core as mx

    if mx.default_device() == mx.Device(mx.cpu):
        mx.disable_compile()
    rows = [measure(model, width, checkpointing) for model in models for width in WIDTHS for checkpointing in (False, True)]
    Path(sys.argv[2]).write_text(json.dumps(rows))


def measure(folder: str, width: int, checkpointing: bool) -> dict[str, Any]:
    """Foretell the peak of ROWS rows from one and two, then train on so many."""
    import mlx.core as mx
    from mlx_lm import load

    from tasks.finetuning.adapting import add_adapter, checkpointed_layers
    from tasks.finetuning.loop import make_optimizer
    from tasks.finetuning.memory import ModelShape, Work, estimate_peak
    from tasks.finetuning.probing import any_batch, measure_steps
    from tasks.finetuning.settings import FinetuningSettings
    from tasks.finetuning.steps import Steps

    loaded: Any = load(folder, return_config=True)
    model, _, config = loaded
    settings = FinetuningSettings().for_model(config["hidden_size"], from_scratch=True)
    add_adapter(model, settings)
    probe = measure_steps(model, settings, width, checkpointing=checkpointing, packed=False, split=None)
    mx.clear_cache()
    model.train()
    optimizer = make_optimizer(settings)
    with checkpointed_layers(model, checkpointing):
        steps = Steps(model, optimizer, settings)
        steps.update([any_batch(1, width, False)], width, 1e-4)
        mx.reset_peak_memory()
        for _ in range(UPDATES):
            steps.update([any_batch(ROWS, width, False)] * 2, 2 * ROWS * width, 1e-4)
    shape = ModelShape.of(Path(folder), config)
    assert shape is not None
    return {
        "width": width,
        "checkpointing": checkpointing,
        "foreseen": probe.fixed + ROWS * probe.per_row,
        "measured": mx.get_peak_memory(),
        "formula": estimate_peak(shape, settings, Work(ROWS, width, checkpointing)),
    }


if __name__ == "__main__":
    main()
