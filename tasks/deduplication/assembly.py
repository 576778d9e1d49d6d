"""The rows of CLUSTERS from the fingerprints of all shards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from tasks.deduplication.candidates import ESTIMATE_MARGIN, estimate_jaccard
from tasks.deduplication.clusters import DisjointSets, join_near, read_signatures
from tasks.deduplication.containment import choose_containers, find_contained
from tasks.deduplication.memo import read_memo, write_memo
from tasks.deduplication.settings import DeduplicationSettings
from tasks.deduplication.similarity import Similarity
from tasks.deduplication.texts import Fingerprints, ShingleSource, read_fingerprints
from tasks.storage.parquet import ParquetRef
from tasks.storage.schemas import CLUSTERS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Up to this many different texts in a cluster each is compared with every other one, above it with the best alone; and a text is
# compared with so many survivors of its cluster at most.
MOST_COMPARED = 32
DIGITS = 6  # of a stored similarity


@dataclass(frozen=True)
class Clustered:
    """table: the rows of CLUSTERS. compared: pairs of texts that were read and compared; those in the memo were not."""

    table: pa.Table
    compared: int


def cluster_rows(
    references: Sequence[ParquetRef], texts: Sequence[ParquetRef], settings: DeduplicationSettings, version: str
) -> Clustered:
    """One row of CLUSTERS per fingerprint that has no reason, sorted by (document_id, part), whatever the order of the inputs.

    texts: the datasets in which the texts stand. version: of the stage that made the fingerprints.
    """
    fingerprints = read_fingerprints(references)
    digests = fingerprints.digests()
    known = read_memo(version, digests)
    remembered = len(known)
    cache_bytes = settings.cache_mib * 2**20
    similarity = Similarity(fingerprints, ShingleSource(fingerprints, texts, cache_bytes), known, cache_bytes)
    assembly = _Assembly(fingerprints, similarity, settings)
    assembly.find_copies()
    if settings.containment != "off":
        assembly.find_contained(settings.containment, cache_bytes)
    if len(known) > remembered:
        write_memo(version, digests, known)
    return Clustered(assembly.table(), similarity.compared)


class _Assembly:
    """What becomes of every text (near copies, containment) and then of every row."""

    def __init__(self, fingerprints: Fingerprints, similarity: Similarity, settings: DeduplicationSettings) -> None:
        self._fingerprints = fingerprints
        self._similarity = similarity
        self._settings = settings
        self._best_row = _best_rows(fingerprints)
        self._sets = DisjointSets(len(fingerprints.first_row))
        self._stays_for: dict[int, int] = {}  # text -> the text that stays in its place, of those that do not stay
        self._closest: dict[int, float] = {}
        self._container: dict[int, tuple[int, float]] = {}

    def find_copies(self) -> None:
        """Join near copies and choose those that stay."""
        if not self._settings.near:
            return
        signatures = read_signatures(self._fingerprints)
        join_near(self._fingerprints, signatures, self._sets, self._similarity, self._settings.threshold)
        for members in self._sets.sets().values():
            ranked = sorted(members, key=lambda text: self._rank(int(self._best_row[text])))
            others = members if len(members) <= MOST_COMPARED else ranked[:1]
            self._similarity.prepare([(min(one, other), max(one, other)) for one in members for other in others if one != other])
            self._choose_survivors(ranked, signatures)
            for text in members:
                nearest = max(self._similarity.jaccard(text, other) for other in others if other != text or len(others) == 1)
                self._closest[text] = round(nearest, DIGITS)
            if others != members:
                self._closest[ranked[0]] = max(self._closest[text] for text in ranked[1:])

    def find_contained(self, containment: float, memory_bytes: int) -> None:
        """Find texts that stand in others, among those that stay, and put both into one cluster."""
        staying = [text for text in range(len(self._best_row)) if text not in self._stays_for]
        pairs = find_contained(self._fingerprints, staying, self._similarity, containment, memory_bytes)
        self._container = choose_containers(pairs, self._fingerprints)
        # Only with the one that stands for it: a notice that is in thousands of texts does not make these one group.
        for inner, (outer, _) in self._container.items():
            self._sets.join(inner, outer)

    def _rank(self, row: int) -> tuple[float, int]:
        score = self._fingerprints.table["score"][row].as_py()
        return (1.0 if score is None else -score, row)

    def _choose_survivors(self, ranked: Sequence[int], signatures: "npt.NDArray[np.uint8]") -> None:
        """Each text goes for a better one that it is really a copy of.

        A cluster is joined pair by pair, so the ends of a chain may have little in common: then more than one stays. They are
        still one group, which no split divides.
        """
        import numpy as np

        survivors: list[int] = []
        for text in ranked:
            near = np.array(survivors[:MOST_COMPARED], dtype=np.int64)
            estimates = estimate_jaccard(signatures, near, np.full(len(near), text, dtype=np.int64))
            likely = near[estimates >= self._settings.threshold - ESTIMATE_MARGIN].tolist()
            kept = next((each for each in likely if self._similarity.jaccard(each, text) >= self._settings.threshold), None)
            if kept is None:
                survivors.append(text)
            else:
                self._stays_for[text] = kept

    def table(self) -> pa.Table:
        """The rows of CLUSTERS."""
        import numpy as np

        fingerprints = self._fingerprints
        ids = fingerprints.table["document_id"].combine_chunks()
        rows = np.arange(len(fingerprints.text_of))
        roots = self._sets.roots()[fingerprints.text_of]
        sizes = np.bincount(roots, minlength=len(roots))[roots]
        # Rows are sorted by document_id and texts numbered by their first row, so a root's first row is its smallest document.
        names = ids.take(pa.array(fingerprints.first_row[roots]))
        copies = np.bincount(fingerprints.text_of)[fingerprints.text_of] > 1
        columns: dict[str, list[object]] = {
            name: [None] * len(rows) for name in ("similarity", "containment", "reason", "detail")
        }
        for row, text in enumerate(fingerprints.text_of.tolist()):
            best = int(self._best_row[text])
            columns["similarity"][row] = 1.0 if copies[row] else self._closest.get(text)
            survivor = self._stays_for.get(text)
            if row != best and survivor is None:
                columns["reason"][row], columns["detail"][row] = "deduplication.exact", ids[best].as_py()
            elif survivor is not None:
                columns["reason"][row], columns["detail"][row] = "deduplication.near", ids[int(self._best_row[survivor])].as_py()
            elif text in self._container:
                outer, share = self._container[text]
                columns["containment"][row] = round(share, DIGITS)
                columns["reason"][row], columns["detail"][row] = (
                    "deduplication.contained",
                    ids[int(self._best_row[outer])].as_py(),
                )
        identity = {"document_id": ids, "part": fingerprints.table["part"], "cluster": names, "cluster_size": pa.array(sizes)}
        return pa.table({**identity, **columns}).cast(CLUSTERS)


def _best_rows(fingerprints: Fingerprints) -> "npt.NDArray[np.int64]":
    """Of each text the row that stays: the best score, then the smallest document_id, then the smallest part."""
    import numpy as np

    scores = fingerprints.table["score"].fill_null(-1.0).to_numpy()
    order = np.lexsort((np.arange(len(scores)), -scores, fingerprints.text_of))
    _, first = np.unique(fingerprints.text_of[order], return_index=True)
    return order[first]
