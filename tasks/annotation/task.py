"""The door: texts that were kept and are no copies in, the fields that stand in them out."""

from typing import Any

from tasks.annotation.annotating import Annotating
from tasks.annotation.settings import AnnotationSettings
from tasks.annotation.work import AnnotationRequest, annotated_row, empty_row
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, locate_alive, read_alive
from tasks.storage.root import data_root
from tasks.storage.schemas import ANNOTATED
from tasks.storage.stage import Metric, Stage, write_output

STAGE = Stage("annotation", revision=1, packages=("dateparser",))


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
    jobs = [
        Job(
            row["document_id"],
            row["part"],
            AnnotationRequest(
                **row,
                language=languages.get((row["document_id"], row["part"])),
                annotating=annotating,
                settings=settings,
                root=root,
            ),
        )
        for row in locate_alive(screened, ("document_id", "part"))
        if (row["document_id"], row["part"]) not in out
    ]
    outcomes = map_documents(annotated_row, jobs, timeout_seconds=settings.timeout_seconds)
    rows = [each.value if each.status == "ok" else _ending(each) for each in outcomes]
    metrics = [Metric(each.job.document_id, each.job.part, each.seconds, each.peak_mib) for each in outcomes]
    return write_output(rows, ANNOTATED, metrics)


_COLUMNS = ("document_id", "part", "language")


def _ending(outcome: Outcome) -> dict[str, Any]:
    return empty_row(outcome.job.argument, f"{STAGE.name}.{outcome.status}", outcome.detail)
