"""Hostile documents through detection and extraction, in worker processes under a memory cap, with good ones between them.

What costs a reader long even when all is well is left out here: `make_hostile(..., heavy=True)` makes that too.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tasks.runtime.pool import WorkerPool
from tests.hostile import SECRET, TEXT, HostileFile, make_hostile
from tests.hostile_files.damaged import samples
from tests.hostile_files.product import Ending, process

MEMORY_MIB = 1024
TIMEOUT_SECONDS = 60.0
BETWEEN = 25  # hostile files from one good document to the next


@dataclass(frozen=True)
class Run:
    """What became of the hostile files and of the good documents between them. before: of the good ones, read alone."""

    files: list[HostileFile]
    endings: Mapping[str, Ending]
    good: list[tuple[Path, Ending]]
    before: Mapping[Path, Ending]
    folder: Path
    asked: bool


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All of them once, through one pool; the tests look at different sides of it."""
    folder = tmp_path_factory.mktemp("hostile")
    here = Path.cwd()
    (folder / "work").mkdir()
    os.chdir(folder / "work")  # workers begin where their parent stands
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, WorkerPool(2, MEMORY_MIB) as pool:
            files = make_hostile(folder / "files", f"http://127.0.0.1:{server.getsockname()[1]}", heavy=False)
            neighbours = samples()
            before = dict(zip(neighbours, process(neighbours, pool, TIMEOUT_SECONDS), strict=True))
            paths: list[Path] = []
            for number, file in enumerate(files):
                if number % BETWEEN == 0:
                    paths.append(neighbours[number // BETWEEN % len(neighbours)])
                paths.append(folder / "files" / file.name)
            found = list(zip(paths, process(paths, pool, TIMEOUT_SECONDS), strict=True))
            asked = _was_asked(server)
    finally:
        os.chdir(here)
    endings = {path.name: ending for path, ending in found if path not in before}
    return Run(files, endings, [each for each in found if each[0] in before], before, folder, asked)


def _was_asked(server: socket.socket) -> bool:
    server.setblocking(False)
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_each_ends_in_an_outcome_that_is_right(run: Run) -> None:
    wrong = {
        file.name: (file.attacks, ending.outcome, ending.detail)
        for file in run.files
        if (ending := run.endings[file.name]).outcome not in file.allowed
    }
    assert wrong == {}


def test_no_success_without_text(run: Run) -> None:
    hollow = [
        name
        for name, ending in run.endings.items()
        if (ending.outcome == TEXT) != any(character.isalnum() for character in ending.text)
    ]
    assert hollow == []


def test_good_documents_between_them_are_read_as_ever(run: Run) -> None:
    assert len(run.good) > 20
    for path, ending in run.good:
        assert (path.name, ending.outcome, ending.text) == (path.name, run.before[path].outcome, run.before[path].text)


def test_memory_stays_under_the_cap(run: Run) -> None:
    fat = {
        name: ending.peak_mib
        for name, ending in run.endings.items()
        if "memory" not in ending.outcome and (ending.peak_mib or 0) > MEMORY_MIB
    }
    assert fat == {}


def test_no_other_file_is_shown(run: Run) -> None:
    shown = [
        name
        for name, ending in run.endings.items()
        for words in (SECRET, "root:x:0:0", "/bin/sh\n", "nobody:*:")
        if words in ending.text + ending.title + (ending.detail or "")
    ]
    assert shown == []


def test_nothing_is_written_and_nobody_is_asked(run: Run) -> None:
    assert list((run.folder / "work").iterdir()) == []
    written = {path.name for path in (run.folder / "files").rglob("*")}
    assert written == {"secret", *(file.name for file in run.files)}
    assert not list(run.folder.parent.rglob("evil*"))
    assert not run.asked
