"""The columns of every dataset that passes between stages, declared once.

A row is a document part: `document_id` (sha256 of the bytes, hex) and `part` (0 unless the document is so large that it
is read in bounded pieces). `reason` is null while the document goes on, and a code of tasks/storage/reasons.py where it
ended; a stage reads the rows whose reason is null and writes at least one row for each document it read.
Rows are sorted by (document_id, part) unless a comment says otherwise. No column holds a time of day, a duration or a path
of the machine, except in FILES, INVENTORY, METRICS and DECISIONS, which are no stage's cache key.

The datasets before CHUNKS are declared in document_schemas.py and text_schemas.py beside this file.
"""

import hashlib

import pyarrow as pa

from tasks.storage.document_schemas import (
    DETECTION,
    EARLY,
    EXTRACTION,
    FILES,
    INVENTORY,
    MEMBER_MARK,
    NORMALIZATION,
    SAMPLES,
    SHARD,
)
from tasks.storage.shared_columns import DOCUMENT as _DOCUMENT
from tasks.storage.shared_columns import ENDING as _ENDING
from tasks.storage.shared_columns import PART as _PART
from tasks.storage.text_schemas import BANDS, CLUSTERS, EMBEDDINGS, FINGERPRINTS, PRIVACY, QUALITY, RECURRING, SECOND, SIGNALS

__all__ = [
    "ANNOTATED",
    "ANSWER",
    "BANDS",
    "CHUNKS",
    "CLUSTERS",
    "CONTAMINATION",
    "DECISIONS",
    "DETECTION",
    "EARLY",
    "EMBEDDINGS",
    "EVALUATION",
    "EXAMPLES",
    "EXTRACTION",
    "EXTRACTIONS",
    "FILES",
    "FINGERPRINTS",
    "FIRST_INSTRUCTION",
    "INSTRUCTIONS",
    "INVENTORY",
    "LEFT_OUT",
    "MEMBER_MARK",
    "METRICS",
    "NORMALIZATION",
    "PRIVACY",
    "QUALITY",
    "RECURRING",
    "SAMPLES",
    "SECOND",
    "SHARD",
    "SIGNALS",
    "schema_fingerprint",
]

# Pieces of text that fit the model's context. Sorted by (document_id, part, chunk).
CHUNKS = pa.schema(
    [
        _DOCUMENT,
        _PART,
        pa.field("chunk", pa.int32(), nullable=False),  # 0-based within the part; -1 in a row that only carries a reason
        pa.field("text", pa.large_string()),  # null with a reason
        pa.field("tokens", pa.int32(), nullable=False),  # with the target tokenizer, the end-of-text token included
        pa.field("start", pa.int64(), nullable=False),  # character span [start, end) in the normalized text of the part
        pa.field("end", pa.int64(), nullable=False),
        pa.field("heading", pa.string()),  # the headings above it, joined by " > "; null above the first
        *_ENDING,
    ]
)

# A part's instruction examples are numbered from here on, so that no number is that of a chunk of it.
FIRST_INSTRUCTION = 1 << 20

# Where a value of an answer stands in PRIVACY's text, in the order of the answer.
ANSWER = pa.struct(
    [
        pa.field("field", pa.string()),  # of the annotation schema; null for a cell, a heading or a passage
        pa.field("start", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),  # exclusive
        pa.field("derived_by", pa.string()),  # normalizer that made the value; null: it is what stands there
    ]
)

# Examples with a question and an answer made from a document, rendered as the model expects a conversation. A part may have
# none. Sorted by (document_id, part, chunk).
INSTRUCTIONS = pa.schema(
    [
        _DOCUMENT,
        _PART,
        pa.field("chunk", pa.int32(), nullable=False),  # FIRST_INSTRUCTION and up; -1 in a row that only carries a reason
        pa.field("kind", pa.string()),  # as in InstructionSettings.kinds; null with a reason
        pa.field("text", pa.large_string()),  # the conversation without the tokens that the trainer adds; null with a reason
        pa.field("messages", pa.large_string()),  # the conversation as JSON: a list of {role, content}; null with a reason
        pa.field("tokens", pa.int32(), nullable=False),  # as in CHUNKS
        pa.field("prompt_tokens", pa.int32(), nullable=False),  # of these, the ones before the answer
        pa.field("start", pa.int64(), nullable=False),  # the passage that is asked about: characters of PRIVACY's text
        pa.field("end", pa.int64(), nullable=False),
        pa.field("heading", pa.string()),  # as in CHUNKS, of the passage's start
        pa.field("negative", pa.bool_(), nullable=False),  # the answer is that nothing of it stands in the passage
        pa.field("answers", pa.list_(ANSWER), nullable=False),  # empty for a negative one
        *_ENDING,
    ]
)

