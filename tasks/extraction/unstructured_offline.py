"""unstructured (Apache-2.0) as an engine, without the network.

As shipped it downloads a spaCy model when it first classifies a text, and reports each use to its makers. Here its loader is
replaced by a blank pipeline that only splits sentences, and telemetry is off before the first import. PDFs are read by their text
layer ("fast"): its other ways need models.
"""

import importlib
import os
import shutil
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

_OFF = {"DO_NOT_TRACK": "true", "SCARF_NO_ANALYTICS": "true", "UNSTRUCTURED_DISABLE_NOTICE": "1"}
# The module unstructured.partition.NAME and its function partition_NAME, by format.
_NAMES = {
    **{"doc": "doc", "docx": "docx", "ppt": "ppt", "pptx": "pptx", "xls": "xlsx", "xlsx": "xlsx", "odt": "odt", "rtf": "rtf"},
    **{
        "epub": "epub",
        "html": "html",
        "eml": "email",
        "msg": "msg",
        "csv": "csv",
        "tsv": "tsv",
        "markdown": "md",
        "text": "text",
    },
    **{"rst": "rst", "org": "org", "xml": "xml", "pdf": "pdf"},
}
_PROGRAMS = {"doc": "soffice", "ppt": "soffice"}  # programs that it starts
_OPTIONS: dict[str, dict[str, Any]] = {
    "pdf": {"strategy": "fast"},
    "eml": {"process_attachments": False},  # they are documents of their own
    "msg": {"process_attachments": False},
}
_TAKES_ENCODING = {"csv", "tsv", "markdown", "text", "xml", "html"}


@lru_cache(maxsize=1)
def _blank_pipeline() -> Any:
    import spacy

    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    pipeline.max_length = 20_000_000  # characters; a blank pipeline has no model whose memory grows with the text
    return pipeline


def load_partitioner(format_name: str, encoding: str | None = None) -> Callable[..., Sequence[Any]]:
    """unstructured's function for a format, with its options. encoding: of a text format.

    Raises ImportError, naming it, when unstructured or a package or program that it needs is not installed.
    """
    program = _PROGRAMS.get(format_name)
    if program and shutil.which(program) is None:
        raise ImportError(f"{program} is not installed", name=program)
    for name, value in _OFF.items():
        os.environ.setdefault(name, value)
    tokenize = importlib.import_module("unstructured.nlp.tokenize")
    setattr(tokenize, "_get_nlp", _blank_pipeline)  # noqa: B010 - a private name of another package
    name = _NAMES[format_name]
    partitioner: Callable[..., Sequence[Any]] = getattr(
        importlib.import_module(f"unstructured.partition.{name}"), f"partition_{name}"
    )
    options = dict(_OPTIONS.get(format_name, {}))
    if encoding and format_name in _TAKES_ENCODING:
        options["encoding"] = encoding
    return partial(partitioner, **options)
