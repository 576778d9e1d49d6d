"""Which texts a person should look at, and how they are shown: near the threshold one label teaches most.

Nothing of a document reaches the terminal as a control character: a hostile text could otherwise move the cursor, change the title
or hide what it says.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tasks.storage.parquet import ParquetRef, TextAt, locate_alive, read_rows

Key = tuple[str, int]  # document_id, part

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # Persian and Indic scripts are misspelt without them
REPLACEMENT = "\ufffd"
TAB = "    "


@dataclass(frozen=True)
class Candidate:
    """A part to look at. score: None where it was never scored. reason: why it was rejected; None for kept."""

    document_id: str
    part: int
    score: float | None
    reason: str | None

    @property
    def key(self) -> Key:
        """What a label names."""
        return self.document_id, self.part


def find_candidates(shards: Iterable[Mapping[str, ParquetRef]], min_score: float, labelled: set[Key]) -> list[Candidate]:
    """Parts without a label, in the order in which they teach most.

    Kept ones, rejected ones and those of the audit sample take turns, each nearest to the threshold first.
    """
    kept, rejected, audited = [], [], []
    for shard in shards:
        if "quality" not in shard:
            continue
        for row in read_rows(shard["quality"], ["document_id", "part", "score", "audit", "reason"]):
            candidate = Candidate(row["document_id"], row["part"], row["score"], row["reason"])
            if candidate.key in labelled:
                continue
            if row["audit"]:
                audited.append(candidate)
            elif candidate.score is not None:
                (kept if candidate.reason is None else rejected).append(candidate)
    piles = [sorted(pile, key=lambda each: _distance(each, min_score)) for pile in (kept, rejected, audited)]
    return [candidate for turn in zip_longest(*piles) for candidate in turn if candidate is not None]


def _distance(candidate: Candidate, min_score: float) -> tuple[float, Key]:
    return (float("inf") if candidate.score is None else abs(candidate.score - min_score), candidate.key)


def locate_texts(shards: Iterable[Mapping[str, ParquetRef]]) -> dict[Key, TextAt]:
    """Where the cleaned text of each part is."""
    return {
        (row["document_id"], row["part"]): row["text"]
        for shard in shards
        if "normalization" in shard
        for row in locate_alive(shard["normalization"], ["document_id", "part"])
    }


def sanitise(text: str) -> str:
    """A text that a terminal shows and does not obey: controls, overrides of direction and unassigned characters become U+FFFD.

    Line ends stay, tabs become spaces, soft hyphens go.
    """
    plain = text.replace("\r\n", "\n").replace("\t", TAB).replace("\u00ad", "")
    return "".join(
        REPLACEMENT if char != "\n" and char not in _JOINERS and unicodedata.category(char) in _HIDDEN else char for char in plain
    )


def show_lines(text: str, first: int, count: int, width: int) -> list[str]:
    """`count` lines of a text from line `first` on, safe for a terminal and cut at `width` characters. Empty past its end."""
    lines = sanitise(text).split("\n")[first : first + count]
    return [line if len(line) <= width else line[: max(0, width - 1)] + "…" for line in lines]


def find_parts(wanted: str, documents: Sequence[Mapping[str, Any]], parts: Iterable[Key]) -> list[Key]:
    """The parts of the document that a path, the end of one, or an id means; empty when it means none or several."""
    end = "/" + wanted.removeprefix("./").lstrip("/")
    exact = [row for row in documents if wanted in (row["document_id"], row["path"], *row["aliases"])]
    loose = [row for row in documents if any(path.endswith(end) for path in (row["path"], *row["aliases"]))]
    found = {row["document_id"] for row in exact or loose}
    return sorted(key for key in parts if key[0] in found) if len(found) == 1 else []
