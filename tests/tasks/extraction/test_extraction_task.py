"""The door of extraction: rows in, rows out, through real worker processes."""

import hashlib
import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.task import extract
from tasks.runtime.pool import WorkerPool, use_pool
from tasks.storage.parquet import read_rows, write_table
from tasks.storage.schemas import DETECTION, EXTRACTION, INVENTORY
from tests.tasks.extraction import documents


def test_parts_and_reasons_become_rows(tmp_path: Path) -> None:
    files = {
        "long.txt": ("text", "utf-8", b"words in a line\n" * 200, None),
        "scan.pdf": ("pdf", None, documents.pdf([None]), None),
        "image.png": ("png", None, b"\x89PNG", "detection.unsupported"),
        "gone.md": ("markdown", "utf-8", b"# gone", None),
    }
    ids = {name: hashlib.sha256(content).hexdigest() for name, (_, _, content, _) in files.items()}
    inventory, detected = [], []
    for name, (format_name, encoding, content, reason) in files.items():
        if name != "gone.md":
            (tmp_path / name).write_bytes(content)
        fields = {"document_id": ids[name], "reason": reason, "detail": None}
        inventory.append(
            fields
            | {"path": name, "aliases": [], "locations": [str(tmp_path / name)], "extension": "", "bytes": 1, "modified_ns": 0}
            | {"reason": None}
        )
        detected.append(fields | {"format": format_name, "mismatch": False, "encoding": encoding})
    options = ExtractionSettings(part_characters=1000, ocr="off")
    with use_pool(WorkerPool(workers=1, memory_mib=2048)) as pool:
        source = write_table("inventory.parquet", inventory, INVENTORY)
        output = extract.fn(write_table("detected.parquet", detected, DETECTION), options, source)  # type: ignore[attr-defined]
        pool.close()
    rows = read_rows(output)
    assert list(rows[0]) == EXTRACTION.names
    assert [(row["document_id"], row["part"]) for row in rows] == sorted((row["document_id"], row["part"]) for row in rows)
    found = {name: [row for row in rows if row["document_id"] == ids[name]] for name in files}
    assert "".join(row["text"] for row in found["long.txt"]) == "words in a line\n" * 200
    assert [row["part"] for row in found["long.txt"]] == [0, 1, 2, 3]
    assert [row["reason"] for row in found["scan.pdf"]] == ["extraction.needs_ocr"]
    assert [row["reason"] for row in found["gone.md"]] == ["extraction.source_changed"]
    assert found["image.png"] == []


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_scans_are_recognised_in_a_time_of_their_own(tmp_path: Path) -> None:
    pages = [Image.open(io.BytesIO(documents.picture("PNG"))).convert("L") for _ in range(3)]
    path = tmp_path / "scan.pdf"
    pages[0].save(path, "PDF", save_all=True, append_images=pages[1:], resolution=72)
    fields = {"document_id": hashlib.sha256(path.read_bytes()).hexdigest(), "reason": None, "detail": None}
    place = {"path": "scan.pdf", "aliases": [], "locations": [str(path)], "extension": "", "bytes": 1, "modified_ns": 0}
    found = {"format": "pdf", "mismatch": False, "encoding": None}
    with use_pool(WorkerPool(workers=1, memory_mib=2048)) as pool:
        source = write_table("inventory.parquet", [fields | place], INVENTORY)
        detected = write_table("detected.parquet", [fields | found], DETECTION)
        output = extract.fn(detected, ExtractionSettings(), source)  # type: ignore[attr-defined]
        pool.close()
    (row,) = read_rows(output)
    assert (row["reason"], row["pages"], row["pages_lost"], row["engine"]) == (None, 3, 0, "tesseract")
    assert [page.strip() for page in row["text"].split("\f")] == ["Hello World"] * 3
