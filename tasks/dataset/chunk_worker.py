"""Cutting one document part, in a worker process."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.dataset.chunking import split_text
from tasks.dataset.tokens import load_tokens
from tasks.storage.parquet import TextAt

TOO_SHORT = "dataset.too_short"


@dataclass(frozen=True)
class ChunkJob:
    """One part to cut. text: where it stands. tokenizer_file: tokenizer.json on this machine. tokenizer_digest: of the model it
    belongs to."""

    document_id: str
    part: int
    text: TextAt
    tokenizer_file: str
    tokenizer_digest: str
    max_tokens: int
    min_tokens: int


def chunk_rows(job: ChunkJob) -> Iterator[dict[str, Any]]:
    """The rows of CHUNKS for one part; one row with a reason when the part is too short."""
    tokens = load_tokens(job.tokenizer_file, job.tokenizer_digest)
    text = job.text.read()
    chunks = split_text(text, tokens, job.max_tokens, job.min_tokens)
    if not chunks:
        yield ending(job, TOO_SHORT, f"fewer than {job.min_tokens} tokens")
    for number, chunk in enumerate(chunks):
        yield {
            "document_id": job.document_id,
            "part": job.part,
            "chunk": number,
            "text": text[chunk.start : chunk.end],
            "tokens": chunk.tokens,
            "start": chunk.start,
            "end": chunk.end,
            "heading": chunk.heading,
            "reason": None,
            "detail": None,
        }


def ending(job: ChunkJob, reason: str, detail: str | None) -> dict[str, Any]:
    """The one row of a part that ends here."""
    return {
        "document_id": job.document_id,
        "part": job.part,
        "chunk": -1,
        "text": None,
        "tokens": 0,
        "start": 0,
        "end": 0,
        "heading": None,
        "reason": reason,
        "detail": detail,
    }
