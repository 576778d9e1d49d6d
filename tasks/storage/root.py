"""The data root: the one folder or fsspec URL below which everything that doctune writes lives.

Paths that are stored or passed between tasks are relative to it, so that the root may move, and so that several machines
can share it. One process has one root; it is an environment variable because worker processes must agree on it.
"""

import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import fsspec

ROOT_VARIABLE = "DOCTUNE_DATA_ROOT"
DEFAULT_ROOT = "data"
TEMPORARY_FOLDER = "tmp"


def use_data_root(root: str | Path) -> str:
    """Make `root` (a folder or an fsspec URL) this process' data root and that of its child processes; return it."""
    text = str(root).removeprefix("file://")
    if "://" not in text:
        text = str(Path(text).expanduser().absolute())
    os.environ[ROOT_VARIABLE] = text
    return text


def data_root() -> str:
    """The data root in force: a URL, or an absolute local path."""
    return os.environ.get(ROOT_VARIABLE) or use_data_root(DEFAULT_ROOT)


class DataRootUnusable(ValueError):
    """Nothing can be written below the data root; the message says why."""


def check_data_root() -> None:
    """Write a small file below the data root and remove it. Raises DataRootUnusable."""
    probe = f"{TEMPORARY_FOLDER}/{uuid.uuid4().hex}.probe"
    try:
        write_bytes(probe, b"")
        remove_file(probe)
    except (OSError, ValueError, ImportError) as error:
        raise DataRootUnusable(f"the data root {data_root()!r} cannot be used: {error}") from error


def _locate(path: str) -> tuple[fsspec.AbstractFileSystem, str]:
    filesystem, base = fsspec.core.url_to_fs(data_root())
    return filesystem, f"{base.rstrip('/')}/{path}"


def is_local() -> bool:
    """Whether the root is a folder of this machine (or mounted as one)."""
    return "file" in _locate("")[0].protocol


def size_of(path: str) -> int | None:
    """Size in bytes of a file below the root, None when it is not there."""
    filesystem, full = _locate(path)
    try:
        size: int = filesystem.size(full)
    except FileNotFoundError:
        return None
    return size


def open_input(path: str) -> IO[bytes]:
    """Open a file below the root for reading. Raises FileNotFoundError."""
    filesystem, full = _locate(path)
    stream: IO[bytes] = filesystem.open(full, "rb")
    return stream


def local_path(path: str) -> str | None:
    """The full path of something below the root where the root is a local folder, else None."""
    filesystem, full = _locate(path)
    return full if "file" in filesystem.protocol else None


@contextmanager
def atomic_output(path: str, durable: bool = True) -> Iterator[IO[bytes]]:
    """Open a file below the root for writing; it appears under its name, whole, when the block ends without an error.

    durable: on the disk, too, when the block ends; without it a power cut may leave an empty file under the name.
    """
    filesystem, full = _locate(path)
    filesystem.makedirs(full.rpartition("/")[0], exist_ok=True)
    # Apart from the rest, so that what a killed run leaves behind is never taken for part of a dataset; same file system.
    temporary = _locate(f"{TEMPORARY_FOLDER}/{uuid.uuid4().hex}")[1]
    filesystem.makedirs(temporary.rpartition("/")[0], exist_ok=True)
    try:
        with filesystem.open(temporary, "wb") as stream:
            yield stream
            stream.flush()
            if durable and "file" in filesystem.protocol:
                os.fsync(stream.fileno())
        filesystem.mv(temporary, full)
    except BaseException:
        if filesystem.exists(temporary):
            filesystem.rm(temporary)
        raise


def write_bytes(path: str, content: bytes) -> None:
    """Write a whole small file below the root, atomically."""
    with atomic_output(path) as stream:
        stream.write(content)


def append_bytes(path: str, content: bytes) -> None:
    """Add to the end of a small file below the root, which is made if need be, on a line of its own.

    A local file is added to and on the disk when this returns; elsewhere it is written anew, whole.
    """
    size = size_of(path) or 0
    before = b""
    if size:
        with open_input(path) as stream:
            stream.seek(size - 1)
            before = b"" if stream.read() == b"\n" else b"\n"  # a line that was cut off when the machine went down
    local = local_path(path)
    if local is None or not size:
        write_bytes(path, (read_bytes(path) if size else b"") + before + content)
        return
    with open(local, "ab") as appended:
        appended.write(before + content)
        appended.flush()
        os.fsync(appended.fileno())


def write_pieces(path: str, pieces: Iterable[bytes]) -> int:
    """Write a file below the root from pieces as they come, and return its size. Not durable: for what can be made again."""
    size = 0
    with atomic_output(path, durable=False) as stream:
        for piece in pieces:
            stream.write(piece)
            size += len(piece)
    return size


def read_bytes(path: str) -> bytes:
    """Read a whole small file below the root. Raises FileNotFoundError."""
    with open_input(path) as stream:
        return stream.read()


def find_files(folder: str) -> dict[str, int]:
    """All files in a folder below the root, at any depth: path relative to the root -> size in bytes."""
    filesystem, full = _locate(folder)
    base = _locate("")[1]
    if not filesystem.exists(full):
        return {}
    found: dict[str, dict[str, Any]] = filesystem.find(full, detail=True)
    return {name[len(base) :]: int(info["size"]) for name, info in sorted(found.items())}


def remove_file(path: str) -> None:
    """Remove a file below the root; it is no error when it is gone already."""
    filesystem, full = _locate(path)
    if filesystem.exists(full):
        filesystem.rm(full)


def display_path(path: str) -> str:
    """The full path or URL of something below the root, for people."""
    return f"{data_root().rstrip('/')}/{path}"


def scratch_folder() -> str | None:
    """A local folder for files of the moment: below a local root, where `doctune clean` finds what a killed run left."""
    folder = local_path(TEMPORARY_FOLDER)
    if folder is not None:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def local_copy(location: str) -> Iterator[Path]:
    """A file as a local path: one of this machine (absolute), or one below the root, copied for the block from a remote root.

    Raises OSError when it cannot be read.
    """
    if os.path.isabs(location):
        yield Path(location)
    elif (path := local_path(location)) is not None:
        yield Path(path)
    else:
        with tempfile.NamedTemporaryFile(prefix="doctune-", suffix=Path(location).suffix) as copy:
            filesystem, full = _locate(location)
            filesystem.get_file(full, copy.name)
            yield Path(copy.name)


@contextmanager
def local_folder(path: str) -> Iterator[Path]:
    """A folder below the root as a local path for code that cannot use fsspec; a remote one is copied in for the block."""
    filesystem, full = _locate(path)
    if is_local():
        yield Path(full)
        return
    with tempfile.TemporaryDirectory(prefix="doctune-") as copy:
        filesystem.get(full.rstrip("/") + "/", copy + "/", recursive=True)
        yield Path(copy)
