"""The door: files in, files and what came out of containers out. Never cached by Prefect: it remembers each container itself."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.storage.parquet import ParquetRef
from tasks.unpacking.settings import UnpackingSettings
from tasks.unpacking.unpack import unpack_files


@task(name="unpacking", cache_policy=NO_CACHE, persist_result=False)
def open_containers(files: ParquetRef, settings: UnpackingSettings) -> ParquetRef:
    """Open archives, and take the attachments of mails (schema FILES in and out)."""
    return unpack_files(files, settings)
