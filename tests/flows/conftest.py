"""A Prefect server for the tests of this folder, with a database of its own."""

from collections.abc import Iterator

import pytest
from prefect.testing.utilities import prefect_test_harness


@pytest.fixture(scope="session")
def prefect() -> Iterator[None]:
    """A temporary Prefect server and database."""
    with prefect_test_harness(server_startup_timeout=120):
        yield
