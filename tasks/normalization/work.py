"""What a worker process does with one document part: it reads the text itself, and what it yields is written where it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.normalization.normalize import NormalizationJob, normalize_part
from tasks.normalization.settings import NormalizationSettings
from tasks.storage.parquet import TextAt


@dataclass(frozen=True)
class NormalizationRequest:
    """One part to clean. text: where it stands."""

    document_id: str
    part: int
    text: TextAt
    title: str | None
    format: str
    settings: NormalizationSettings


def normalize_rows(request: NormalizationRequest) -> Iterator[dict[str, Any]]:
    """The row of NORMALIZATION for one part."""
    text = request.text.read()
    cleaned = normalize_part(NormalizationJob(text, request.title, request.format, request.settings))
    row = {
        **empty_row(request, None, None),
        "title": cleaned.title,
        "characters_before": len(text),
        "removed": cleaned.normalized.removed,
        "flags": cleaned.normalized.flags,
        "encoding_damage": cleaned.normalized.encoding_damage,
    }
    if cleaned.normalized.text.strip():
        yield row | {"text": cleaned.normalized.text}
    else:
        yield row | {"reason": "normalization.empty", "detail": f"{len(text)} characters before"}


def empty_row(request: NormalizationRequest, reason: str | None, detail: str | None) -> dict[str, Any]:
    """A row without a text."""
    return {
        "document_id": request.document_id,
        "part": request.part,
        "format": request.format,
        "text": None,
        "title": None,
        "characters_before": 0,
        "removed": {},
        "flags": None,
        "encoding_damage": None,
        "reason": reason,
        "detail": detail,
    }
