"""What follows once copies are known, shard by shard: annotation, and the training examples that come of it."""

from typing import Any

from flows.settings import KeptSettings
from flows.shard import ShardOutputs
from tasks.annotation import task as annotation
from tasks.annotation.annotating import Annotating
from tasks.dataset import task as dataset
from tasks.runtime.admission import admitted
from tasks.runtime.limits import limit_slot
from tasks.storage.artifacts import ModelRef
from tasks.storage.parquet import ParquetRef, count_alive
from tasks.storage.stage import Stage

STAGE = Stage(
    "annotated-shard",
    revision=1,
    parts=(annotation.STAGE, dataset.INSTRUCTIONS_STAGE, dataset.CONTAMINATION_STAGE),
)


@STAGE.task(ignore=("limit",), silent=True)
def annotate_shard(
    screened: ParquetRef,
    signals: ParquetRef,
    copies: list[list[Any]],
    annotating: Annotating,
    settings: KeptSettings,
    tokenizer: ModelRef,
    evaluation: ParquetRef | None,
    limit: str | None,
) -> ShardOutputs:
    """Kept texts of one shard -> their fields, and training examples made of these.

    copies: document_id and part of those that are left out. The rest as in `process_shard`.
    """
    with limit_slot(limit), admitted():
        outputs = {"annotation": annotation.annotate(screened, signals, copies, annotating, settings.annotation)}
        if settings.instructions.kinds and count_alive(outputs["annotation"]):
            outputs["instructions"] = made = dataset.instruct(
                screened,
                outputs["annotation"],
                tokenizer,
                settings.instructions,
                annotating.fields(),
                settings.max_tokens,
                signals,
            )
            if evaluation is not None and count_alive(made):
                outputs["instruction_contamination"] = dataset.decontaminate(made, evaluation)
        return ShardOutputs(documents=screened.rows, outputs=outputs)
