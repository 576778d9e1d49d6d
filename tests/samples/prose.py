"""The prose behind the samples: Markdown reduced to headings, paragraphs and list items; and cells of a sheet."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Block:
    """A piece of text. kind: title, heading, item, note (speaker's notes) or paragraph."""

    kind: str
    text: str


def read_prose(name: str) -> list[Block]:
    """The blocks of texts/<name>.md in order."""
    blocks = []
    for line in (TEXTS / f"{name}.md").read_text(encoding="utf-8").splitlines():
        for mark, kind in (("# ", "title"), ("## ", "heading"), ("- ", "item"), ("> ", "note"), ("", "paragraph")):
            if line.startswith(mark) and line:
                blocks.append(Block(kind, re.sub(r"\s+", " ", line.removeprefix(mark)).strip()))
                break
    return blocks


def read_cells(name: str) -> list[list[str | float]]:
    """The rows of texts/<name>.csv; what looks like a number is one."""
    with (TEXTS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return [[float(cell) if re.fullmatch(r"[\d.]+", cell) else cell for cell in row] for row in csv.reader(stream)]
