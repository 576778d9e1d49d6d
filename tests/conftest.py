"""Fixtures for all tests: every test has a data root of its own."""

import signal
from pathlib import Path

import pytest

from tasks.storage.root import use_data_root


def pytest_configure() -> None:
    """Where tests run as a background job, SIGINT is ignored and child processes inherit that; in a terminal it is not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data root of this test: an empty folder."""
    root = tmp_path / "data-root"
    monkeypatch.setenv("DOCTUNE_DATA_ROOT", str(root))
    use_data_root(root)
    return root
