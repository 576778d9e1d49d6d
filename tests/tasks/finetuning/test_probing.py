"""Two measured steps foretell larger ones, and leave the model as it was."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

import mlx.core as mx
from mlx_lm import load

from tasks.finetuning.adapting import add_adapter, checkpointed_layers, trainable_weights
from tasks.finetuning.loop import make_optimizer
from tasks.finetuning.probes import FILE, keep_probe, read_probes
from tasks.finetuning.probing import any_batch, measure_steps
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.spec import Probe
from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.steps import Steps

SETTINGS = FinetuningSettings(rank=8)


@pytest.mark.parametrize("checkpointing", [False, True])
def test_eight_rows_need_what_one_and_two_foretell(data_root: Path, checkpointing: bool) -> None:
    shape = StarterShape(hidden=32, layers=4, heads=2, kv_heads=1, mlp=64, vocabulary=2048)
    model = load(str(data_root / build_starter(shape).folder))[0]
    add_adapter(model, SETTINGS)
    before = trainable_weights(model)
    probe = measure_steps(model, SETTINGS, 64, checkpointing=checkpointing, packed=False, split=None)
    assert all(mx.array_equal(weight, before[name]).item() for name, weight in trainable_weights(model).items())
    optimizer = make_optimizer(SETTINGS)
    model.train()
    with checkpointed_layers(model, checkpointing):
        steps = Steps(model, optimizer, SETTINGS)
        for _ in range(2):
            mx.reset_peak_memory()
            steps.update([any_batch(8, 64, False)] * 2, 1024, 1e-4)
    assert probe.fixed + 8 * probe.per_row == pytest.approx(mx.get_peak_memory(), rel=0.1)


def test_what_was_measured_is_kept(data_root: Path) -> None:
    probe = Probe(fixed=1.0, per_row=2.0, seconds=3.0)
    keep_probe({"event": "step"})
    assert read_probes() == {}
    keep_probe({"event": "probed", "key": "one", "probe": probe.model_dump()})
    keep_probe({"event": "probed", "key": "two", "probe": probe.model_dump()})
    assert read_probes() == {"one": probe, "two": probe}
    (data_root / FILE).write_text("{ damaged")
    assert read_probes() == {}
