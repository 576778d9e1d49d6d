"""Documents -> dataset."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.closing import Curated, close, nothing_new
from flows.documents import find_documents
from flows.results import RunResult, fingerprint, finished_before
from flows.run import Run, below_root, open_run
from flows.settings import CurationSettings, RuntimeSettings
from flows.yardsticks import Yardsticks, read_yardsticks
from tasks.dataset.task import assemble, index_evaluation
from tasks.deduplication.copies import copies_per_shard
from tasks.deduplication.task import cluster, find_recurring
from tasks.finetuning.models import resolve_model
from tasks.inventory.listing import Inventory
from tasks.storage.artifacts import ModelRef, publish_current
from tasks.storage.parquet import count_alive


def curate_documents(
    run: Run, inventory: Inventory, tokenizer: ModelRef, yardsticks: Yardsticks, settings: CurationSettings
) -> Curated:
    """Work the shards, compare what survived across all of them, and make the dataset."""
    evaluation = None
    if yardsticks.evaluation:
        evaluation = below_root(index_evaluation)(list(yardsticks.evaluation), list(settings.dataset.evaluation_fields))
    shards = run.process_shards(inventory, settings, tokenizer, yardsticks.judging, evaluation)
    kept = [shard.outputs for shard in shards if "chunks" in shard.outputs]
    if not kept:
        return Curated(settings, inventory, shards, None, None)

    # Copies, and paragraphs that stand in many documents, are found over all shards.
    fingerprints = [outputs["fingerprints"] for outputs in kept]
    clusters = below_root(cluster)(fingerprints, [outputs["privacy"] for outputs in kept], settings.deduplication)
    recurring = None
    if settings.deduplication.recurring != "off":
        recurring = below_root(find_recurring)(fingerprints, clusters, settings.deduplication)
    if not any(count_alive(outputs["chunks"]) for outputs in kept):  # all too short to be examples
        return Curated(settings, inventory, shards, clusters, None, recurring)

    # The costliest stage comes when copies are out: fields, and the examples that are made of them.
    if yardsticks.annotating is not None:
        copies = copies_per_shard(clusters, fingerprints)
        alive = [shard for shard in shards if "chunks" in shard.outputs]
        annotated = iter(run.annotate_shards(alive, copies, yardsticks.annotating, settings, tokenizer, evaluation))
        shards = [next(annotated) if "chunks" in shard.outputs else shard for shard in shards]
        kept = [shard.outputs for shard in shards if "chunks" in shard.outputs]

    removed = recurring if settings.deduplication.recurring == "remove" else None
    dataset = below_root(assemble)(
        [outputs["chunks"] for outputs in kept],
        clusters,
        [outputs[name] for outputs in kept for name in ("contamination", "instruction_contamination") if name in outputs],
        removed,
        settings.dataset,
        tokenizer,
        instructions=[outputs["instructions"] for outputs in kept if "instructions" in outputs],
    )
    publish_current("datasets", dataset)
    return Curated(settings, inventory, shards, clusters, dataset, recurring)


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
        yardsticks = read_yardsticks(curation, runtime.allow_hub)
        key = fingerprint("curate", inventory, tokenizer, yardsticks, curation)
        if before := finished_before(key):
            return nothing_new(run, before)
        curated = curate_documents(run, inventory, tokenizer, yardsticks, curation)
        return close(run, key, curated)
