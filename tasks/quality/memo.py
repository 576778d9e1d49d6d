"""What was measured before of the texts of a shard: a file that spares work and that nothing depends on.

The output of the signals' stage holds what the cascade needed under the settings of the moment. Here stands all that was ever
measured of the same texts, so that another threshold measures only what is still missing.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from tasks.quality.measure import GROUP_OF, Measured
from tasks.storage.parquet import ParquetRef, read_memo, write_table
from tasks.storage.schemas import SIGNALS

Key = tuple[str, int]  # document_id, part
FOLDER = "memo/quality-signals"
STEPS = "steps"
MEMO = SIGNALS.append(pa.field(STEPS, pa.map_(pa.string(), pa.float64()), nullable=False))  # group -> seconds, when measured


def memo_path(normalized: ParquetRef, version: str) -> str:
    """Where the memo of a dataset of texts is. version: of the code that measures."""
    return f"{FOLDER}/{normalized.sha256[:32]}-{version}.parquet"


def recall(path: str) -> dict[Key, Measured]:
    """What is remembered; nothing when the file is missing, damaged or of signals that do not exist any more."""
    rows = read_memo(path, MEMO.names)
    return {
        (row["document_id"], row["part"]): measured_of(row, row[STEPS])
        for row in rows
        if all(name in GROUP_OF for name in row["signals"])
    }


def remember(path: str, known: Mapping[Key, Measured], formats: Mapping[Key, str]) -> None:
    """Write everything that is known, sorted."""
    rows = [
        {"document_id": key[0], "part": key[1], "format": formats[key], "reason": None, "detail": None}
        | {**columns_of(measured), STEPS: dict(measured.seconds)}
        for key, measured in sorted(known.items())
    ]
    write_table(path, rows, MEMO)


def measured_of(row: Mapping[str, Any], seconds: Mapping[str, float] | None = None) -> Measured:
    """A row of SIGNALS as what was measured."""
    return Measured(tuple(row["groups"]), row["signals"], row["language"], _shares(row["languages"]), seconds or {})


def _shares(languages: Any) -> dict[str, float] | None:
    return None if languages is None else dict(languages)


def columns_of(measured: Measured) -> dict[str, object]:
    """What was measured, as columns of SIGNALS."""
    return {
        "language": measured.language,
        "languages": measured.languages,
        "groups": list(measured.groups),
        "signals": dict(sorted(measured.signals.items())),
    }
