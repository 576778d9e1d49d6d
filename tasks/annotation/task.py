"""The doors: texts that were kept and are no copies in, the fields that stand in them out; and pages that show them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.annotation.annotating import Annotating
from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.settings import AnnotationSettings
from tasks.annotation.showing import TABLE, Showing, collect_shown, extraction_rows, write_showing
from tasks.annotation.work import AnnotationRequest, annotated_row, empty_row
from tasks.runtime.hardware import MEMORY_SHARE, MIB, probe
from tasks.runtime.model_pool import model_pool
from tasks.runtime.pool import Job, Outcome, WorkerPool, current_pool, map_documents
from tasks.storage.artifacts import model_folder
from tasks.storage.parquet import ParquetRef, locate_alive, read_alive, write_table
from tasks.storage.root import data_root
from tasks.storage.schemas import ANNOTATED, EXTRACTIONS
from tasks.storage.stage import Metric, Stage, write_output

STAGE = Stage("annotation", revision=3, packages=("babel", "dateparser", "langextract", "llguidance", "mlx-lm", "phonenumbers"))


@STAGE.task()
def annotate(
    screened: ParquetRef,
    signals: ParquetRef,
    copies: list[list[Any]],
    annotating: Annotating,
    settings: AnnotationSettings,
) -> ParquetRef:
    """Find the fields of the schemas (PRIVACY in, ANNOTATED out). signals: for the language of each part.

    copies: document_id and part of the shard's parts that are copies of others, which are left out; sorted.
    """
    out = {(document_id, part) for document_id, part in copies}
    languages = {(row["document_id"], row["part"]): row["language"] for row in read_alive(signals, _COLUMNS)}
    root = data_root()
    with _local_model(annotating, settings) as model:
        jobs = [
            Job(
                row["document_id"],
                row["part"],
                AnnotationRequest(
                    **row,
                    language=languages.get((row["document_id"], row["part"])),
                    annotating=annotating,
                    settings=settings,
                    model=model,
                    root=root,
                ),
            )
            for row in locate_alive(screened, ("document_id", "part"))
            if (row["document_id"], row["part"]) not in out
        ]
        outcomes = _pool(settings).map(annotated_row, jobs, settings.timeout_seconds) if jobs else []
    rows = [each.value if each.status == "ok" else _ending(each) for each in outcomes]
    metrics = [Metric(each.job.document_id, each.job.part, each.seconds, each.peak_mib) for each in outcomes]
    return write_output(rows, ANNOTATED, metrics)


_COLUMNS = ("document_id", "part", "language")
PAGES_SECONDS = 300.0  # to write the pages of a run
SERVER_CLIENT_MIB = 2048  # memory of the worker that talks to a server


@contextmanager
def _local_model(annotating: Annotating, settings: AnnotationSettings) -> Iterator[ModelSettings]:
    """The settings of the model, with the folder that its name means."""
    if annotating.model is None:
        yield settings.model
        return
    with model_folder(annotating.model) as folder:
        yield settings.model.model_copy(update={"model": str(folder)})


def _pool(settings: AnnotationSettings) -> WorkerPool:
    """Rules run in all workers. A model is held by one worker of its own, which also counts what a server may be asked."""
    if settings.model.provider == "none":
        return current_pool()
    if settings.model.is_remote:
        return model_pool(SERVER_CLIENT_MIB)
    return model_pool(int(MEMORY_SHARE * probe().memory_bytes / MIB))


def _ending(outcome: Outcome) -> dict[str, Any]:
    return empty_row(outcome.job.argument, f"{STAGE.name}.{outcome.status}", outcome.detail)


@task(name="annotation-pages", cache_policy=NO_CACHE, persist_result=False)
def show_annotations(folder: str, shards: Sequence[Mapping[str, ParquetRef]], decisions: ParquetRef, most: int) -> dict[str, str]:
    """Write a table of all values, and pages and LangExtract's JSON Lines of the first `most` texts.

    folder: relative to the data root. Returns the name of each page -> document_id; none when they could not be written, which
    fails no run.
    """
    shown = collect_shown(shards, decisions)
    if not shown:
        return {}
    write_table(f"{folder}/{TABLE}", list(extraction_rows(shown)), EXTRACTIONS)
    pages = tuple(shown[:most])
    if not pages:
        return {}
    (outcome,) = map_documents(write_showing, [Job("", 0, Showing(data_root(), folder, pages))], timeout_seconds=PAGES_SECONDS)
    return {each.page: each.row["document_id"] for each in pages} if outcome.status == "ok" else {}
