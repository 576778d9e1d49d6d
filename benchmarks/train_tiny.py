"""Trains a small model on the texts of a folder, all weights, for some minutes: not to be good, but no longer random."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from tasks.finetuning.models import resolve_model
from tasks.runtime.blas import enable_fast_blas
from tasks.storage.artifacts import ModelRef, model_folder

STEPS, ROWS, WINDOW = 120, 8, 128  # tokens of a row
LEARNING_RATE = 2e-3
SEED = 0


def train_on(texts: Path, model: ModelRef, output: Path) -> ModelRef:
    """Train a copy of the model on the next token of every text file (.txt, .md) below a folder; the copy."""
    enable_fast_blas()
    import mlx.core as mx
    import mlx.optimizers as optim
    from mlx import nn
    from mlx.utils import tree_flatten
    from mlx_lm import load

    if mx.default_device() == mx.Device(mx.cpu):
        mx.disable_compile()
    with model_folder(model) as folder:
        shutil.copytree(folder, output)
    network, tokenizer = load(str(output))[:2]
    network.set_dtype(mx.float32)
    stream = _tokens(texts, tokenizer)
    starts = np.random.default_rng(SEED).integers(0, len(stream) - WINDOW - 1, (STEPS, ROWS))
    optimizer = optim.Adam(learning_rate=LEARNING_RATE)

    def loss(batch: Any) -> Any:
        return nn.losses.cross_entropy(network(batch[:, :-1]), batch[:, 1:], reduction="mean")

    step = nn.value_and_grad(network, loss)
    for number, row in enumerate(starts):
        value, gradients = step(mx.array([stream[start : start + WINDOW + 1] for start in row]))
        optimizer.update(network, gradients)
        mx.eval(network.parameters(), optimizer.state, value)
        if number % 20 == 0 or number == STEPS - 1:
            print(f"step {number + 1} of {STEPS}: loss {value.item():.3f}", flush=True)
    for file in output.glob("*.safetensors"):
        file.unlink()
    mx.save_safetensors(str(output / "model.safetensors"), dict(tree_flatten(network.parameters())), metadata={"format": "mlx"})
    return resolve_model(str(output), allow_hub=False)


def _tokens(texts: Path, tokenizer: Any) -> list[int]:
    files = sorted(path for path in texts.rglob("*") if path.suffix in (".txt", ".md"))
    return [token for file in files for token in tokenizer.encode(file.read_text(encoding="utf-8", errors="replace")[:20_000])]
