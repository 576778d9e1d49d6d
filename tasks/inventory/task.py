"""The doors: sources in, files out; files in, documents and shards out. Never cached: they find out that something changed."""

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.inventory.listing import Inventory, Listing, fold_files, list_files
from tasks.inventory.settings import InventorySettings
from tasks.storage.parquet import ParquetRef


@task(name="inventory", cache_policy=NO_CACHE, persist_result=False)
def take_inventory(sources: Sequence[str], settings: InventorySettings, threads: int) -> Listing:
    """Walk the sources and hash what changed. Raises SourceNotFound."""
    return list_files(sources, settings, threads)


@task(name="shards", cache_policy=NO_CACHE, persist_result=False)
def cut_shards(listing: Listing, files: ParquetRef, settings: InventorySettings) -> Inventory:
    """Fold byte-identical copies into documents and cut these into shards (schema FILES in, INVENTORY and SHARD out)."""
    return fold_files(listing, files, settings)
