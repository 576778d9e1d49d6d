"""unstructured (Apache-2.0) as an engine, without the network.

As shipped it downloads a spaCy model when it first classifies a text, and reports each use to its makers. Here its loader is
replaced by a blank pipeline that only splits sentences, and telemetry is off before the first import.
"""

import importlib
import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

_OFF = {"DO_NOT_TRACK": "true", "SCARF_NO_ANALYTICS": "true", "UNSTRUCTURED_DISABLE_NOTICE": "1"}
_MODULES = {name: f"unstructured.partition.{name}" for name in ("docx", "pptx", "xlsx", "odt", "rtf", "epub", "html")}


@lru_cache(maxsize=1)
def _blank_pipeline() -> Any:
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    pipeline.max_length = 20_000_000  # characters; a blank pipeline has no model whose memory grows with the text
    return pipeline


def load_partitioner(format_name: str) -> Callable[..., Sequence[Any]]:
    """unstructured's function for a format. Raises ImportError when it or a package that it needs is not installed."""
    for name, value in _OFF.items():
        os.environ.setdefault(name, value)
    tokenize = importlib.import_module("unstructured.nlp.tokenize")
    setattr(tokenize, "_get_nlp", _blank_pipeline)  # noqa: B010 - a private name of another package
    module = importlib.import_module(_MODULES[format_name])
    partitioner: Callable[..., Sequence[Any]] = getattr(module, f"partition_{format_name}")
    return partitioner
