"""The contracts that come as PDF, read and normalized as the pipeline does it."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.reading import read_by_product
from tasks.normalization.normalize import normalize_text
from tasks.normalization.settings import NormalizationSettings

WORKERS = 1


def read_pdfs(paths: Sequence[Path]) -> list[str]:
    """The text of each PDF after extraction and normalization, "" where nothing came of it."""
    files = read_by_product(list(paths), WORKERS).files
    assert [file.path for file in files] == list(paths), "a document was dropped"
    return [normalize_text(file.text, "pdf", NormalizationSettings()).text for file in files]
