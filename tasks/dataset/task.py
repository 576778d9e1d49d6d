"""The doors of the dataset stage: `chunk` per shard, `assemble` over all shards."""

from tasks.dataset.chunk_worker import ChunkJob, chunk_rows, ending
from tasks.dataset.examples import select_examples
from tasks.dataset.settings import ChunkSettings, DatasetSettings
from tasks.dataset.splits import TEST, VALID
from tasks.dataset.tokens import load_tokens
from tasks.dataset.writer import write_dataset
from tasks.runtime.pieces import map_to_dataset
from tasks.runtime.pool import Job, Outcome
from tasks.storage.artifacts import DatasetRef, ModelRef, artifact_folder, model_folder
from tasks.storage.parquet import ParquetRef, locate_alive, read_alive
from tasks.storage.schemas import CHUNKS
from tasks.storage.stage import Stage, output_path

CHUNKS_STAGE = Stage("dataset-chunks", revision=1, packages=("tokenizers",))
DATASET_STAGE = Stage("dataset", revision=1, packages=("pyarrow", "tokenizers"))


@CHUNKS_STAGE.task()
def chunk(normalized: ParquetRef, decided: ParquetRef, tokenizer: ModelRef, settings: ChunkSettings) -> ParquetRef:
    """Cut the parts that the quality gates kept into pieces that fit the model. Reads NORMALIZATION and QUALITY."""
    kept = {(row["document_id"], row["part"]) for row in read_alive(decided, ("document_id", "part"))}
    with model_folder(tokenizer) as folder:
        file = str(folder / "tokenizer.json")
        jobs = [
            Job(
                row["document_id"],
                row["part"],
                ChunkJob(
                    **row,
                    tokenizer_file=file,
                    tokenizer_digest=tokenizer.digest,
                    max_tokens=settings.max_tokens,
                    min_tokens=settings.min_tokens,
                ),
            )
            for row in locate_alive(normalized, ("document_id", "part"))
            if (row["document_id"], row["part"]) in kept
        ]
        return map_to_dataset(chunk_rows, jobs, CHUNKS, timeout_seconds=settings.timeout_seconds, ending=_ending)


def _ending(outcome: Outcome) -> dict[str, object]:
    return ending(outcome.job.argument, f"dataset.{outcome.status}", outcome.detail)


@DATASET_STAGE.task()
def assemble(chunks: list[ParquetRef], clusters: ParquetRef, settings: DatasetSettings, tokenizer: ModelRef) -> DatasetRef:
    """Make the dataset from the chunks of all shards. Reads CHUNKS and CLUSTERS.

    Raises ContractError when the dataset would be empty or would break a rule of the trainer.
    """
    fractions = {VALID: settings.valid_fraction, TEST: settings.test_fraction}
    selection = select_examples(
        chunks,
        clusters,
        fractions=fractions,
        least=settings.batch_size,
        seed=settings.seed,
        max_seq_length=settings.max_seq_length,
    )
    folder = artifact_folder("datasets", output_path("").removeprefix("stages/"))
    with model_folder(tokenizer) as files:
        tokens = load_tokens(str(files / "tokenizer.json"), tokenizer.digest)
    return write_dataset(folder, chunks, selection, settings, tokens=tokens, tokenizer_digest=tokenizer.digest)
