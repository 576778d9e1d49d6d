"""doctune's own training of a specification, its processor time counted: a process of its own for benchmarks/finetuning.py.

    python -m benchmarks.finetuning_ours SPEC.json

The machine may be busy with other things, so processor seconds of training steps are counted beside those of the clock.
"""

import json
import sys
import time
from pathlib import Path

from tasks.finetuning.spec import Event, TrainingSpec
from tasks.runtime.blas import enable_fast_blas


def main() -> None:
    """Train, and write what was counted to `counted.json` in the output folder."""
    spec = TrainingSpec.model_validate_json(Path(sys.argv[1]).read_bytes())
    enable_fast_blas()
    import mlx.core as mx

    if mx.default_device() == mx.Device(mx.cpu):
        mx.disable_compile()
    from tasks.finetuning.training import train

    clocks: dict[str, tuple[float, float]] = {}
    counted: dict[str, float] = {}

    def tell(event: Event) -> None:
        if event["event"] in ("valid", "step"):  # the first: before the first step; the steps are reported together
            clocks.setdefault(event["event"], (time.process_time(), time.perf_counter()))
        elif event["event"] == "memory":
            counted["peak_bytes"] = event["peak_bytes"]

    result = train(spec, tell)
    counted |= {
        "useful": result.trained_tokens,
        "updates": result.steps,
        "padding_share": result.padding_share,
        "cpu_seconds": clocks["step"][0] - clocks["valid"][0],
        "seconds": clocks["step"][1] - clocks["valid"][1],
    }
    (Path(spec.output) / "counted.json").write_text(json.dumps(counted))


if __name__ == "__main__":
    main()
