"""What a worker process does with one document part: it reads the text itself, and what it yields is written where it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.privacy.screening import screen_text
from tasks.privacy.settings import PrivacySettings
from tasks.storage.parquet import TextAt


@dataclass(frozen=True)
class PrivacyRequest:
    """One part to look through. text: where it stands."""

    document_id: str
    part: int
    text: TextAt
    settings: PrivacySettings


def privacy_rows(request: PrivacyRequest) -> Iterator[dict[str, Any]]:
    """The row of PRIVACY for one part."""
    screened = screen_text(request.text.read(), request.settings)
    yield {
        **empty_row(request, screened.reason, screened.detail),
        "text": screened.text,
        "findings": screened.found,
        "masked": screened.masked,
    }


def empty_row(request: PrivacyRequest, reason: str | None, detail: str | None) -> dict[str, Any]:
    """A row without a text."""
    return {
        "document_id": request.document_id,
        "part": request.part,
        "text": None,
        "findings": {},
        "masked": 0,
        "reason": reason,
        "detail": detail,
    }
