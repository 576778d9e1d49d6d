"""Documents changed at random: a reader gives text or says by a ReaderError why not, and never anything else.

Readers in Python are fuzzed in this process, native engines in workers, which they may crash. `python -m benchmarks.fuzz` does
the same for as long as one likes.
"""

import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.extraction.registry import FORMATS, find_reader
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.work import ExtractionRequest, read_document
from tasks.runtime.pool import Job, WorkerPool
from tasks.storage.reasons import REASONS
from tests.hostile_files.mutation import mutate_document
from tests.tasks.extraction.test_readers import SAMPLES, read

NATIVE = ("liteparse", "kreuzberg")
PICTURES = [name for name in FORMATS if find_reader(name, {}).module.endswith(".image")]  # test_image.py changes those
IN_PYTHON = [name for name in FORMATS if find_reader(name, {}).engine not in NATIVE and name not in PICTURES]
IN_WORKERS = [name for name in FORMATS if find_reader(name, {}).engine in NATIVE]
SMALL = ExtractionSettings(part_characters=1_000)
# What mutation can make of a document. Not "source_changed": an OSError out of a reader would look like it.
FORESEEN = {None, *(f"extraction.{suffix}" for suffix in ("corrupt", "empty", "encrypted", "limit", "needs_ocr"))}


@pytest.mark.parametrize("format_name", IN_PYTHON)
@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_python_readers_only_raise_reader_errors(tmp_path: Path, format_name: str, chance: random.Random) -> None:
    content = mutate_document(SAMPLES[format_name], chance)
    rows = read(tmp_path, format_name, content, part_characters=SMALL.part_characters)
    assert {row.reason for row in rows} <= FORESEEN
    assert all((row.text is None) == (row.reason is not None) for row in rows)


@pytest.mark.parametrize("format_name", IN_WORKERS)
def test_native_engines_end_in_a_reason(tmp_path: Path, format_name: str) -> None:
    chance = random.Random(format_name)
    jobs = []
    for number in range(40):
        content = mutate_document(SAMPLES[format_name], chance)
        path = tmp_path / f"{number}.{format_name}"
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        jobs.append(Job(str(number), 0, ExtractionRequest(digest, (str(path),), format_name, None, SMALL)))
    with WorkerPool(1, 1024) as pool:
        outcomes = pool.map(read_document, jobs, 20.0)
    ended = [(outcome.status, outcome.detail) for outcome in outcomes if outcome.status != "ok"]
    assert ended == []
    assert {row.reason for outcome in outcomes for row in outcome.value} <= FORESEEN <= {None, *REASONS}