# 13-grams of the evaluation files (tasks/dataset/grams.py). Sorted by gram, each once.
EVALUATION = pa.schema(
    [
        pa.field("gram", pa.uint64(), nullable=False),  # hash of the gram's words
        pa.field(
            "words", pa.int8(), nullable=False
        ),  # in the gram: 13, or 8 to 12 where the text has no more; a letter without spaces counts less (Words.weights)
        pa.field("evaluation", pa.dictionary(pa.int32(), pa.string()), nullable=False),  # name of the file that has it first
        pa.field("evaluation_row", pa.int64(), nullable=False),  # its row there, 1-based; of JSONL, CSV and texts the line
    ]
)

# Chunks that share grams with the evaluation files, one row each; none for a chunk that shares none. The lists go together.
# Instruction examples are compared likewise and have the same columns.
CONTAMINATION = pa.schema(
    [
        _DOCUMENT,
        _PART,
        pa.field("chunk", pa.int32(), nullable=False),  # -1 in a row with a reason: the part could not be compared
        pa.field("grams", pa.list_(pa.uint64())),  # the distinct grams that are shared; null with a reason, as all below
        pa.field("evaluation", pa.list_(pa.string())),  # name of the file that each gram stands in first
        pa.field("evaluation_row", pa.list_(pa.int64())),  # and its row there
        pa.field("share", pa.float64()),  # of the grams that touch the chunk (of the longest size compared) that are shared
        *_ENDING,
    ]
)

# A value of a field. Offsets are characters of PRIVACY's text.
_ANNOTATION = [
    pa.field("field", pa.string(), nullable=False),
    pa.field("start", pa.int64(), nullable=False),
    pa.field("end", pa.int64(), nullable=False),  # exclusive
    pa.field("text", pa.string(), nullable=False),  # exactly what stands between start and end
    pa.field("value", pa.string()),  # normalized; null where the normalizer makes nothing of it
    pa.field("sources", pa.list_(pa.string()), nullable=False),  # that proposed this place
    pa.field("confidence", pa.float64(), nullable=False),  # 0 to 1
]

_QUESTION = [
    pa.field("question", pa.string(), nullable=False),
    pa.field("answer", pa.string(), nullable=False),  # exactly what stands between start and end
    pa.field("start", pa.int64(), nullable=False),
    pa.field("end", pa.int64(), nullable=False),  # exclusive
    pa.field("passage_start", pa.int64(), nullable=False),  # of the passage that it was written about, which holds the answer
    pa.field("passage_end", pa.int64(), nullable=False),
]

# What stands in the kept texts, one row per part that survived deduplication.
ANNOTATED = pa.schema(
    [
        _DOCUMENT,
        _PART,
        pa.field("schema", pa.string()),  # name of the annotation schema; null with a reason
        pa.field(
            "annotations",  # sorted by (start, end, field)
            pa.list_(pa.struct(_ANNOTATION)),
            nullable=False,
        ),
        # What a model named and does not stand in the text: kept for people to see, and used for nothing.
        pa.field(
            "ungrounded",
            pa.list_(pa.struct([pa.field(name, pa.string(), nullable=False) for name in ("field", "text", "source")])),
            nullable=False,
        ),
        pa.field("chunks", pa.int32(), nullable=False),  # pieces of the text given to a model; 0 without one
        pa.field("failures", pa.list_(pa.string()), nullable=False),  # a line for each piece that the model failed on
        pa.field("coverage", pa.float64()),  # share of the characters that a model read; null without one
        # Written by a model and found faithful, sorted by passage and place; none unless asked for.
        pa.field("questions", pa.list_(pa.struct(_QUESTION)), nullable=False),
        # Those that were not, with a key of tasks/annotation/questions/faithfulness.py's REFUSALS; used for nothing.
        pa.field(
            "refused_questions",
            pa.list_(pa.struct([pa.field(name, pa.string(), nullable=False) for name in ("question", "answer", "reason")])),
            nullable=False,
        ),
        pa.field("question_failures", pa.list_(pa.string()), nullable=False),  # a line for each request that the model failed on
        *_ENDING,
    ]
)

