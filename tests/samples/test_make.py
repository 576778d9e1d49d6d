"""The samples are small, listed, and made the same way each time."""

import csv
from pathlib import Path

from tests.samples.make import SAMPLES, make

EXPECTED = Path(__file__).parents[1] / "end_to_end" / "samples_expected.csv"


def test_the_binary_samples_are_the_same_each_time(tmp_path: Path) -> None:
    first, second = make(tmp_path / "a"), make(tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert {path.relative_to(tmp_path / "a") for path in first} <= {path.relative_to(SAMPLES) for path in _committed()}


def test_every_sample_has_an_expected_verdict() -> None:
    with EXPECTED.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if "!/" not in row["path"]]  # a member is in the file of its container
    assert [row["path"] for row in rows] == sorted(path.relative_to(SAMPLES).as_posix() for path in _committed())
    groups = [row["group"] for row in rows if row["verdict"].startswith("kept_or")]
    assert all(groups.count(group) > 1 for group in groups)


def test_the_samples_are_small() -> None:
    assert sum(path.stat().st_size for path in _committed()) < 600_000


def _committed() -> list[Path]:
    return [path for path in SAMPLES.rglob("*") if path.is_file()]
