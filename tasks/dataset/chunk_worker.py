"""Cutting one document part, in a worker process."""

from dataclasses import dataclass
from typing import Any

from tasks.dataset.chunking import split_text
from tasks.dataset.tokens import load_tokens

TOO_SHORT = "dataset.too_short"


@dataclass(frozen=True)
class ChunkJob:
    """One part to cut. tokenizer_file: tokenizer.json on this machine. tokenizer_digest: of the model it belongs to."""

    text: str
    tokenizer_file: str
    tokenizer_digest: str
    max_tokens: int
    min_tokens: int


def chunk_part(job: ChunkJob) -> list[dict[str, Any]]:
    """The rows of CHUNKS for one part, without its identity; one row with a reason when the part is too short."""
    tokens = load_tokens(job.tokenizer_file, job.tokenizer_digest)
    chunks = split_text(job.text, tokens, job.max_tokens, job.min_tokens)
    if not chunks:
        return [ending(TOO_SHORT, f"fewer than {job.min_tokens} tokens")]
    return [
        {
            "chunk": number,
            "text": job.text[chunk.start : chunk.end],
            "tokens": chunk.tokens,
            "start": chunk.start,
            "end": chunk.end,
            "heading": chunk.heading,
            "reason": None,
            "detail": None,
        }
        for number, chunk in enumerate(chunks)
    ]


def ending(reason: str, detail: str | None) -> dict[str, Any]:
    """The one row of a part that ends here."""
    return {
        "chunk": -1,
        "text": None,
        "tokens": 0,
        "start": 0,
        "end": 0,
        "heading": None,
        "reason": reason,
        "detail": detail,
    }