# The same for people and other tools: one row per value. Sorted by (path, part, start).
EXTRACTIONS = pa.schema(
    [_DOCUMENT, _PART, pa.field("path", pa.string(), nullable=False), pa.field("schema", pa.string()), *_ANNOTATION]
)

# The dataset itself. Sorted by (split, example_id).
EXAMPLES = pa.schema(
    [
        pa.field("example_id", pa.string(), nullable=False),  # digest of kind, text and origin, hex
        pa.field("split", pa.string(), nullable=False),  # train, valid or test
        pa.field("kind", pa.string(), nullable=False),  # "text", or a kind of INSTRUCTIONS
        pa.field("text", pa.large_string(), nullable=False),  # of an instruction example the rendered conversation
        pa.field("messages", pa.large_string()),  # as in INSTRUCTIONS; null for a text
        pa.field("tokens", pa.int32(), nullable=False),
        pa.field("prompt_tokens", pa.int32(), nullable=False),  # tokens before the answer; 0 for a text
        pa.field("answers", pa.list_(ANSWER)),  # as in INSTRUCTIONS; null for a text
        pa.field("group", pa.string(), nullable=False),  # near-duplicate cluster; never in two splits
        _DOCUMENT,
        _PART,
        pa.field("start", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),
        pa.field("heading", pa.string()),
    ]
)

# Chunks and instruction examples that were left out of the dataset for what they hold. Sorted by (document_id, part, chunk).
LEFT_OUT = pa.schema(
    [
        _DOCUMENT,
        _PART,
        pa.field("chunk", pa.int32(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string()),  # which evaluation file and row, or what else makes the reason concrete
    ]
)

# Measured while a stage worked; beside the stage's output and outside every cache key.
METRICS = pa.schema(
    [
        pa.field("stage", pa.string(), nullable=False),
        _DOCUMENT,
        _PART,
        pa.field("seconds", pa.float64(), nullable=False),  # wall time in the worker
        pa.field("peak_mib", pa.float64()),  # peak resident memory of the worker so far; null where it is not known
        pa.field("steps", pa.map_(pa.string(), pa.float64())),  # step of the stage -> seconds; null where it has none
    ]
)

# The books: every document that entered, exactly once. Sorted by path.
DECISIONS = pa.schema(
    [
        _DOCUMENT,
        pa.field("path", pa.string(), nullable=False),
        pa.field("aliases", pa.list_(pa.string()), nullable=False),
        pa.field("format", pa.string()),  # null when detection named none
        pa.field("verdict", pa.string(), nullable=False),  # kept, rejected, failed, duplicate, unchanged_source_missing
        pa.field("stage", pa.string(), nullable=False),  # where it ended; "dataset" for what was kept
        pa.field("reason", pa.string()),  # null for what was kept
        pa.field("detail", pa.string()),
        pa.field("signals", pa.map_(pa.string(), pa.float64()), nullable=False),
        pa.field("language", pa.string()),  # null when it was not measured
        pa.field("score", pa.float64()),  # null when it was not scored
        pa.field("examples", pa.int32(), nullable=False),  # examples in the dataset made from it
        pa.field("seconds", pa.float64(), nullable=False),  # work spent on it, all stages, when they were last computed
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("engine", pa.string()),
        pa.field("engine_version", pa.string()),
    ]
)


def schema_fingerprint(schema: pa.Schema) -> str:
    """First 16 hex digits of the sha256 over column names, types and nullability, in order."""
    return hashlib.sha256(schema.remove_metadata().to_string().encode()).hexdigest()[:16]
