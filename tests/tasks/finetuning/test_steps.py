"""Updates give the same numbers compiled and not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.finetuning.starter import StarterShape, build_starter
from tasks.finetuning.train import CHECKOUT

NANO = StarterShape(hidden=16, layers=1, heads=2, kv_heads=1, mlp=16)
UPDATES = """
import json, sys
from mlx_lm import load
from tasks.finetuning.adapting import add_adapter
from tasks.finetuning.loop import make_optimizer
from tasks.finetuning.probing import any_batch
from tasks.finetuning.settings import FinetuningSettings
from tasks.finetuning.steps import Steps

settings = FinetuningSettings(rank=4)
model = load(sys.argv[1])[0]
add_adapter(model, settings)
model.train()
optimizer = make_optimizer(settings)
optimizer.init(model.trainable_parameters())
steps = Steps(model, optimizer, settings)
batches = [any_batch(1, 16, packed=False), any_batch(2, 24, packed=False)]
print(json.dumps([steps.update(batches, 64, 1e-2)[0] for _ in range(3)]))
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


@pytest.mark.slow  # on a CPU mlx compiles with g++, some ten seconds
@pytest.mark.skipif(sys.platform == "linux" and shutil.which("g++") is None, reason="without g++ mlx compiles nothing on a CPU")
def test_compiled_updates_are_the_same(data_root: Path) -> None:
    model = data_root / build_starter(NANO).folder
    plain = losses(model, MLX_DISABLE_COMPILE="1")
    assert losses(model) == pytest.approx(plain, abs=1e-4)
    assert plain[2] < plain[0]
