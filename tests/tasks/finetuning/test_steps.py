"""Updates give the same numbers compiled and not, whatever is switched on."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.train import CHECKOUT

NANO = StarterShape(hidden=16, layers=2, heads=2, kv_heads=1, mlp=16)
UPDATES = """
import json, sys
import mlx.core as mx
from mlx_lm import load
from tasks.finetuning.adapting import add_adapter, checkpointed_layers
from tasks.finetuning.loop import make_optimizer
from tasks.finetuning.losses import split_head
from tasks.finetuning.probing import any_batch
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.steps import Steps

losses = []
for packed, checkpointing, chunked, settings in [
    (False, False, False, FinetuningSettings(rank=4)),
    (True, True, True, FinetuningSettings(rank=4, dropout=0.1)),
    (True, False, False, FinetuningSettings(rank=4, method="full")),
]:
    model = load(sys.argv[1])[0]
    add_adapter(model, settings)
    model.train()
    optimizer = make_optimizer(settings)
    optimizer.init(model.trainable_parameters())
    with checkpointed_layers(model, checkpointing):
        steps = Steps(model, optimizer, settings, split_head(model) if chunked else None)
        for number in range(3):
            mx.random.seed(number)
            losses.append(steps.update([any_batch(1, 16, packed), any_batch(2, 24, packed)], 64, 1e-2)[0])
print(json.dumps(losses))
"""


def losses(model: Path, **environment: str) -> list[float]:
    """The losses of some updates, in a process of its own because compiling is switched on and off for a whole process."""
    done = subprocess.run(
        [sys.executable, "-c", UPDATES, str(model)],
        cwd=CHECKOUT,
        env={**{name: value for name, value in os.environ.items() if name != "MLX_DISABLE_COMPILE"}, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[float] = json.loads(done.stdout)
    return found


def test_compiled_updates_are_the_same(data_root: Path, tmp_path: Path) -> None:
    """Where there is no compiler, mlx traces all the same and computes by itself; with one it would take half a minute here."""
    model = data_root / build_starter(NANO).folder
    plain = losses(model, MLX_DISABLE_COMPILE="1")
    traced = losses(model, PATH=str(tmp_path), TMPDIR=str(tmp_path))
    assert len(plain) == 9
    assert all(abs(first - second) < 1e-4 for first, second in zip(plain, traced, strict=True))
    assert plain[2] < plain[0]
