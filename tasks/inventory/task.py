"""The door: sources in, the inventory and its shards out. Never cached: it is what finds out that something changed."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.inventory.listing import Inventory, list_documents
from tasks.inventory.settings import InventorySettings


@task(name="inventory", cache_policy=NO_CACHE, persist_result=False)
def take_inventory(sources: Sequence[str], settings: InventorySettings, threads: int) -> Inventory:
    """Walk the sources, hash what changed, fold copies, cut shards. Raises SourceNotFound."""
    return list_documents(sources, settings, threads)
