"""One shard through its stages, depth first: the unit of work, of caching and of distribution."""

from pydantic import BaseModel, ConfigDict

from flows.settings import ShardSettings
from tasks.dataset import task as dataset
from tasks.deduplication import task as deduplication
from tasks.detection import task as detection
from tasks.extraction import task as extraction
from tasks.normalization import task as normalization
from tasks.privacy import task as privacy
from tasks.quality import task as quality
from tasks.quality.early import early_gates_apply
from tasks.quality.judging import Judging
from tasks.reporting.outcomes import ENDING_NOTHING, SHARD_OUTPUTS
from tasks.runtime.admission import admitted
from tasks.runtime.limits import limit_slot
from tasks.storage.artifacts import ModelRef
from tasks.storage.parquet import ParquetRef, count_alive, read_alive
from tasks.storage.stage import Stage

STAGE = Stage(
    "shard",
    revision=2,
    parts=(
        detection.STAGE,
        extraction.SAMPLE,
        quality.EARLY_STAGE,
        extraction.STAGE,
        normalization.STAGE,
        quality.SIGNALS_STAGE,
        quality.GATES_STAGE,
        privacy.STAGE,
        deduplication.FINGERPRINTS_STAGE,
        dataset.CHUNKS_STAGE,
        dataset.CONTAMINATION_STAGE,
    ),
)


class ShardOutputs(BaseModel):
    """What the stages made of a shard.

    documents: how many it holds. outputs: stage -> its dataset; a shard that ended early lacks the later ones.
    """

    model_config = ConfigDict(frozen=True)

    documents: int
    outputs: dict[str, ParquetRef]

    def survivors(self) -> int:
        """Documents that are still in the line after the last stage that ran."""
        last = [name for name in SHARD_OUTPUTS if name in self.outputs and name not in ENDING_NOTHING][-1]
        return len({row["document_id"] for row in read_alive(self.outputs[last], ["document_id"])})


@STAGE.task(ignore=("inventory", "limit"), silent=True)
def process_shard(
    shard: ParquetRef,
    settings: ShardSettings,
    tokenizer: ModelRef,
    judging: Judging,
    evaluation: ParquetRef | None,
    inventory: ParquetRef,
    limit: str | None,
) -> ShardOutputs:
    """Documents of one shard -> chunks. A shard without survivors ends there; its later stages are not run.

    tokenizer: whose tokens count. judging: order of the gates, model of the score, second stage. evaluation: phrases of the
    evaluation files; None when there are none. limit: the global concurrency limit to take a slot of.
    """
    with limit_slot(limit), admitted():
        return ShardOutputs(documents=shard.rows, outputs=_run_stages(shard, settings, tokenizer, judging, evaluation, inventory))


def _run_stages(
    shard: ParquetRef,
    settings: ShardSettings,
    tokenizer: ModelRef,
    judging: Judging,
    evaluation: ParquetRef | None,
    inventory: ParquetRef,
) -> dict[str, ParquetRef]:
    outputs: dict[str, ParquetRef] = {}

    outputs["detection"] = detected = detection.detect(shard, settings.detection, inventory)
    if not count_alive(detected):
        return outputs

    # What a few pages tell is decided before a large document is read.
    early = None
    if early_gates_apply(settings.gates):
        outputs["samples"] = samples = extraction.sample(detected, settings.extraction, inventory)
        outputs["early"] = ended = quality.decide_early(samples, settings.gates, settings.audit)
        early = ended if ended.rows else None  # with nothing to leave out, what was read before is still what is asked for
    outputs["extraction"] = extracted = extraction.extract(detected, settings.extraction, inventory, early)
    if not count_alive(extracted):
        return outputs
    outputs["normalization"] = normalized = normalization.normalize(extracted, settings.normalization)
    if not count_alive(normalized):
        return outputs

    # Group after group is measured, the cheapest that rejects most first; the first gate that rejects ends it.
    outputs["signals"] = signals = quality.measure(normalized, settings.gates, settings.audit, judging.order)
    outputs["quality"] = decided = quality.decide(signals, settings.gates, settings.audit, judging)
    if judging.second is not None:  # before the rejected end: it may bring one back
        outputs["second"] = again = quality.look_again(normalized, decided, judging.second)
        if again.rows:
            outputs["quality"] = decided = quality.decide_again(signals, again, settings.gates, settings.audit, judging)
    if not count_alive(decided):
        return outputs

    outputs["privacy"] = screened = privacy.screen(normalized, decided, settings.privacy)
    if not count_alive(screened):
        return outputs
    outputs["fingerprints"] = deduplication.fingerprint(screened, decided, settings.deduplication)
    outputs["chunks"] = chunks = dataset.chunk(screened, decided, tokenizer, settings.chunks)
    if evaluation is not None:
        outputs["contamination"] = dataset.decontaminate(chunks, evaluation)
    return outputs
