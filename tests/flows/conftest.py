"""A Prefect server for the tests of this folder, with a database of its own."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A temporary Prefect server, database and home: leases of slots lie there, and other processes of the tests have theirs."""
    from prefect.settings import PREFECT_HOME, temporary_settings
    from prefect.testing.utilities import prefect_test_harness  # imports the whole server

    home = tmp_path_factory.mktemp("prefect")
    with temporary_settings({PREFECT_HOME: home}), prefect_test_harness(server_startup_timeout=120):
        yield
