"""Which texts a person should look at, and how they are shown: near the threshold one label teaches most.

Nothing of a document reaches the terminal as a control character: a hostile text could otherwise move the cursor, change the
title or hide what it says.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any

from tasks.quality.label_file import Key
from tasks.storage.parquet import ParquetRef, TextAt, locate_alive, read_rows

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # Persian and Indic scripts are misspelt without them
REPLACEMENT = "\ufffd"
TAB = "    "


@dataclass(frozen=True)
class Candidate:
    """A part to look at. score: None where it was never scored. reason, detail: why it was rejected; None for kept."""

    document_id: str
    part: int
    score: float | None
    reason: str | None
    detail: str | None

    @property
    def key(self) -> Key:
        """What a label names."""
        return self.document_id, self.part


def find_candidates(shards: Iterable[Mapping[str, ParquetRef]], min_score: float, labelled: set[Key]) -> list[Candidate]:
    """Parts without a label, in the order in which they teach most.

    Kept ones, rejected ones and those of the audit sample take turns, each nearest to the threshold first.
    """
    kept: list[Candidate] = []
    rejected: list[Candidate] = []
    audited: list[Candidate] = []
    for shard in shards:
        if "quality" not in shard:
            continue
        for row in read_rows(shard["quality"], ["document_id", "part", "score", "audit", "reason", "detail"]):
            candidate = Candidate(row["document_id"], row["part"], row["score"], row["reason"], row["detail"])
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


def show_rows(text: str, first: int, count: int, width: int) -> list[str]:
    """`count` rows of a text from row `first` on, safe for a terminal of `width` cells. Empty past its end."""
    # Every character takes a cell at least here, so these are enough; a text of many MiB is not gone through for its first rows.
    shown = sanitise(text[: (first + count) * 2 * (width + 1)])
    rows = (row for line in shown.split("\n") for row in _wrap(line, width))
    return list(islice(rows, first, first + count))


def _wrap(line: str, width: int) -> Iterator[str]:
    """A line in rows of at most `width` cells, broken at a space where there is one in the second half of a row."""
    if not line:
        yield ""
    while line:
        end = _fitting(line, width)
        if end < len(line):
            space = line.rfind(" ", end // 2, end + 1)
            end = end if space < 1 else space
        yield line[:end]
        line = line[end:].removeprefix(" ") if end < len(line) else ""


def _fitting(line: str, width: int) -> int:
    """How many characters fit into a row; wide ones take two cells, and at least one character goes into each row."""
    cells = 0
    for position, char in enumerate(line[: width + 1]):
        cells += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if cells > width:
            return max(1, position)
    return len(line[: width + 1])


def name_documents(documents: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """What a document may be called -> the documents: its id, its path, those of its copies, and the end of each path.

    documents: rows of DECISIONS.
    """
    names: dict[str, set[str]] = {}
    for row in documents:
        for path in (row["path"], *row["aliases"]):
            pieces = path.split("/")
            for start in range(len(pieces)):
                names.setdefault("/".join(pieces[start:]), set()).add(row["document_id"])
        names.setdefault(row["document_id"], set()).add(row["document_id"])
    return names
