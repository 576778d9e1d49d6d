"""Exact similarity of texts by what they share, compared once for each pair."""

from collections.abc import Iterable, Iterator

from tasks.deduplication.fingerprints import count_shared
from tasks.deduplication.memo import Pair
from tasks.deduplication.texts import Fingerprints, ShingleSource


class Similarity:
    """known: shared phrases of pairs compared before; new ones are added. compared: pairs that were compared here."""

    def __init__(self, fingerprints: Fingerprints, source: ShingleSource, known: dict[Pair, int], cache_bytes: int) -> None:
        self._shingles = fingerprints.shingles
        self._source = source
        self.known = known
        self._cache_bytes = cache_bytes
        self.compared = 0

    def prepare(self, pairs: Iterable[Pair]) -> None:
        """Say which pairs will be asked for next. The smaller number comes first in each."""
        wanted = {text for pair in pairs if pair not in self.known for text in pair}
        if wanted:
            self._source.want(wanted)

    def in_batches(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The same pairs, prepared in batches whose phrases fit the cache."""
        batch: list[Pair] = []
        texts: set[int] = set()
        size = 0
        for pair in pairs:
            fresh = set() if pair in self.known else set(pair) - texts
            more = sum(8 * int(self._shingles[text]) for text in fresh)
            if batch and size + more > self._cache_bytes:
                self.prepare(batch)
                yield from batch
                batch, texts, size = [], set(), 0
                fresh = set(pair)
                more = sum(8 * int(self._shingles[text]) for text in fresh)
            batch.append(pair)
            texts |= fresh
            size += more
        self.prepare(batch)
        yield from batch

    def shared(self, first: int, second: int) -> int:
        """How many phrases two texts share."""
        pair = (first, second) if first < second else (second, first)
        if pair not in self.known:
            self.known[pair] = count_shared(self._source.get(pair[0]), self._source.get(pair[1]))
            self.compared += 1
        return self.known[pair]

    def jaccard(self, first: int, second: int) -> float:
        """Share of the phrases of either text that both have; 1 for the same text."""
        if first == second:
            return 1.0
        shared = self.shared(first, second)
        together = int(self._shingles[first]) + int(self._shingles[second]) - shared
        return shared / together if together else 0.0

    def contained(self, inner: int, outer: int) -> float:
        """Share of the phrases of one text that stand in the other."""
        return self.shared(inner, outer) / int(self._shingles[inner])
