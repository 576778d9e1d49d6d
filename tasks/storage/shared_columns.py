"""The columns that nearly all datasets of tasks/storage/schemas.py have."""

import pyarrow as pa

DOCUMENT = pa.field("document_id", pa.string(), nullable=False)  # sha256 of the file's bytes, hex
PART = pa.field("part", pa.int32(), nullable=False)  # 0-based piece of a large document
ENDING = [
    pa.field("reason", pa.string()),  # null: goes on to the next stage
    pa.field("detail", pa.string()),  # words that make the reason concrete; null with a null reason, mostly
]
