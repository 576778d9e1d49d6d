"""Answers of a model by document: what spares asking again after a run that was cut off or capped, and that nothing depends on.

Only answers are kept, never failures, so a piece that failed is asked about again by the next run.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from tasks.annotation.model.settings import ModelSettings
from tasks.annotation.schema import AnnotationSchema
from tasks.storage.root import read_bytes, write_bytes

FOLDER = "memo/annotation"
SAVE_SECONDS = 10.0  # between two writings of the answers about one document
VERSION = 1  # of the prompt and of how an answer is read; another one makes what is kept useless


def memo_path(text: str, schema: AnnotationSchema, settings: ModelSettings) -> str:
    """Where the answers about a text are."""
    return path_of(text, {"version": VERSION, "schema": schema.model_dump(mode="json"), "settings": settings.cache_identity()})


def path_of(text: str, asked: Mapping[str, Any]) -> str:
    """Where the answers about a text are that was asked about in this way (plain data)."""
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    digest.update(text.encode("utf-8", errors="surrogatepass"))
    name = digest.hexdigest()[:40]
    return f"{FOLDER}/{name[:2]}/{name}.json"


class Memo:
    """Answers about one document, written when they have grown: at the end, and on the way, as a worker may be killed any time.

    known: digest of a prompt -> answer, to be added to.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.known = recall(path)
        self._written, self._when = len(self.known), time.monotonic()

    def write(self) -> None:
        """Write what is new, if anything is."""
        if len(self.known) > self._written:
            remember(self._path, self.known)
            self._written, self._when = len(self.known), time.monotonic()

    def write_now_and_then(self) -> None:
        """Write unless that was done a moment ago."""
        if time.monotonic() - self._when >= SAVE_SECONDS:
            self.write()


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
