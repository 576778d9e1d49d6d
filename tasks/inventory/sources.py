"""Find the files that the sources name: files, folders (walked to the bottom) and glob patterns."""

import fnmatch
import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# What doctune itself writes below a data root; a source that contains the root must not feed on it.
OWN_FOLDERS = ("stages", "datasets", "adapters", "models", "reports", "runs", "inventory", "tmp", ".prefect-results")


class SourceNotFound(ValueError):
    """A source names nothing that exists; the message says which."""


@dataclass(frozen=True)
class FoundFile:
    """One file below the sources.

    path: absolute. bytes: size. modified_ns: nanoseconds since the epoch. inode: 0 where the system has none.
    problem: reason code when it cannot become a document (tasks/storage/reasons.py), else None. detail: words for it.
    """

    path: str
    bytes: int
    modified_ns: int
    inode: int
    problem: str | None = None
    detail: str | None = None


def find_files(
    sources: Sequence[str], ignore: Sequence[str], include_hidden: bool, data_root: Path | None
) -> tuple[list[FoundFile], int]:
    """All files of the sources, each once, in no particular order, and the number of files passed over by name.

    Links to files are followed, links to folders are not (they make loops). Raises SourceNotFound for a source that matches
    nothing, before anything is read.
    """
    starts = [path for source in sources for path in _expand(source)]
    own = {str(data_root / name) for name in OWN_FOLDERS} if data_root else set()
    found: dict[str, FoundFile] = {}
    passed_over = 0
    for start in starts:
        for path in _walk(start, include_hidden, own):
            name = os.path.basename(path)
            hidden = name.startswith(".") and not include_hidden and path != start
            if hidden or any(fnmatch.fnmatchcase(name, pattern) for pattern in ignore):
                passed_over += path not in found
            elif path not in found:
                found[path] = _examine(path)
    return list(found.values()), passed_over


def _expand(source: str) -> list[str]:
    text = os.path.abspath(os.path.expanduser(source))
    if os.path.lexists(text):
        return [text]
    matches = sorted(glob.glob(text, recursive=True)) if glob.has_magic(text) else []
    if not matches:
        raise SourceNotFound(f"{source}: no such file or folder" + (", and no file matches" if glob.has_magic(text) else ""))
    return matches


def _walk(start: str, include_hidden: bool, own: set[str]) -> Iterator[str]:
    if not os.path.isdir(start):
        yield start
        return
    for folder, folders, files in os.walk(start, followlinks=False):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        folders[:] = [
            name
            for name in folders
            if name not in links and (include_hidden or not name.startswith(".")) and os.path.join(folder, name) not in own
        ]
        for name in files:
            yield os.path.join(folder, name)


def printable(path: str) -> str:
    """A path as text that any file format can hold: bytes that are not UTF-8 are shown as backslash escapes."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def _examine(path: str) -> FoundFile:
    if printable(path) != path:
        return FoundFile(path, 0, 0, 0, "inventory.unreadable", "its name is not valid UTF-8; rename it")
    try:
        status = os.stat(path)
    except OSError as error:
        dangling = os.path.islink(path)
        problem = "inventory.special_file" if dangling else "inventory.unreadable"
        return FoundFile(path, 0, 0, 0, problem, "the link leads nowhere" if dangling else str(error.strerror))
    if not stat.S_ISREG(status.st_mode):
        return FoundFile(path, 0, status.st_mtime_ns, status.st_ino, "inventory.special_file", "not a regular file")
    return FoundFile(path, status.st_size, status.st_mtime_ns, status.st_ino)
