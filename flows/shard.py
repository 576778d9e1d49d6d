"""One shard through its stages, depth first: the unit of work, of caching and of distribution."""

from pydantic import BaseModel, ConfigDict

from flows.settings import ShardSettings
from tasks.dataset import task as dataset
from tasks.deduplication import task as deduplication
from tasks.detection import task as detection
from tasks.extraction import task as extraction
from tasks.normalization import task as normalization
from tasks.quality import task as quality
from tasks.reporting.outcomes import SHARD_OUTPUTS
from tasks.runtime.admission import admitted
from tasks.runtime.limits import limit_slot
from tasks.storage.artifacts import ModelRef
from tasks.storage.parquet import ParquetRef, count_alive, read_alive
from tasks.storage.stage import Stage

STAGE = Stage(
    "shard",
    revision=1,
    parts=(
        detection.STAGE,
        extraction.STAGE,
        normalization.STAGE,
        quality.BASIC,
        quality.BASIC_GATES,
        quality.DEEP,
        quality.GATES,
        deduplication.FINGERPRINTS_STAGE,
        dataset.CHUNKS_STAGE,
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
        alive = read_alive(self.outputs[max(self.outputs, key=SHARD_OUTPUTS.index)], ["document_id"])
        return len({row["document_id"] for row in alive})


@STAGE.task(ignore=("inventory", "limit"), silent=True)
def process_shard(
    shard: ParquetRef, settings: ShardSettings, tokenizer: ModelRef, inventory: ParquetRef, limit: str | None
) -> ShardOutputs:
    """Documents of one shard -> chunks. A shard without survivors ends there; its later stages are not run.

    limit: the global concurrency limit to take a slot of.
    """
    with limit_slot(limit), admitted():
        return ShardOutputs(documents=shard.rows, outputs=_run_stages(shard, settings, tokenizer, inventory))


def _run_stages(shard: ParquetRef, settings: ShardSettings, tokenizer: ModelRef, inventory: ParquetRef) -> dict[str, ParquetRef]:
    outputs: dict[str, ParquetRef] = {}

    outputs["detection"] = detected = detection.detect(shard, settings.detection, inventory)
    if not count_alive(detected):
        return outputs
    outputs["extraction"] = extracted = extraction.extract(detected, settings.extraction, inventory)
    if not count_alive(extracted):
        return outputs
    outputs["normalization"] = normalized = normalization.normalize(extracted, settings.normalization)
    if not count_alive(normalized):
        return outputs

    # The cheap signals decide first, and the costly ones are measured for what is left.
    outputs["quality_basic"] = basic = quality.measure_basic(normalized)
    outputs["quality_basic_decided"] = passed = quality.decide_basic(basic, settings.gates, settings.audit)
    outputs["quality_deep"] = deep = quality.measure_deep(normalized, passed)
    outputs["quality"] = decided = quality.decide(basic, passed, deep, settings.gates)
    if not count_alive(decided):
        return outputs

    outputs["fingerprints"] = deduplication.fingerprint(normalized, decided, settings.deduplication)
    outputs["chunks"] = dataset.chunk(normalized, decided, tokenizer, settings.chunks)
    return outputs
