"""Where a training keeps its checkpoints: a local folder named by its key, so that the same training finds them again."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.storage.root import scratch_folder


@contextmanager
def work_folder(name: str) -> Iterator[Path]:
    """The folder of the training with this name. It is removed when the block ends well; after an error it stays, and what the
    training left in it is there at the next try.

    Below the data root, or below the user's cache where that is remote. One training at a time has it; another waits.
    """
    folder = Path(scratch_folder() or Path.home() / ".cache" / "doctune") / f"training-{name}"
    with _held(folder):
        yield folder
        shutil.rmtree(folder)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Make the folder and hold a lock on it, which the system takes back should this process die."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not folder.exists() or not os.path.samestat(os.fstat(handle), folder.stat()):
                continue  # the one that had it is done and removed it
            yield
            return
        finally:
            os.close(handle)
