"""A stage as a cached Prefect task: its key, the name of its output, and the events that progress and reports read.

The key of a task's result is `stage name / stage version / digests of the input references / settings the stage reads`, and
nothing else: not a path, not the time, not the run. Prefect's own INPUTS and TASK_SOURCE policies are not used: they take two
tasks with the same arguments for one, and miss a changed helper.
"""

import functools
import hashlib
import importlib.metadata
import inspect
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import pyarrow as pa
from pydantic import BaseModel

from tasks.storage.parquet import ParquetRef, write_table
from tasks.storage.schemas import METRICS

if TYPE_CHECKING:
    from prefect import Task

P = ParamSpec("P")
R = TypeVar("R")

_KEY: ContextVar[str] = ContextVar("stage_key")


@dataclass(frozen=True)
class Metric:
    """What one document part cost in a stage. seconds: wall time in the worker. peak_mib: None where it is not known. steps:
    seconds of each step, for a stage that has some."""

    document_id: str
    part: int
    seconds: float
    peak_mib: float | None = None
    steps: Mapping[str, float] | None = None


@dataclass(frozen=True)
class StageEvent:
    """A stage's work on one input began (`seconds` None) or ended. Nothing is sent for a result taken from the cache.

    key: the cache key. started: clock of time.monotonic, in seconds. failed: the stage raised an error.
    """

    stage: str
    key: str
    started: float
    seconds: float | None = None
    failed: bool = False


LISTENERS: list[Callable[[StageEvent], None]] = []


def canonical(value: Any) -> Any:
    """A value reduced to JSON that is the same in every process and on every machine. Raises TypeError for other values."""
    if hasattr(value, "cache_identity"):
        return value.cache_identity()
    if isinstance(value, BaseModel):
        # A model within may say itself what counts of it.
        dumped = value.model_dump(mode="json")
        inner = {name: getattr(value, name) for name in dumped}
        return {name: canonical(inner[name]) if isinstance(inner[name], BaseModel) else dumped[name] for name in dumped}
    if isinstance(value, Mapping):
        return {str(name): canonical(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a cache key cannot contain {type(value).__name__}: pass a reference, a settings model or plain JSON values")


def digest_of(value: Any) -> str:
    """sha256 (hex) of the canonical JSON of a value."""
    return hashlib.sha256(json.dumps(canonical(value), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Stage:
    """A stage's identity in the cache.

    name: the room's name, with a dash and a part of it where a room has several tasks ("quality-signals").
    revision: raised by hand whenever the stage's output changes for the same input; a test pins the output's digest.
    packages: distributions that shape the output; their versions are part of the stage's version.
    programs: what else of the machine shapes it, such as "tesseract 5.3.0"; "" for what is not there.
    parts: stages that this one calls; their versions are part of its own.
    """

    name: str
    revision: int
    packages: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    parts: tuple["Stage", ...] = ()

    @functools.cached_property
    def version(self) -> str:
        """The revision, joined with a digest of the versions of Python, engines and stages that shape the output."""
        # Python's own modules read mail, tables and archives, and its Unicode tables decide what a letter is.
        shapes = [f"python=={sys.version_info.major}.{sys.version_info.minor}"]
        shapes += [f"{name}=={importlib.metadata.version(name)}" for name in sorted(self.packages)]
        shapes += [program for program in self.programs if program]
        shapes += [f"{part.name}/{part.version}" for part in self.parts]
        return f"{self.revision}.{digest_of(shapes)[:6]}"

    def key(self, arguments: Mapping[str, Any]) -> str:
        """The cache key for these arguments: `name/version-digest`."""
        return f"{self.name}/{self.version}-{digest_of(arguments)[:32]}"

    def task(self, ignore: Iterable[str] = (), silent: bool = False, **options: Any) -> Callable[[Callable[P, R]], "Task[P, R]"]:
        """Decorate a door: make it a Prefect task whose result is cached under the stage's key.

        ignore: names of parameters that do not change the output (where to find source files, say).
        silent: send no events, for a task that only calls other stages. options: passed on to `prefect.task`.
        """
        door = _Door(self, frozenset(ignore), silent)

        def decorate(function: Callable[P, R]) -> "Task[P, R]":
            from prefect import task

            @functools.wraps(function)
            def work(*args: P.args, **kwargs: P.kwargs) -> R:
                return door.work(function, args, kwargs)

            return task(
                name=self.name,
                cache_key_fn=lambda _context, arguments: door.key(arguments),
                persist_result=True,
                result_serializer="json",
                **options,
            )(work)

        return decorate


@dataclass(frozen=True)
class _Door:
    """What a decorated stage does around its work. A class of the module, so that a cluster's workers unpickle it by name."""

    stage: Stage
    ignored: frozenset[str]
    silent: bool

    def key(self, arguments: Mapping[str, Any]) -> str:
        return self.stage.key({name: value for name, value in arguments.items() if name not in self.ignored})

    def work(self, function: Callable[..., R], args: Sequence[Any], kwargs: Mapping[str, Any]) -> R:
        bound = inspect.signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        key = self.key(bound.arguments)
        token = _KEY.set(key)
        started = time.monotonic()
        failed = True
        self._tell(StageEvent(self.stage.name, key, started))
        try:
            result = function(*args, **kwargs)
            failed = False
            return result
        finally:
            _KEY.reset(token)
            self._tell(StageEvent(self.stage.name, key, started, time.monotonic() - started, failed))

    def _tell(self, event: StageEvent) -> None:
        if not self.silent:
            for listener in list(LISTENERS):
                listener(event)


def output_path(suffix: str = ".parquet") -> str:
    """Where the stage that is working now writes its output: named by its cache key, so two runs that compute the same key
    write the same bytes to the same name. Raises LookupError outside a stage."""
    return f"stages/{_KEY.get()}{suffix}"


def metrics_path(output: str) -> str:
    """Where the measurements beside a stage's output are."""
    return output.removesuffix(".parquet") + ".metrics.parquet"


def write_output(rows: pa.Table | Sequence[Mapping[str, Any]], schema: pa.Schema, metrics: Sequence[Metric] = ()) -> ParquetRef:
    """Write the output of the stage that is working now, and its measurements beside it."""
    write_measured(metrics)
    return write_table(output_path(), rows, schema)


def write_measured(metrics: Sequence[Metric]) -> None:
    """Write what the documents cost in the stage that is working now, beside its output."""
    path = output_path()
    stage = path.split("/")[1]
    write_table(metrics_path(path), [{"stage": stage, **vars(metric)} for metric in metrics], METRICS)
