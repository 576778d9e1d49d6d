"""The columns of files, documents and their texts, up to the cleaned text. Imported by way of tasks/storage/schemas.py."""

import pyarrow as pa

from tasks.storage.shared_columns import DOCUMENT, ENDING, PART

MEMBER_MARK = "!/"  # between the path of a container and the name of a member within it

# One row per file in the sources, and per member of a container that was opened. Sorted by path.
FILES = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),  # absolute; of a member "<path of its container>!/<name within>"
        pa.field("location", pa.string(), nullable=False),  # where the bytes are: absolute, or below the data root for a member
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("modified_ns", pa.int64(), nullable=False),  # nanoseconds since the epoch; of a member, its container's
        pa.field("sha256", pa.string()),  # of the bytes, hex; null when they could not be read
        *ENDING,
    ]
)

# One row per document in the sources. Sorted by (modified_ns, path): the arrival order.
INVENTORY = pa.schema(
    [
        DOCUMENT,
        pa.field("path", pa.string(), nullable=False),  # of the first copy in arrival order, as in FILES
        pa.field("aliases", pa.list_(pa.string()), nullable=False),  # paths of byte-identical copies
        pa.field("locations", pa.list_(pa.string()), nullable=False),  # where the bytes of path and of each alias are
        pa.field("extension", pa.string(), nullable=False),  # lower case, no dot; "" for none
        pa.field("bytes", pa.int64(), nullable=False),  # size of the file
        pa.field("modified_ns", pa.int64(), nullable=False),  # modification time, nanoseconds since the epoch
        *ENDING,
    ]
)

# The documents of one shard: what a shard is, and so the input digest of all its stages. Sorted by document_id.
SHARD = pa.schema(
    [
        DOCUMENT,
        pa.field("extension", pa.string(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
    ]
)

# What each file really is. One row per document.
DETECTION = pa.schema(
    [
        DOCUMENT,
        pa.field("format", pa.string()),  # canonical name ("pdf", "docx", ...); null when nothing fits
        pa.field("mismatch", pa.bool_(), nullable=False),  # the extension says something else than the content
        pa.field("encoding", pa.string()),  # of text formats, as Python names it; null for binary ones
        *ENDING,
    ]
)

# Places of documents that take long to read, looked at beforehand. One row per document of which enough could be seen.
SAMPLES = pa.schema(
    [
        DOCUMENT,
        pa.field("places", pa.list_(pa.string()), nullable=False),  # texts of pages or pieces, spread over the document
        pa.field("letters", pa.int64(), nullable=False),  # in these texts together
        pa.field("pages_seen", pa.int32()),  # null for formats without pages
        *ENDING,  # always null: a sample ends nothing, EARLY does
    ]
)

# Documents that need not be read, for what was seen in their sample. Has no rows for the others.
EARLY = pa.schema([DOCUMENT, *ENDING])

# Text of each document as Markdown, one row per part.
EXTRACTION = pa.schema(
    [
        DOCUMENT,
        PART,
        pa.field("format", pa.string(), nullable=False),
        pa.field("text", pa.large_string()),  # Markdown; null with a reason
        pa.field("title", pa.string()),  # null when the document names none
        pa.field("language_hint", pa.string()),  # what the document says of itself (BCP 47), unverified; null for nothing
        pa.field("pages", pa.int32()),  # pages, slides or sheets; null for formats without them
        pa.field("pages_lost", pa.int32()),  # pages that could not be read; null as above
        pa.field("engine", pa.string()),  # package or module that produced the text; null when none did
        pa.field("engine_version", pa.string()),
        *ENDING,
    ]
)

# Cleaned text, one row per part.
NORMALIZATION = pa.schema(
    [
        DOCUMENT,
        PART,
        pa.field("format", pa.string(), nullable=False),
        pa.field("text", pa.large_string()),  # null with a reason
        pa.field("title", pa.string()),
        pa.field("characters_before", pa.int64(), nullable=False),  # 0 where the worker ended without an answer
        pa.field("removed", pa.map_(pa.string(), pa.int64()), nullable=False),  # step -> characters it removed net
        pa.field("flags", pa.list_(pa.string())),  # "step: would remove share" for each step not taken; null with a failure
        # "before", "after": places that look wrongly decoded; "replacement_characters": U+FFFD in the text. Null with a failure;
        # empty where the step is switched off.
        pa.field("encoding_damage", pa.map_(pa.string(), pa.int64())),
        *ENDING,
    ]
)
