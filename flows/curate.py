"""Documents -> dataset."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.closing import Curated, close, nothing_new
from flows.documents import find_documents
from flows.results import RunResult, fingerprint, finished_before
from flows.run import Run, below_root, open_run
from flows.settings import CurationSettings, RuntimeSettings
from tasks.dataset.task import assemble
from tasks.deduplication.task import cluster
from tasks.finetuning.models import resolve_model
from tasks.inventory.listing import Inventory
from tasks.storage.artifacts import ModelRef, publish_current
from tasks.storage.parquet import count_alive


def curate_documents(run: Run, inventory: Inventory, tokenizer: ModelRef, settings: CurationSettings) -> Curated:
    """Work the shards, compare what survived across all of them, and make the dataset."""
    shards = run.process_shards(inventory, settings, tokenizer)
    kept = [shard.outputs for shard in shards if "chunks" in shard.outputs]
    if not kept:
        return Curated(inventory, shards, None, None)
    clusters = below_root(cluster)(
        [outputs["fingerprints"] for outputs in kept],
        [outputs["normalization"] for outputs in kept],
        settings.deduplication,
    )
    if not any(count_alive(outputs["chunks"]) for outputs in kept):  # all too short to be examples
        return Curated(inventory, shards, clusters, None)
    dataset = below_root(assemble)([outputs["chunks"] for outputs in kept], clusters, settings.dataset, tokenizer)
    publish_current("datasets", dataset)
    return Curated(inventory, shards, clusters, dataset)


@flow(name="curate")
def curate(
    sources: list[str],
    model: str = "starter",
    curation: CurationSettings = CurationSettings(),
    runtime: RuntimeSettings = RuntimeSettings(),
    data_root: str = "data",
) -> State[RunResult]:
    """Turn documents into a dataset, with a reason for every one that did not make it.

    Args:
        sources: Files, folders and patterns to read.
        model: Whose tokenizer counts: "starter", a folder with an mlx-lm model, or a hub id.
        curation: How documents are read, cleaned, judged and cut.
        runtime: How much of the machine a run may use.
        data_root: Folder or fsspec URL for everything that doctune writes.
    """
    with open_run("curate", data_root, runtime) as run:
        inventory = find_documents(sources, curation, run.caps.workers)
        tokenizer = resolve_model(model, runtime.allow_hub)
        key = fingerprint("curate", inventory, tokenizer, curation)
        if before := finished_before(key):
            return nothing_new(run, before)
        curated = curate_documents(run, inventory, tokenizer, curation)
        return close(run, key, curated)
