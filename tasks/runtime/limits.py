"""Global concurrency limits of the Prefect server: how a nightly and an ad-hoc run share one machine fairly.

They need a server that outlives the run: leases of a killed run are given back by the server's own services, which the
temporary server of a run without `PREFECT_API_URL` does not have. Without a server the run's own task runner is the limit.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

SHARDS = "doctune-shards"
TRAINING = "doctune-training"
TEMPORARY = "DOCTUNE_TEMPORARY_SERVER"  # set while the server is one of the command line's own (flows/temporary_server.py)
LEASE_SECONDS = 60.0  # a killed run's slots come back this soon; Prefect accepts no shorter lease


def set_limits(limits: dict[str, int]) -> None:
    """Create or update the limits on the server. limits: name -> slots."""
    from prefect.client.orchestration import get_client

    client = get_client(sync_client=True)
    for name, count in limits.items():
        client.upsert_global_concurrency_limit_by_name(name, count)


@contextmanager
def limit_slot(name: str | None) -> Iterator[None]:
    """Hold one slot of a limit for the block; none for None, which stands for a run without a server of its own.

    Raises if the server does not know the limit: `set_limits` comes first.
    """
    if name is None:
        yield
        return
    from prefect.concurrency.sync import concurrency

    # A lease that cannot be renewed (a server restart, say) must not end hours of work.
    with concurrency(name, occupy=1, strict=True, lease_duration=LEASE_SECONDS, raise_on_lease_renewal_failure=False):
        yield


def has_server() -> bool:
    """Whether the run talks to a server that outlives it."""
    if TEMPORARY in os.environ:
        return False
    from prefect.settings import get_current_settings

    return bool(get_current_settings().api.url)
