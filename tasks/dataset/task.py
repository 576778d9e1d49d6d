"""The doors of the dataset: `chunk`, `instruct` and `decontaminate` per shard, `index_evaluation` and `assemble` over all."""

from collections.abc import Sequence
from typing import Any

import pyarrow.compute as pc

from tasks.dataset.chunk_worker import ChunkJob, chunk_rows, ending
from tasks.dataset.contamination import Comparing, Indexing, Piece, build_index, find_shared
from tasks.dataset.errors import EvaluationError
from tasks.dataset.evaluation import EvaluationFile
from tasks.dataset.examples import select_examples
from tasks.dataset.first_reading import Sources
from tasks.dataset.instructions.chat import load_chat
from tasks.dataset.instructions.worker import InstructionJob, instruction_rows
from tasks.dataset.instructions.worker import ending as instruction_ending
from tasks.dataset.leaving_out import WHOLE_PART, Choice, read_contamination, read_recurring
from tasks.dataset.settings import ChunkSettings, DatasetSettings, InstructionSettings
from tasks.dataset.splits import TEST, VALID
from tasks.dataset.tokens import load_tokens
from tasks.dataset.writer import write_dataset
from tasks.runtime.pieces import map_to_dataset
from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.artifacts import DatasetRef, ModelRef, artifact_folder, model_folder
from tasks.storage.parquet import ParquetRef, locate_alive, read_alive, read_rows
from tasks.storage.root import data_root
from tasks.storage.schemas import CHUNKS, CONTAMINATION, INSTRUCTIONS, schema_fingerprint
from tasks.storage.stage import Metric, Stage, output_path, write_output

CHUNKS_STAGE = Stage("dataset-chunks", revision=1, packages=("tokenizers",))
INSTRUCTIONS_STAGE = Stage("dataset-instructions", revision=3, packages=("jinja2", "tokenizers"))
INDEX_STAGE = Stage("dataset-evaluation", revision=2, packages=("pyarrow",))
CONTAMINATION_STAGE = Stage("dataset-contamination", revision=2)
DATASET_STAGE = Stage("dataset", revision=3, packages=("pyarrow", "tokenizers"))

INDEX_SECONDS = 3600.0  # for all evaluation files
COMPARE_SECONDS = 60.0  # per document part


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


@INSTRUCTIONS_STAGE.task()
def instruct(
    screened: ParquetRef,
    annotated: ParquetRef,
    tokenizer: ModelRef,
    settings: InstructionSettings,
    schemas: dict[str, list[dict[str, Any]]],
    max_tokens: int,
    signals: ParquetRef | None = None,
) -> ParquetRef:
    """Make examples with a question and an answer from the parts that were annotated. Reads PRIVACY, ANNOTATED and SIGNALS.

    schemas: name of an annotation schema -> its fields as plain data. max_tokens: of an example, ChunkSettings.max_tokens.
    signals: for the language of each part; without it questions are in English. Writes INSTRUCTIONS. Raises ContractError when
    the model's chat template cannot render a question and an answer.
    """
    languages = _languages(signals) if signals else {}
    rows = (
        {(row["document_id"], row["part"]): row for row in read_alive(annotated, _ANNOTATION_COLUMNS)} if settings.kinds else {}
    )
    with model_folder(tokenizer) as folder:
        load_chat(str(folder), tokenizer.digest, load_tokens(str(folder / "tokenizer.json"), tokenizer.digest))
        jobs = [
            Job(
                row["document_id"],
                row["part"],
                InstructionJob(
                    **row,
                    language=languages.get((row["document_id"], row["part"])),
                    annotated=found,
                    fields=tuple(schemas.get(found["schema"], ())),
                    folder=str(folder),
                    digest=tokenizer.digest,
                    max_tokens=max_tokens,
                    settings=settings,
                ),
            )
            for row in locate_alive(screened, ("document_id", "part"))
            if (found := rows.get((row["document_id"], row["part"]))) is not None
        ]
        return map_to_dataset(
            instruction_rows, jobs, INSTRUCTIONS, timeout_seconds=settings.timeout_seconds, ending=_instruction_ending
        )


_ANNOTATION_COLUMNS = ("document_id", "part", "schema", "annotations", "ungrounded", "failures", "questions")


def _languages(signals: ParquetRef) -> dict[tuple[str, int], str | None]:
    return {
        (row["document_id"], row["part"]): row["language"] for row in read_alive(signals, ("document_id", "part", "language"))
    }


def _instruction_ending(outcome: Outcome) -> dict[str, object]:
    return instruction_ending(outcome.job.argument, f"dataset.{outcome.status}", outcome.detail)


