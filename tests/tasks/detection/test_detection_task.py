"""The door of detection: rows in, rows out, through real worker processes."""

import hashlib
from pathlib import Path

from tasks.detection.settings import DetectionSettings
from tasks.detection.task import detect
from tasks.runtime.pool import WorkerPool, use_pool
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.reasons import REASONS
from tasks.storage.schemas import INVENTORY, SHARD


def store(paths: list[Path]) -> tuple[ParquetRef, ParquetRef]:
    rows = []
    for path in paths:
        content = path.read_bytes()
        rows.append(
            {
                "document_id": hashlib.sha256(content).hexdigest(),
                "path": str(path),
                "aliases": [],
                "locations": [str(path)],
                "extension": path.suffix[1:],
                "bytes": len(content),
                "modified_ns": 0,
            }
        )
    shard = [{name: row[name] for name in ("document_id", "extension", "bytes")} for row in rows]
    return write_table("shard.parquet", shard, SHARD), write_table("inventory.parquet", rows, INVENTORY)


def test_each_document_gets_one_row(tmp_path: Path) -> None:
    contents = {"a.txt": b"words", "b.mp3": b"ID3\x03\0", "gone.md": b"# gone"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    shard, inventory = store([tmp_path / name for name in contents])
    (tmp_path / "gone.md").unlink()
    with use_pool(WorkerPool(workers=1, memory_mib=1024)) as pool:
        rows = read_rows(detect.fn(shard, DetectionSettings(), inventory))  # type: ignore[attr-defined]
        pool.close()
    assert [row["document_id"] for row in rows] == sorted(row["document_id"] for row in rows)
    by_id = {row["document_id"]: row for row in rows}
    found = {name: by_id[hashlib.sha256(content).hexdigest()] for name, content in contents.items()}
    assert found["a.txt"] | {"document_id": ""} == {
        "document_id": "",
        "format": "text",
        "mismatch": False,
        "encoding": "utf-8",
        "reason": None,
        "detail": None,
    }
    assert (found["b.mp3"]["reason"], found["b.mp3"]["detail"]) == ("detection.unsupported", "audio")
    assert found["gone.md"]["reason"] == "detection.unreadable"
    assert str(tmp_path) not in found["gone.md"]["detail"]
    assert all(row["reason"] is None or row["reason"] in REASONS for row in rows)
