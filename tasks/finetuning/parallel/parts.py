"""Arrays that the processes of a training wrote into files of their own. `merge` is plain Python, the rest uses mlx."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import mlx.core as mx

BLOCK = 1 << 20


def part_name(file: str, rank: int) -> str:
    """The name of a process's part of a file; the first one has the name of the whole."""
    stem, dot, kind = file.rpartition(".")
    return file if rank == 0 else f"{stem}-{rank}{dot}{kind}"


def find_parts(folder: Path, file: str) -> list[Path]:
    """All parts of a file, however many processes wrote it, by rank."""
    stem, _, kind = file.rpartition(".")
    found = {}
    for path in folder.iterdir():
        if path.name == file:
            found[0] = path
        elif match := re.fullmatch(rf"{re.escape(stem)}-(\d+)\.{re.escape(kind)}", path.name):
            found[int(match[1])] = path
    return [found[rank] for rank in sorted(found)]


def read_parts(folder: Path, file: str) -> "dict[str, mx.array]":
    """The arrays of all parts of a file by name; each is read when it is used first."""
    import mlx.core as mx

    arrays: dict[str, mx.array] = {}
    for part in find_parts(folder, file):
        loaded: Any = mx.load(str(part))
        arrays |= loaded
    return arrays


def merge(parts: Sequence[Path], target: Path) -> None:
    """One safetensors file out of several with different arrays, block by block, whatever their size.

    The format: eight bytes with the length of a JSON header (little-endian), the header, then the arrays one behind the other;
    the header has their places counted from its end (https://github.com/huggingface/safetensors, "Format").
    """
    headers = [_read_header(part) for part in parts]
    merged: dict[str, Any] = {"__metadata__": {"format": "mlx"}}
    start = 0
    for part, (begin, entries) in zip(parts, headers, strict=True):
        for name, entry in entries.items():
            merged[name] = entry | {"data_offsets": [start + offset for offset in entry["data_offsets"]]}
        start += part.stat().st_size - begin
    text = json.dumps(merged).encode()
    text += b" " * (-len(text) % 8)  # arrays begin at a multiple of eight bytes, as the format wants it
    with target.open("wb") as output:
        output.write(len(text).to_bytes(8, "little") + text)
        for part, (begin, _) in zip(parts, headers, strict=True):
            with part.open("rb") as stream:
                stream.seek(begin)
                while block := stream.read(BLOCK):
                    output.write(block)


def _read_header(file: Path) -> tuple[int, dict[str, Any]]:
    """Where the arrays begin, and what the header says of each."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        entries: dict[str, Any] = json.loads(stream.read(length))
    entries.pop("__metadata__", None)
    return 8 + length, entries
