"""Documents changed at random: detection names something or nothing, always the same, and never raises."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.detection.detector import detect_file
from tasks.detection.formats import FORMATS
from tasks.detection.settings import DetectionSettings
from tasks.storage.reasons import REASONS
from tests.hostile_files.damaged import EXTENSIONS, SIGNATURES
from tests.hostile_files.mutation import mutate, mutate_document
from tests.tasks.extraction.test_readers import SAMPLES

SEEDS = {**SAMPLES, **{f"signature-{name}": start + bytes(range(256)) * 4 for name, start in SIGNATURES.items()}}


@pytest.mark.parametrize("seed", SEEDS)
@given(chance=st.randoms(use_true_random=False), extension=st.sampled_from(EXTENSIONS))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_detection_never_raises(tmp_path: Path, seed: str, chance: random.Random, extension: str) -> None:
    content = mutate_document(SEEDS[seed], chance)
    path = tmp_path / "document"
    path.write_bytes(content)
    found = detect_file(path, extension, len(content), DetectionSettings())
    assert found.format is None or found.format in FORMATS
    assert found.reason is None or found.reason in REASONS
    assert found.format is not None or found.reason is not None
    assert detect_file(path, extension, len(content), DetectionSettings()) == found


@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_change_behind_the_head_changes_no_format(tmp_path: Path, chance: random.Random) -> None:
    """Of a text, only the first 64 KiB count."""
    head = SAMPLES["markdown"] * (70_000 // len(SAMPLES["markdown"]) + 1)
    path = tmp_path / "document"
    found = set()
    for tail in (b"", mutate(SAMPLES["html"], chance)):
        path.write_bytes(head + tail)
        found.add(detect_file(path, "", len(head + tail), DetectionSettings()))
    assert len(found) == 1