@INDEX_STAGE.task()
def index_evaluation(files: list[EvaluationFile], fields: list[str]) -> ParquetRef:
    """The grams of the files of find_evaluation; fields: DatasetSettings.evaluation_fields. Writes EVALUATION.

    Raises EvaluationError for a file that cannot be read, RuntimeError when the worker fails.
    """
    job = Indexing(data_root(), output_path(), tuple(files), tuple(fields))
    (outcome,) = map_documents(build_index, [Job("", 0, job)], timeout_seconds=INDEX_SECONDS)
    if outcome.status != "ok":
        raise RuntimeError(f"the evaluation files could not be read: {outcome.status}: {outcome.detail}")
    if isinstance(outcome.value, EvaluationError):
        raise outcome.value
    index: ParquetRef = outcome.value
    return index


@CONTAMINATION_STAGE.task()
def decontaminate(chunks: ParquetRef, index: ParquetRef) -> ParquetRef:
    """Find the chunks, or the instruction examples, that share grams with the evaluation files. Reads CHUNKS or INSTRUCTIONS,
    and EVALUATION; writes CONTAMINATION.

    Which of them are left out is decided in `assemble`: whether a gram is common is only known over all shards.
    """
    pieces: dict[tuple[str, int], list[Piece]] = {}
    for row in locate_alive(chunks, ("document_id", "part", "chunk", "start", "end")) if index.rows else []:
        piece = Piece(row["chunk"], row["start"], row["end"], row["text"])
        pieces.setdefault((row["document_id"], row["part"]), []).append(piece)
    root = data_root()
    apart = chunks.schema_fingerprint == schema_fingerprint(INSTRUCTIONS)
    jobs = [Job(*key, Comparing(root, index.path, index.sha256, *key, tuple(of_part), apart)) for key, of_part in pieces.items()]
    outcomes = map_documents(find_shared, jobs, timeout_seconds=COMPARE_SECONDS)
    rows = [row for each in outcomes for row in (each.value if each.status == "ok" else [_not_compared(each)])]
    metrics = [Metric(each.job.document_id, each.job.part, each.seconds, each.peak_mib) for each in outcomes]
    return write_output(rows, CONTAMINATION, metrics)


def _not_compared(outcome: Outcome) -> dict[str, object]:
    """A part whose worker failed: nothing is known about its pieces, so that none may be trained on."""
    empty = dict.fromkeys(("grams", "evaluation", "evaluation_row", "share"))
    ids = {"document_id": outcome.job.document_id, "part": outcome.job.part, "chunk": WHOLE_PART}
    return {**ids, **empty, "reason": f"dataset.{outcome.status}", "detail": outcome.detail}


@DATASET_STAGE.task()
def assemble(
    chunks: list[ParquetRef],
    clusters: ParquetRef,
    contamination: list[ParquetRef],
    recurring: ParquetRef | None,
    settings: DatasetSettings,
    tokenizer: ModelRef,
    masked: dict[str, int] | None = None,
    instructions: Sequence[ParquetRef] = (),
) -> DatasetRef:
    """Make the dataset from chunks and instruction examples of all shards. Reads CHUNKS, CLUSTERS, CONTAMINATION, RECURRING and
    INSTRUCTIONS.

    contamination: of the chunks and of the instruction examples. recurring: paragraphs to take out of the texts; None to leave
    them in. masked: type -> count, by privacy, for the card. Raises ContractError when the dataset would be empty or
    would break a rule of the trainer.
    """
    fractions = {VALID: settings.valid_fraction, TEST: settings.test_fraction}
    with model_folder(tokenizer) as files:
        tokens = load_tokens(str(files / "tokenizer.json"), tokenizer.digest)
    copies = read_rows(clusters, ("document_id", "part"), filters=pc.field("reason").is_valid()) if contamination else []
    choice = Choice(
        read_contamination(
            contamination, ((row["document_id"], row["part"]) for row in copies), settings.evaluation_common_documents
        ),
        read_recurring(recurring),
        tokens,
        settings.min_tokens,
    )
    sources = Sources(chunks, instructions)
    selection = select_examples(
        sources,
        clusters,
        choice,
        fractions=fractions,
        least=settings.batch_size,
        seed=settings.seed,
        max_seq_length=settings.max_seq_length,
        mixing=settings.instructions,
    )
    folder = artifact_folder("datasets", output_path("").removeprefix("stages/"))
    return write_dataset(
        folder, sources, selection, choice, settings, tokens=tokens, tokenizer_digest=tokenizer.digest, masked=masked or {}
    )
