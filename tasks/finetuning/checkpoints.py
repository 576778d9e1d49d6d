"""Checkpoints: all that a training needs to go on as if it had never stopped. Imported only in the training process and in tests.

A checkpoint is a folder with the trained weights, the state of the optimizer and the progress. It appears under its name when it
is whole; the one before goes afterwards. Processes that have some of the layers each write files of their own into it, so that a
training can go on in another number of processes.
"""

import errno
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import mlx.core as mx
from mlx import optimizers
from mlx.utils import tree_flatten, tree_map_with_path
from pydantic import BaseModel, ConfigDict, ValidationError

from tasks.finetuning.adapting import trainable_weights
from tasks.finetuning.parallel.parts import part_name, read_parts
from tasks.finetuning.parallel.team import ALONE, Team

WEIGHTS, OPTIMIZER, PROGRESS = "weights.safetensors", "optimizer.safetensors", "progress.json"
SPARE_SHARE = 1.1  # free space that a checkpoint must find, over its size

Name = Literal["last", "best"]


class Progress(BaseModel):
    """How far a training is.

    update: updates done. epoch, position: where the sampler is; position counts the updates of the epoch. layout: digest of what
    the sampler draws from, with the seed. share: of the learning rate that is left after returns. smoothed, lowest: see
    LossWatch. losses, valid_losses: (update, loss) so far. best: the update whose weights measured best, with `best_loss`.
    stale: measurements since then. tokens: trained on so far. report_loss, report_tokens: since the last point of `losses`.
    """

    model_config = ConfigDict(extra="forbid")

    update: int = 0
    epoch: int = 0
    position: int = 0
    layout: str = ""
    share: float = 1.0
    rollbacks: int = 0
    skipped: int = 0
    smoothed: float | None = None
    lowest: float | None = None
    losses: list[tuple[int, float]] = []
    valid_losses: list[tuple[int, float]] = []
    best: int | None = None
    best_loss: float | None = None
    stale: int = 0
    tokens: int = 0
    report_loss: float = 0.0
    report_tokens: int = 0
    stopped: str | None = None


class DiskFull(OSError):
    """There is no room for a checkpoint."""


def write_checkpoint(
    folder: Path, name: Name, model: Any, optimizer: optimizers.Optimizer, progress: Progress, team: Team = ALONE
) -> None:
    """Write a checkpoint below `folder`, in the place of the one with this name, together with the rest of the team.

    Raises DiskFull, in all processes of the team; the one before is kept then.
    """
    weights = trainable_weights(model) if team.writes else {}
    state: dict[str, mx.array] = dict(tree_flatten(optimizer.state)) if team.writes else {}
    size = int(sum(team.gather(sum(array.nbytes for array in (*weights.values(), *state.values())))))
    new = folder / f"{name}.new"
    full = _try_to_write(partial(_make_room, folder, name, size)) if team.leader else None
    lost = team.any(full is not None)
    if team.writes and not lost:
        files = {part_name(WEIGHTS, team.rank): weights, part_name(OPTIMIZER, team.rank): state}
        full = _try_to_write(partial(_write_arrays, new, files))
    lost = team.any(full is not None) or lost
    if team.leader and not lost:
        full = _try_to_write(partial(_commit, folder, name, progress))
    lost = team.any(full is not None) or lost
    if team.leader and lost:
        shutil.rmtree(new, ignore_errors=True)
    if lost:
        raise full or DiskFull(errno.ENOSPC, "another process of the training could not write its part", str(folder))


def _try_to_write(write: Callable[[], None]) -> DiskFull | None:
    """Why there was no room for it, None when there was."""
    try:
        write()
    except DiskFull as full:
        return full
    except (OSError, RuntimeError) as error:  # mlx says RuntimeError when it cannot write
        if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        return DiskFull(errno.ENOSPC, f"a checkpoint could not be written: {error}")
    return None


def _make_room(folder: Path, name: Name, size: int) -> None:
    """Make an empty folder for a checkpoint of so many bytes. Raises DiskFull."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < SPARE_SHARE * size:
        raise DiskFull(
            errno.ENOSPC, f"a checkpoint needs {size / 2**20:.0f} MiB and {free / 2**20:.0f} MiB are free", str(folder)
        )
    new, old = folder / f"{name}.new", folder / f"{name}.old"
    for left in (new, old):  # of a process that was killed here
        if left.exists() and (left is new or (folder / name).exists()):
            shutil.rmtree(left)
    new.mkdir()


def _write_arrays(folder: Path, files: dict[str, dict[str, mx.array]]) -> None:
    for name, arrays in files.items():
        mx.save_safetensors(str(folder / name), arrays)
        _flush(folder / name)


def _commit(folder: Path, name: Name, progress: Progress) -> None:
    """Add the progress to the arrays and put the checkpoint in its place."""
    new, old = folder / f"{name}.new", folder / f"{name}.old"
    (new / PROGRESS).write_text(progress.model_dump_json(), encoding="utf-8")
    _flush(new / PROGRESS)
    if (folder / name).exists():
        (folder / name).rename(old)
    new.rename(folder / name)
    shutil.rmtree(old, ignore_errors=True)


def _flush(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _find(folder: Path, name: Name) -> Path | None:
    """The whole checkpoint with this name, None when there is none."""  # `.old`: a process died between the two renames
    return next((found for found in (folder / name, folder / f"{name}.old") if (found / PROGRESS).is_file()), None)


def read_progress(folder: Path, name: Name) -> Progress | None:
    """The progress of a checkpoint, None when there is none, or one of another version of this program."""
    found = _find(folder, name)
    try:
        return Progress.model_validate_json((found / PROGRESS).read_bytes()) if found else None
    except ValidationError:
        return None


def restore_weights(folder: Path, name: Name, model: Any) -> None:
    """Give the model the weights of a checkpoint. Raises FileNotFoundError."""
    kept = read_parts(_existing(folder, name), WEIGHTS)
    model.load_weights([(own, kept[own]) for own in trainable_weights(model) if own in kept], strict=False)
    mx.eval(model.trainable_parameters())  # read now: the file goes when the next checkpoint is written


def restore_optimizer(folder: Path, name: Name, model: Any, optimizer: optimizers.Optimizer) -> None:
    """Give the optimizer of a model the state of a checkpoint. Raises FileNotFoundError."""
    kept = read_parts(_existing(folder, name), OPTIMIZER)
    optimizer.init(model.trainable_parameters())
    optimizer.state = tree_map_with_path(kept.get, optimizer.state)
    mx.eval(optimizer.state)


def _existing(folder: Path, name: Name) -> Path:
    found = _find(folder, name)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "no such checkpoint", str(folder / name))
    return found
