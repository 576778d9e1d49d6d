"""An adapter is used on the model that it was trained on, rounding included."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

import mlx.core as mx
from mlx_lm import load

from tasks.finetuning.adapting import add_adapter, lora_parameters, trainable_weights, write_adapter
from tasks.finetuning.fusing import export_model
from tasks.finetuning.jobs import ExportJob
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import ADAPTER_FILES
from tasks.finetuning.starter import build_starter
from tasks.finetuning.tuned import put_adapter
from tests.tasks.finetuning.stored_adapters import NANO, RANK

TOKENS = mx.array([[5, 9, 700, 12, 44, 3, 8]])


def train(base: Path, folder: Path, settings: FinetuningSettings) -> mx.array:
    """Write an adapter as a training with these settings would, its weights moved at random; what the model says with it."""
    model: Any = load(str(base))[0]
    add_adapter(model, settings)
    mx.random.seed(1)
    moved = [(name, weight + 0.05 * mx.random.normal(weight.shape)) for name, weight in trainable_weights(model).items()]
    model.load_weights(moved, strict=False)
    folder.mkdir()
    write_adapter(model, folder / ADAPTER_FILES[0])
    config = {"fine_tune_type": settings.method, "num_layers": -1, "lora_parameters": lora_parameters(settings)}
    (folder / ADAPTER_FILES[1]).write_text(json.dumps({**config, "settings": settings.cache_identity()}))
    model.eval()
    said: mx.array = model(TOKENS)
    return said


@pytest.mark.parametrize(
    "settings",
    [
        FinetuningSettings(rank=RANK),
        FinetuningSettings(rank=RANK, method="dora"),
        FinetuningSettings(rank=RANK, method="full"),
        FinetuningSettings(rank=RANK, quantize=4),
    ],
    ids=["lora", "dora", "full", "qlora"],
)
def test_a_model_says_the_same_when_its_adapter_is_put_back_and_when_it_is_fused(
    settings: FinetuningSettings, tmp_path: Path, data_root: Path
) -> None:
    base = data_root / build_starter(NANO).folder
    said = train(base, tmp_path / "adapter", settings)
    model: Any = load(str(base))[0]
    plain = model(TOKENS)
    put_adapter(model, tmp_path / "adapter")
    assert float(mx.abs(model(TOKENS) - said).max()) < 1e-5
    assert float(mx.abs(plain - said).max()) > 0.01
    export_model(ExportJob(model=str(base), adapter=str(tmp_path / "adapter"), output=str(tmp_path / "new")))
    assert float(mx.abs(load(str(tmp_path / "new"))[0](TOKENS) - said).max()) < 1e-3
