"""Sources -> documents: files are hashed, containers opened, byte-identical copies folded, and the rest cut into shards."""

from collections.abc import Sequence

from flows.settings import CurationSettings
from tasks.inventory.listing import Inventory, fold_files, list_files
from tasks.unpacking.unpack import NotOpenedYet, unpack_files


def find_documents(sources: Sequence[str], settings: CurationSettings, threads: int) -> Inventory:
    """The documents of a run. threads: files hashed at once. Raises SourceNotFound before anything is read."""
    from tasks.inventory.task import cut_shards, take_inventory
    from tasks.unpacking.task import open_containers

    listing = take_inventory(sources, settings.inventory, threads)
    files = open_containers(listing.files, settings.unpacking)
    return cut_shards(listing, files, settings.inventory)


def look_for_documents(sources: Sequence[str], settings: CurationSettings, threads: int) -> Inventory | None:
    """The same without Prefect and without opening anything: None when there is a container that was never opened."""
    listing = list_files(sources, settings.inventory, threads)
    try:
        files = unpack_files(listing.files, settings.unpacking, only_known=True)
    except NotOpenedYet:
        return None
    return fold_files(listing, files, settings.inventory)
