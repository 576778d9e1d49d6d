"""One undisturbed run over the samples, shared by the tests that look at it, and the means to start more."""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT / "data" / "samples"
GUARD = Path(__file__).parent / "guard"
FAST = ("--set", "finetuning.enabled=false")
SHORT_TRAINING = ("--set", "finetuning.max_steps=15", "--set", "finetuning.extraction_tokens=32")


@dataclass(frozen=True)
class Line:
    """A place to run doctune in: documents, a data root, and an environment with its own Prefect home."""

    folder: Path

    @property
    def documents(self) -> Path:
        return self.folder / "documents"

    @property
    def root(self) -> Path:
        return self.folder / "data"

    @property
    def guard_log(self) -> Path:
        return self.folder / "guard.log"

    @property
    def is_done(self) -> Path:
        return self.folder.with_suffix(".done")

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Processes of the tests that share this place come one after the other."""
        with self.folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DOCTUNE_"))}
        return {
            **kept,
            "PREFECT_HOME": str(self.folder / "prefect"),
            "PYTHONPATH": os.pathsep.join([str(GUARD), str(CHECKOUT)]),
            "DOCTUNE_GUARD_LOG": str(self.guard_log),
            "MLX_DISABLE_COMPILE": "1",
        }

    def command(self, *arguments: str) -> list[str]:
        # Not every machine has a text recogniser, and the scanned sample must end the same on all.
        plain = ["--set", "curation.extraction.ocr=off"] if arguments[0] in ("run", "curate") else []
        return [sys.executable, "-m", "flows.cli", *arguments, *plain, "--data-root", str(self.root)]

    def doctune(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def result(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads((self.root / "runs" / "current.json").read_text())
        return result

    def dataset_files(self) -> dict[str, bytes]:
        folder = self.root / self.result()["dataset"]["path"]
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def make_line(folder: Path) -> Line:
    line = Line(folder)
    shutil.copytree(SAMPLES, line.documents)
    for number, path in enumerate(sorted(path for path in line.documents.rglob("*") if path.is_file())):
        # git keeps no modification times; the order of arrival must be the same in every run of the tests
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    line.guard_log.touch()
    return line


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Line:
    """The samples after one `doctune run`, made once for all processes of the tests.

    Tests may look, and run what finds nothing new; what writes, and what copies all of it, takes its `alone`.
    """
    own = tmp_path_factory.getbasetemp()
    line = Line((own if worker_id == "master" else own.parent) / "finished")
    with line.alone():
        if not line.is_done.exists():
            make_line(line.folder)
            done = line.doctune("run", str(line.documents), *SHORT_TRAINING)
            assert done.returncode == 0, done.stdout + done.stderr
            line.is_done.touch()
    return line


@pytest.fixture
def fresh(tmp_path: Path) -> Line:
    """The samples, and nothing done yet."""
    return make_line(tmp_path / "fresh")
