"""What every flow shares: a run opens on a machine with its caps, works, and closes with books, a report and a state."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import Task
from prefect.futures import as_completed
from prefect.runtime import flow_run
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.annotation import annotate_shard
from flows.live import LiveTraining
from flows.results import forget_failures
from flows.settings import CurationSettings, RuntimeSettings
from flows.shard import ShardOutputs, process_shard
from tasks.annotation.annotating import Annotating
from tasks.finetuning.train import TRAINING_LISTENERS
from tasks.inventory.listing import Inventory
from tasks.quality.judging import Judging
from tasks.runtime.hardware import Caps, Hardware, plan_caps, probe
from tasks.runtime.limits import SHARDS, TRAINING, has_server, set_limits
from tasks.runtime.model_pool import close_model_pool
from tasks.runtime.offline import forbid_telemetry
from tasks.runtime.pool import WorkerPool, use_pool
from tasks.runtime.progress import Progress, show_progress
from tasks.storage.artifacts import ModelRef
from tasks.storage.marks import open_mark
from tasks.storage.parquet import ParquetRef
from tasks.storage.root import check_data_root, data_root, is_local, use_data_root
from tasks.storage.stage import LISTENERS, StageEvent, digest_of

P = ParamSpec("P")
R = TypeVar("R")


class ShardsFailed(RuntimeError):
    """Some shards could not be worked. All others are done and cached: running again takes up where this run ended."""


@dataclass
class Run:
    """A run that is under way.

    name: also the name of its report. limited: it shares the server's concurrency limits with other runs. events: what stages
    did, cached results excluded.
    """

    name: str
    flow: str
    began: datetime
    hardware: Hardware
    caps: Caps
    runtime: RuntimeSettings
    progress: Progress
    pool: WorkerPool
    limited: bool
    clock: float = field(default_factory=time.monotonic)
    events: list[StageEvent] = field(default_factory=list)

    def seconds(self) -> float:
        """Wall seconds since the run opened."""
        return time.monotonic() - self.clock

    def describe_machine(self) -> dict[str, str]:
        """The machine and the caps that followed from it, for the report."""
        return {
            "processor": self.hardware.cpu,
            "system": self.hardware.platform,
            "cores": str(self.hardware.cores),
            "memory": f"{self.hardware.memory_bytes / 2**30:.0f} GiB",
            "workers": f"{self.caps.workers} of {self.caps.memory_per_worker_mib} MiB",
            "shards in flight": str(self.caps.shards_in_flight),
        }

    def process_shards(
        self,
        inventory: Inventory,
        settings: CurationSettings,
        tokenizer: ModelRef,
        judging: Judging,
        evaluation: ParquetRef | None,
    ) -> list[ShardOutputs]:
        """Work all shards, several at a time; a later stage of one runs beside an earlier stage of another.

        Collects every shard before it raises ShardsFailed.
        """
        self.progress.expect(sum(shard.rows for shard in inventory.shards), len(inventory.shards))
        shared = {
            "settings": settings.for_shards(),
            "tokenizer": tokenizer,
            "judging": judging,
            "evaluation": evaluation,
            "inventory": inventory.documents,
        }
        return self._work_all(
            process_shard,
            [{"shard": shard, **shared} for shard in inventory.shards],
            lambda outputs: self.progress.shard_done(outputs.documents, outputs.survivors()),
        )

    def annotate_shards(
        self,
        kept: Sequence[ShardOutputs],
        copies: Sequence[list[list[Any]]],
        annotating: Annotating,
        settings: CurationSettings,
        tokenizer: ModelRef,
        evaluation: ParquetRef | None,
    ) -> list[ShardOutputs]:
        """Annotate what was kept, now that copies are known (copies: per shard). The shards come back with the new outputs.

        Collects every shard before it raises ShardsFailed.
        """
        shared = {
            "annotating": annotating,
            "settings": settings.for_kept(),
            "tokenizer": tokenizer,
            "evaluation": evaluation,
        }
        done = 0

        def show(_: ShardOutputs) -> None:
            nonlocal done
            done += 1
            self.progress.phase(f"annotation: shard {done} of {len(kept)}")

        annotated = self._work_all(
            annotate_shard,
            [
                {"screened": shard.outputs["privacy"], "signals": shard.outputs["signals"], "copies": of_shard, **shared}
                for shard, of_shard in zip(kept, copies, strict=True)
            ],
            show,
        )
        return [
            shard.model_copy(update={"outputs": shard.outputs | more.outputs})
            for shard, more in zip(kept, annotated, strict=True)
        ]

    def _work_all(
        self,
        work: Task[Any, ShardOutputs],
        parameters: Sequence[Mapping[str, Any]],
        on_done: Callable[[ShardOutputs], None],
    ) -> list[ShardOutputs]:
        """Call a task once per shard, several at a time; the results in the order of the shards."""
        limit = SHARDS if self.limited and self.runtime.runner == "threads" else None
        rooted: Task[Any, ShardOutputs] = below_root(work)
        done: dict[int, ShardOutputs] = {}
        failures: list[str] = []
        with task_runner(self.runtime, self.caps) as runner:
            futures = {
                runner.submit(rooted, parameters={**each, "limit": limit}): position for position, each in enumerate(parameters)
            }
            for future in as_completed(list(futures)):
                future.wait()
                state = future.state
                if state.is_completed():
                    done[futures[future]] = future.result()
                    on_done(done[futures[future]])
                else:
                    failures.append(f"shard {futures[future]}: {state.message or state.name}")
        if failures:
            raise ShardsFailed(
                f"{len(failures)} of {len(parameters)} shards failed; the others are cached, so run again. "
                + "; ".join(sorted(failures)[:5])
            )
        return [done[position] for position in sorted(done)]

    @contextmanager
    def showing_training(self) -> Iterator[None]:
        """Show how far the training is while the block lasts."""
        show = LiveTraining(self.progress).listen
        TRAINING_LISTENERS.append(show)
        try:
            yield
        finally:
            TRAINING_LISTENERS.remove(show)


@contextmanager
def open_run(flow: str, root: str, runtime: RuntimeSettings) -> Iterator[Run]:
    """Probe the machine, set the caps that follow, keep workers warm for the block, and listen to what stages do."""
    forbid_telemetry(allow_hub=runtime.allow_hub)
    use_data_root(root)
    check_data_root()
    forget_failures(runtime.retry_failed)
    hardware = probe()
    caps = plan_caps(hardware, runtime)
    limited = has_server()
    if limited:
        set_limits({SHARDS: caps.shards_in_flight, TRAINING: caps.training_slots})
    # The scheduled time and the id stay the same when a run is retried, and so does its report's place.
    scheduled = flow_run.get_scheduled_start_time().astimezone()
    name = f"{scheduled:%Y-%m-%dT%H%M%S}-{flow}-{str(flow_run.get_id())[:6]}"
    with (
        WorkerPool(caps.workers, caps.memory_per_worker_mib, allow_hub=runtime.allow_hub) as pool,
        use_pool(pool),
        show_progress() as progress,
    ):
        run = Run(name, flow, datetime.now().astimezone(), hardware, caps, runtime, progress, pool, limited)
        LISTENERS.append(run.events.append)
        try:
            with open_mark(name):
                yield run
        finally:
            close_model_pool()
            LISTENERS.remove(run.events.append)


def task_runner(runtime: RuntimeSettings, caps: Caps) -> TaskRunner[Any]:
    """Threads of this process, or a Dask cluster: the one place where that is chosen."""
    if runtime.runner.startswith("dask:"):
        try:
            from prefect_dask.task_runners import DaskTaskRunner
        except ImportError as error:
            raise ImportError("runtime.runner names a Dask cluster; install the extra: pip install 'doctune[dask]'") from error
        cluster: TaskRunner[Any] = DaskTaskRunner(address=runtime.runner.removeprefix("dask:"))
        return cluster
    return ThreadPoolTaskRunner(max_workers=caps.shards_in_flight)


def below_root(task: Task[P, R]) -> Task[P, R]:
    """The task with its cached results below the data root, so that a root that moves takes its cache along."""
    if is_local():
        return task.with_options(result_storage=Path(data_root()) / ".prefect-results")
    from prefect.filesystems import RemoteFileSystem

    block = RemoteFileSystem(basepath=f"{data_root().rstrip('/')}/.prefect-results")
    # Prefect accepts only storage that its server knows.
    block.save(f"doctune-results-{digest_of(data_root())[:12]}", overwrite=True)
    return task.with_options(result_storage=block)
