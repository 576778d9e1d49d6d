"""Marks of runs that are under way below a data root, so that nothing is pruned from under them."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tasks.storage.root import find_files, read_bytes, remove_file, write_bytes

FOLDER = "runs/open"


@contextmanager
def open_mark(run: str) -> Iterator[None]:
    """Mark a run as under way for the block. The mark of a killed run stays, and names a process that is gone."""
    path = f"{FOLDER}/{run}.json"
    process = psutil.Process()
    content = {"run": run, "host": platform.node(), "pid": os.getpid(), "started": process.create_time()}
    write_bytes(path, json.dumps(content).encode())
    try:
        yield
    finally:
        remove_file(path)


def find_open_runs() -> list[str]:
    """Runs that are under way. A mark of another machine counts: whether that run lives cannot be told from here."""
    found = []
    for path in find_files(FOLDER):
        try:
            mark = json.loads(read_bytes(path))
        except (FileNotFoundError, ValueError):  # it has just ended
            continue
        if mark["host"] != platform.node() or _lives(mark["pid"], mark["started"]):
            found.append(f"{mark['run']} (process {mark['pid']} on {mark['host']})")
    return found


def _lives(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < 1
    except psutil.NoSuchProcess:
        return False
