"""Find the files that the sources name: files, folders (walked to the bottom) and glob patterns."""

import fnmatch
import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# What doctune itself writes below a data root; a source that contains the root must not feed on it.
OWN_FOLDERS = ("stages", "datasets", "adapters", "models", "reports", "runs", "inventory", "unpacked", "tmp", ".prefect-results")


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
    """All files of the sources, each once, in no particular order, and how many files and folders were passed over.

    Links to files are followed, links to folders are not (they make loops) and count as passed over, as hidden folders do. A
    folder that cannot be listed has a problem, as a file would. Raises SourceNotFound for a source that matches nothing or is
    the data root itself, before anything is read.
    """
    root = os.path.realpath(data_root) if data_root else None
    own = tuple(os.path.join(root, name) for name in OWN_FOLDERS) if root else ()
    starts = [path for source in sources for path in _expand(source)]
    if root in {os.path.realpath(os.path.expanduser(source)) for source in sources}:
        raise SourceNotFound(f"{data_root}: is the data root itself; keep the documents in a folder of their own")
    found: dict[str, FoundFile] = {}
    passed_over: set[str] = set()
    for start in starts:
        if _is_below(os.path.realpath(start), own):
            continue
        for path, problem in _walk(start, include_hidden, own, passed_over):
            name = os.path.basename(path)
            named = path == start  # a hidden file that is a source itself was asked for
            if problem is not None:
                found[path] = FoundFile(path, 0, 0, 0, "inventory.unreadable", problem)
            elif is_passed_over(name, ignore, include_hidden or named):
                passed_over.add(path)
            elif path not in found:
                found[path] = _examine(path)
    return list(found.values()), len(passed_over)


def is_passed_over(name: str, ignore: Sequence[str], include_hidden: bool) -> bool:
    """Whether a file of that name is no document: hidden, or matched by a pattern to ignore."""
    hidden = name.startswith(".") and not include_hidden
    return hidden or any(fnmatch.fnmatchcase(name, pattern) for pattern in ignore)


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


def _expand(source: str) -> list[str]:
    if printable(source) != source:
        raise SourceNotFound(f"{printable(source)}: its name is not valid UTF-8; rename it")
    text = os.path.abspath(os.path.expanduser(source))
    if os.path.lexists(text):
        return [text]
    matches = sorted(glob.glob(text, recursive=True)) if glob.has_magic(text) else []
    if not matches:
        raise SourceNotFound(f"{source}: no such file or folder" + (", and no file matches" if glob.has_magic(text) else ""))
    return matches


def _walk(start: str, include_hidden: bool, own: tuple[str, ...], passed_over: set[str]) -> Iterator[tuple[str, str | None]]:
    """Paths of files, with None, and of folders that cannot be listed, with what is wrong."""
    if not os.path.isdir(start):
        yield start, None
        return
    unlisted: list[OSError] = []
    for folder, folders, files in os.walk(start, followlinks=False, onerror=unlisted.append):
        entered = []
        for name in folders:
            path = os.path.join(folder, name)
            if _is_below(os.path.realpath(path), own) and not os.path.islink(path):
                continue
            if os.path.islink(path) or (name.startswith(".") and not include_hidden):
                passed_over.add(path)
            else:
                entered.append(name)
        folders[:] = entered
        for name in files:
            yield os.path.join(folder, name), None
    for error in unlisted:
        yield str(error.filename), f"the folder cannot be listed: {error.strerror}"


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
