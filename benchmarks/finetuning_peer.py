"""`mlx_lm.lora` as it is, counted: a process of its own for benchmarks/finetuning.py.

    python -m benchmarks.finetuning_peer CONFIG.json

Its batches are counted as they pass, and validation is left out of it. It gets the same BLAS as doctune's trainer.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tasks.runtime.blas import enable_fast_blas


def main() -> None:
    """Train as the configuration says, then write what was counted to `counted` of the configuration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    config = json.loads(parser.parse_args().config.read_text())
    counted_file = config.pop("counted")
    enable_fast_blas()
    import mlx.core as mx

    if mx.default_device() == mx.Device(mx.cpu):
        mx.disable_compile()  # as doctune does: compiling takes half a minute here
    from mlx_lm import lora
    from mlx_lm.tuner.callbacks import TrainingCallback
    from mlx_lm.tuner.trainer import iterate_batches, train

    counted = {"useful": 0.0, "places": 0.0, "examples": 0.0}

    class Clock(TrainingCallback):
        def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
            counted["cpu_seconds"] = time.process_time() - counted["cpu_began"]
            counted["seconds"] = time.perf_counter() - counted["began"]

    def counting(*args: Any, **kwargs: Any) -> Iterator[Any]:
        for batch, lengths in iterate_batches(*args, **kwargs):
            counted.setdefault("cpu_began", time.process_time())
            counted.setdefault("began", time.perf_counter())
            counted["useful"] += int((lengths[:, 1] - 1).sum().item())
            counted["places"] += batch.shape[0] * (batch.shape[1] - 1)
            counted["examples"] += batch.shape[0]
            yield batch, lengths

    def counted_train(**kwargs: Any) -> None:
        train(**{**kwargs, "val_dataset": None, "training_callback": Clock(), "iterate_batches": counting})

    lora.train = counted_train
    lora.run(SimpleNamespace(**{**lora.CONFIG_DEFAULTS, **config}))
    counted["peak_bytes"] = mx.get_peak_memory()
    Path(counted_file).write_text(json.dumps(counted))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
