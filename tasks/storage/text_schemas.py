"""The columns of what is found about a text: quality, copies, personal data. Imported by way of tasks/storage/schemas.py."""

import pyarrow as pa

from tasks.storage.shared_columns import DOCUMENT, ENDING, PART

# Signals, one row per part: those that the cascade measured up to the gate that rejected the part, or all of them. A name and its
# value (unit in tasks/quality/signals); a signal that says nothing of a text is left out.
SIGNALS = pa.schema(
    [
        DOCUMENT,
        PART,
        pa.field("format", pa.string(), nullable=False),
        pa.field("language", pa.string()),  # ISO 639-1, "und" for too little text; null where it was not measured
        pa.field("languages", pa.map_(pa.string(), pa.float64())),  # language -> share of the text; null where not measured
        pa.field("groups", pa.list_(pa.string()), nullable=False),  # groups of signals that were measured, in their order
        pa.field("signals", pa.map_(pa.string(), pa.float64()), nullable=False),
        *ENDING,
    ]
)

# What the gates decided, one row per part.
QUALITY = pa.schema(
    [
        DOCUMENT,
        PART,
        pa.field("score", pa.float64()),  # probability that a person would call it natural; null when rejected before it was due
        pa.field("audit", pa.bool_(), nullable=False),  # rejected, yet measured to the end as part of the audit sample
        *ENDING,
    ]
)

# Parts whose score was uncertain and was looked at again, one row each; only where a model for that is named.
SECOND = pa.schema(
    [
        DOCUMENT,
        PART,
        # "score.first", the score before; "embedding.log_odds", what was added to its log-odds, absent for a text without prose
        pa.field("signals", pa.map_(pa.string(), pa.float64()), nullable=False),
        *ENDING,
    ]
)

# What a model makes of texts: kept beside the stages, so that none is computed twice.
EMBEDDINGS = pa.schema(
    [
        DOCUMENT,
        PART,
        pa.field("vector", pa.list_(pa.float32()), nullable=False),  # empty for a text without prose
    ]
)

# Bands of MinHash values: one column of keys each, so that one of them can be read without the others.
BANDS = tuple(f"b{number:02d}" for number in range(20))

# Texts of the kept parts with personal data and secrets treated as the settings say, one row per kept part.
PRIVACY = pa.schema(
    [
        DOCUMENT,
        PART,
        pa.field("text", pa.large_string()),  # with placeholders such as [EMAIL] where masked; null with a reason
        pa.field("findings", pa.map_(pa.string(), pa.int64()), nullable=False),  # kind -> places; never a value
        pa.field("masked", pa.int64(), nullable=False),  # places replaced by a placeholder
        *ENDING,
    ]
)

# What deduplication compares, one row per kept part.
FINGERPRINTS = pa.schema(
    [
        DOCUMENT,
        PART,
        pa.field("text_sha256", pa.string()),  # of the text without case and kinds of white space; null with a reason
        pa.field("shingles", pa.int64()),  # distinct word 5-grams; null with a reason
        pa.field("bands", pa.struct([pa.field(name, pa.uint64()) for name in BANDS])),  # null with a reason or without shingles
        pa.field("signature", pa.binary()),  # low 8 bits of the MinHash values; null with a reason or without shingles
        pa.field("sample", pa.list_(pa.uint64())),  # hashes of one in eight shingles; null with a reason
        pa.field("paragraphs", pa.list_(pa.uint64())),  # digests of paragraphs (tasks/storage/paragraphs.py); null with a reason
        pa.field("score", pa.float64()),  # copied from QUALITY: the survivor of a cluster is the best
        *ENDING,
    ]
)

# The outcome of deduplication over all shards, one row per fingerprint.
CLUSTERS = pa.schema(
    [
        DOCUMENT,
        PART,
        # Copies, and texts that stand in others. Its name is its smallest document_id; its own when alone.
        pa.field("cluster", pa.string(), nullable=False),
        pa.field("cluster_size", pa.int32(), nullable=False),  # parts in the cluster
        # Exact Jaccard with the most similar copy; in a cluster of more than 32 different texts with the best one, so that a
        # large cluster is not compared pair by pair. Null without a copy.
        pa.field("similarity", pa.float64()),
        pa.field(
            "containment", pa.float64()
        ),  # share of its shingles that stand in the longer text; null where it stands in none
        *ENDING,
    ]
)

# Paragraphs that stand in several clusters. Sorted by digest.
RECURRING = pa.schema(
    [
        pa.field("digest", pa.uint64(), nullable=False),  # tasks/storage/paragraphs.py
        pa.field("documents", pa.int64(), nullable=False),  # that it stands in, one counted for each cluster
        DOCUMENT,  # an example: the first part in which it stands
        PART,
    ]
)
