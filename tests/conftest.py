"""Fixtures for all tests: every test has a data root of its own, and nothing may speak to the outside."""

from pathlib import Path

import pytest

from tasks.storage.root import use_data_root


@pytest.fixture(autouse=True)
def data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data root of this test: an empty folder."""
    root = tmp_path / "data-root"
    monkeypatch.setenv("DOCTUNE_DATA_ROOT", str(root))
    use_data_root(root)
    return root
