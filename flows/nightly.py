"""The product on one screen: documents -> dataset -> adapter, and a page that says what was refused and why.

Every step is a cached task: an unchanged shard, dataset or adapter costs one look-up, a killed run goes on where it was.
"""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.closing import close, nothing_new
from flows.curate import curate_documents
from flows.documents import find_documents
from flows.finetune import tune_model
from flows.results import RunResult, fingerprint, finished_before
from flows.run import open_run
from flows.settings import CurationSettings, FinetuningSettings, RuntimeSettings, check_together
from flows.yardsticks import read_yardsticks
from tasks.finetuning.models import resolve_model


@flow(name="nightly")
def nightly(
    sources: list[str],
    model: str = "starter",
    curation: CurationSettings = CurationSettings(),
    finetuning: FinetuningSettings = FinetuningSettings(),
    runtime: RuntimeSettings = RuntimeSettings(),
    data_root: str = "data",
) -> State[RunResult]:
    """Turn documents into a dataset, tune a model on it when there is something new, and report.

    Args:
        sources: Files, folders and patterns to read.
        model: What to train: "starter", a folder with an mlx-lm model, or a hub id.
        curation: How documents are read, cleaned, judged and cut.
        finetuning: How to train.
        runtime: How much of the machine a run may use.
        data_root: Folder or fsspec URL for everything that doctune writes.
    """
    check_together(curation, finetuning)
    with open_run("nightly", data_root, runtime) as run:
        # What is there: hashed, archives opened, copies folded, cut into shards that stay the same from night to night.
        inventory = find_documents(sources, curation, run.caps.workers)
        base = resolve_model(model, runtime.allow_hub)
        # The order of the gates, the score with the user's own labels, the evaluation files to keep out.
        yardsticks = read_yardsticks(curation, runtime.allow_hub)
        key = fingerprint("nightly", inventory, base, yardsticks, curation, finetuning)
        if before := finished_before(key):
            return nothing_new(run, before)

        # Shard by shard: detect, extract, normalize, judge, mask, chunk. Then, over all of them: duplicates, splits, the dataset.
        curated = curate_documents(run, inventory, base, yardsticks, curation)

        # LoRA in a process of its own, examined before and after; it is in use from now on if it beats the one that is.
        tuned = tune_model(run, curated.dataset, base, finetuning)

        # The books balance or the run fails; then the report, and a state whose name says how it ended.
        return close(run, key, curated, tuned)
