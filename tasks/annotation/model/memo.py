"""Answers of a model by document: what spares asking again after a run that was cut off or capped, and that nothing depends on.

Only answers are kept, never failures, so a piece that failed is asked about again by the next run.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import AnnotationSchema
from tasks.storage.root import read_bytes, write_bytes

FOLDER = "memo/annotation"
VERSION = 1  # of the prompt and of how an answer is read; another one makes what is kept useless


def memo_path(text: str, schema: AnnotationSchema, settings: ModelSettings) -> str:
    """Where the answers about a text are."""
    asked = {"version": VERSION, "schema": schema.model_dump(mode="json"), "settings": settings.cache_identity()}
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    digest.update(text.encode("utf-8", errors="surrogatepass"))
    name = digest.hexdigest()[:40]
    return f"{FOLDER}/{name[:2]}/{name}.json"


def recall(path: str) -> dict[str, str]:
    """Prompt's digest -> answer; nothing where the file is missing or damaged."""
    try:
        known: Any = json.loads(read_bytes(path))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {key: answer for key, answer in known.items() if isinstance(key, str) and isinstance(answer, str)}


def remember(path: str, known: Mapping[str, str]) -> None:
    """Write all answers of a document, sorted."""
    write_bytes(path, (json.dumps(known, indent=0, sort_keys=True) + "\n").encode())
