"""The training process: `python -m tasks.finetuning.train_worker SPEC.json`.

A process of its own, because a failed allocation kills it (139, 134 or 137), and because mlx-lm lowers the limit of open files
of the process that imports it. It writes events line by line, checkpoints, and its result at the end, into the output folder of
the spec; started again with the same folder it goes on from the last checkpoint. Of several processes of a training, the first
one writes.
"""

import importlib.metadata
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tasks.finetuning.examples import UnfitError
from tasks.finetuning.spec import (
    EVENTS,
    EXIT_DIVERGED,
    EXIT_INTERRUPTED,
    EXIT_PEER_LOST,
    EXIT_UNFIT,
    RESULT,
    Event,
    TrainingSpec,
)
from tasks.finetuning.trackers import open_trackers
from tasks.runtime.blas import enable_fast_blas
from tasks.runtime.offline import forbid_telemetry
from tasks.runtime.parent import end_with_parent


def main(spec_file: str) -> int:
    """Train as the specification says; return the exit code."""
    end_with_parent()
    asked_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_end.set())
    spec = TrainingSpec.model_validate_json(Path(spec_file).read_bytes())
    forbid_telemetry()
    library = enable_fast_blas()
    import mlx.core as mx

    if mx.default_device() == mx.Device(mx.cpu):
        # On a CPU, mlx compiles with the g++ it finds: half a minute before the first step, to save a tenth afterwards.
        mx.disable_compile()
    from tasks.finetuning.loop import DivergedError, Interrupted
    from tasks.finetuning.parallel.team import PeerLost, make_team
    from tasks.finetuning.training import train

    output = Path(spec.output)
    team = make_team(spec.settings)
    with _telling(spec, output) if team.leader else nullcontext(_say_nothing) as tell:
        tell(
            {
                "event": "start",
                "device": str(mx.default_device()),
                "blas": library or "",  # which library mlx computes with instead of its own; empty: its own
                "mlx": importlib.metadata.version("mlx"),
            }
        )
        try:
            result = train(spec, tell, asked_to_end.is_set, team)
        except (DivergedError, UnfitError, Interrupted, PeerLost) as error:
            sys.stderr.write(f"{error}\n")
            exits = {DivergedError: EXIT_DIVERGED, UnfitError: EXIT_UNFIT, Interrupted: EXIT_INTERRUPTED}
            return exits.get(type(error), EXIT_PEER_LOST)
        if team.leader:
            (output / RESULT).write_text(result.model_dump_json(indent=2) + "\n", encoding="utf-8")
        tell({"event": "done", "peak_memory_mib": mx.get_peak_memory() / 2**20})
    return 0


@contextmanager
def _telling(spec: TrainingSpec, output: Path) -> Iterator[Callable[[Event], None]]:
    """Writes each event into the folder, and tells the trackers of it."""
    settings = spec.settings
    tracked = open_trackers(settings.report_to, settings.report_project, spec.dataset_digest[:12], settings.cache_identity())
    with (output / EVENTS).open("a", encoding="utf-8") as stream, tracked as trackers:

        def tell(event: Event) -> None:
            stream.write(json.dumps(event) + "\n")
            stream.flush()
            trackers.tell(event)

        yield tell


def _say_nothing(event: Event) -> None:
    """The first process of a training speaks for all."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
