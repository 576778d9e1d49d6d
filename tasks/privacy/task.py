"""The door: texts that the quality gates kept in, the same texts out, without what the settings want masked or left out."""

from typing import Any

from tasks.privacy.presidio_engine import presidio_identity
from tasks.privacy.settings import PrivacySettings
from tasks.privacy.work import PrivacyRequest, empty_row, privacy_rows
from tasks.runtime.pieces import map_to_dataset
from tasks.runtime.pool import Job, Outcome
from tasks.storage.parquet import ParquetRef, locate_alive, read_alive
from tasks.storage.schemas import PRIVACY
from tasks.storage.stage import Stage

STAGE = Stage("privacy", revision=2, packages=("phonenumbers",), programs=(presidio_identity(),))


@STAGE.task()
def screen(normalized: ParquetRef, decided: ParquetRef, settings: PrivacySettings) -> ParquetRef:
    """Look for personal data and secrets in the parts that were kept (schemas: NORMALIZATION and QUALITY in, PRIVACY out)."""
    kept = {(row["document_id"], row["part"]) for row in read_alive(decided, ("document_id", "part"))}
    jobs = [
        Job(row["document_id"], row["part"], PrivacyRequest(**row, settings=settings))
        for row in locate_alive(normalized, ("document_id", "part"))
        if (row["document_id"], row["part"]) in kept
    ]
    return map_to_dataset(privacy_rows, jobs, PRIVACY, timeout_seconds=settings.timeout_seconds, ending=_ending)


def _ending(outcome: Outcome) -> dict[str, Any]:
    return empty_row(outcome.job.argument, f"{STAGE.name}.{outcome.status}", outcome.detail)
