"""Cut the documents, in arrival order, into shards whose borders depend on content alone.

A document ends a shard when its id is the largest among its `target` - 1 neighbours on either side (local-maximum chunking,
Bjørner, Blass and Gurevich, "Content-dependent chunking for differential compression, the local maximum approach", 2010).
Document ids are sha256, so borders fall at random, never closer than `target`, on average nearly twice as far apart, and no
border depends on another. It follows that, while no limit below is reached,
- k new documents at the end touch at most ceil(k / target) + 1 shards: borders among them keep their distance;
- a removed document changes the borders on one side of it at most, and so disturbs at most 2 of the shards there were.
Rarely, a shard so cut is over a limit (documents, bytes); it is cut in two at its document with the largest id until it fits.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

TARGET_DOCUMENTS = 64
MAXIMUM_DOCUMENTS = 256
MAXIMUM_BYTES = 256 * 2**20


@dataclass(frozen=True)
class ShardLimits:
    """target: least documents of a shard (but the last). maximum_documents, maximum_bytes: most; one document may be larger."""

    target: int = TARGET_DOCUMENTS
    maximum_documents: int = MAXIMUM_DOCUMENTS
    maximum_bytes: int = MAXIMUM_BYTES


@dataclass(frozen=True)
class ShardDocument:
    """A document as sharding sees it. modified_ns and path give the arrival order; bytes is the file's size."""

    document_id: str
    path: str
    modified_ns: int
    bytes: int
    extension: str = ""


def plan_shards(documents: Sequence[ShardDocument], limits: ShardLimits = ShardLimits()) -> list[list[ShardDocument]]:
    """Cut documents with distinct ids into shards, in arrival order whatever order they come in."""
    ordered = sorted(documents, key=lambda document: (document.modified_ns, document.path))
    shards: list[list[ShardDocument]] = []
    start = 0
    for border in [*_borders([document.document_id for document in ordered], limits.target - 1), len(ordered) - 1]:
        if border >= start:
            shards.extend(_fit(ordered[start : border + 1], limits))
            start = border + 1
    return shards


def _borders(ids: Sequence[str], reach: int) -> list[int]:
    """Positions whose id is the largest among `reach` neighbours on either side; the last `reach` are still open."""
    borders = []
    window: deque[int] = deque()  # positions with falling ids; the first is the largest of the window
    for position, identifier in enumerate(ids):
        while window and ids[window[-1]] < identifier:
            window.pop()
        window.append(position)
        middle = position - reach
        if window[0] < middle - reach:
            window.popleft()
        if middle >= 0 and window[0] == middle:
            borders.append(middle)
    return borders


def _fit(shard: list[ShardDocument], limits: ShardLimits) -> list[list[ShardDocument]]:
    total = sum(document.bytes for document in shard)
    if len(shard) <= 1 or (len(shard) <= limits.maximum_documents and total <= limits.maximum_bytes):
        return [shard]
    cut = max(range(len(shard) - 1), key=lambda position: shard[position].document_id) + 1
    return _fit(shard[:cut], limits) + _fit(shard[cut:], limits)
