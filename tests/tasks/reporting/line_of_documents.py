"""A small line to keep books of: documents with a chosen ending, written as the stage outputs that would follow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from tasks.reporting.outcomes import PART_OUTPUTS, ShardOutputs
from tasks.storage import schemas
from tasks.storage.parquet import ParquetRef, write_table
from tasks.storage.stage import metrics_path

# output that ends a part -> a reason it may give; None: the part is kept
ENDINGS: dict[str, str | None] = {
    "inventory": "inventory.unreadable",
    "detection": "detection.unsupported",
    "extraction": "extraction.timeout",
    "normalization": "normalization.empty",
    "signals": "quality.timeout",
    "quality": "quality.score",
    "privacy": "privacy.personal_data",
    "fingerprints": "deduplication.crashed",
    "clusters": "deduplication.near",
    "chunks": "dataset.too_short",
    "kept": None,
}
LINE = [*ENDINGS]
SECONDS = 0.25


@dataclass(frozen=True)
class Doc:
    """A document by its number and where each of its parts ends."""

    number: int
    ends: tuple[str, ...] = ("kept",)
    format: str = "pdf"

    @property
    def document_id(self) -> str:
        return f"{self.number:064x}"

    @property
    def path(self) -> str:
        return f"/documents/{self.number:03d}.{self.format}"


@dataclass
class Written:
    """References to everything that was written for some documents."""

    inventory: ParquetRef
    shards: list[dict[str, ParquetRef]]
    clusters: ParquetRef | None
    examples: dict[str, int] = field(default_factory=dict)


def reaches(doc: Doc, part: int, output: str) -> bool:
    """Whether the line would write a row for this part in this output."""
    return LINE.index(doc.ends[part]) >= LINE.index(output)


def write_line(docs: Sequence[Doc], shard_size: int = 3, shards_end_early: bool = True, measured: bool = True) -> Written:
    """Write the outputs of all stages for these documents, with measurements beside them if `measured`."""
    inventory = [
        {
            "document_id": d.document_id,
            "path": d.path,
            "aliases": [],
            "locations": [d.path],
            "extension": d.format,
            "bytes": 1000 + d.number,
        }
        | {"modified_ns": d.number, **_ending(d.ends[0], "inventory")}
        for d in docs
    ]
    working = [d for d in docs if d.ends[0] != "inventory"]
    groups = [working[start : start + shard_size] for start in range(0, len(working), shard_size)]
    shards = [_write_shard(number, group, shards_end_early, measured) for number, group in enumerate(groups)]
    compared = [
        _row(d, part, "clusters") | {"cluster": d.document_id, "cluster_size": 1, "similarity": None}
        for d in working
        for part in range(len(d.ends))
        if LINE.index(d.ends[part]) > LINE.index("fingerprints")
    ]
    return Written(
        inventory=write_table("inventory.parquet", inventory, schemas.INVENTORY),
        shards=shards,
        clusters=write_table("clusters.parquet", compared, schemas.CLUSTERS) if compared else None,
        examples={d.document_id: d.ends.count("kept") * 2 for d in docs if "kept" in d.ends},
    )


def _write_shard(number: int, docs: Sequence[Doc], ends_early: bool, measured: bool) -> dict[str, ParquetRef]:
    outputs: dict[str, ParquetRef] = {}
    detected = [
        {"document_id": d.document_id, "format": d.format, "mismatch": False, "encoding": None, **_ending(d.ends[0], "detection")}
        for d in docs
    ]
    _write(outputs, number, "detection", detected, schemas.DETECTION, measured)
    for output in (*PART_OUTPUTS, "chunks"):
        rows = [
            _row(d, part, output) | _columns(output, d, part)
            for d in docs
            for part in range(len(d.ends))
            if reaches(d, part, output)
        ]
        if rows or not ends_early:
            _write(outputs, number, output, rows, _schema(output), measured)
    return outputs


def _write(
    outputs: dict[str, ParquetRef], number: int, name: str, rows: list[dict[str, Any]], schema: pa.Schema, measured: bool
) -> None:
    ref = write_table(f"stages/{name}/{number}.parquet", rows, schema)
    outputs[name] = ref
    if measured:
        costs = [
            {"stage": name, "document_id": row["document_id"], "part": row.get("part", 0), "seconds": SECONDS, "peak_mib": 90.0}
            for row in rows
        ]
        write_table(metrics_path(ref.path), costs, schemas.METRICS)


def _ending(end: str, output: str) -> dict[str, Any]:
    return {"reason": ENDINGS[output], "detail": f"ended in {output}"} if end == output else {"reason": None, "detail": None}


def _row(doc: Doc, part: int, output: str) -> dict[str, Any]:
    return {"document_id": doc.document_id, "part": part, **_ending(doc.ends[part], output)}


def _columns(output: str, doc: Doc, part: int) -> dict[str, Any]:
    text = {"text": None if doc.ends[part] == output else "some words", "title": None}
    more: dict[str, dict[str, Any]] = {
        "extraction": {**text, "format": doc.format, "engine": "reader", "engine_version": "1.0"},
        "normalization": {**text, "format": doc.format, "characters_before": 10, "removed": {}},
        "signals": {
            "format": doc.format,
            "language": "en",
            "languages": {"en": 1.0},
            "groups": ["length", "phrases"],
            "signals": {"words": 100.0 + part, "top_2": 0.1},
        },
        "quality": {"score": 0.8, "audit": False},
        "privacy": {**text, "findings": {"email": 2}, "masked": 0},
        "fingerprints": {"text_sha256": None, "signature": None, "shingles": None, "score": 0.8},
        "chunks": {"chunk": -1 if doc.ends[part] == "chunks" else 0, "text": None, "tokens": 0, "start": 0, "end": 0},
    }
    return more[output]


def _schema(output: str) -> pa.Schema:
    schema: pa.Schema = getattr(schemas, output.upper())
    return schema


def as_outputs(written: Written) -> list[ShardOutputs]:
    """The shards with the type that the books ask for."""
    return list(written.shards)
