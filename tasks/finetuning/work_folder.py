"""Where a training keeps its checkpoints: a local folder named by its key, so that the same training finds them again."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.storage.root import scratch_folder

LOCK = "in-use.lock"


@contextmanager
def work_folder(name: str) -> Iterator[Path]:
    """The folder of the training with this name. It is removed when the block ends well; after an error it stays, and what the
    training left in it is there at the next try.

    Below the data root, or below the user's cache where that is remote. One training at a time has it; another waits.
    """
    parent = Path(scratch_folder() or Path.home() / ".cache" / "doctune")
    folder = parent / f"training-{name}"
    lock = parent / f"training-{name}.{LOCK}"
    parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        folder.mkdir(exist_ok=True)
        yield folder
        shutil.rmtree(folder)
