"""Cutting a text into pieces that fit the model: at headings, then paragraphs, then sentences, then tokens as the last resort.

The pieces tile the text: nothing but white space is lost, nothing is repeated, and text[start:end] is the piece.
"""

from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise

from tasks.dataset.structure import Structure, read_structure, sentence_cuts
from tasks.dataset.tokens import Tokens


@dataclass(frozen=True)
class Chunk:
    """A piece of a text. start, end: characters [start, end). tokens: with the extra ones. heading: path above its start."""

    start: int
    end: int
    tokens: int
    heading: str | None


@dataclass(frozen=True)
class Atom:
    """The smallest unit that is moved between pieces. tokens: without the extra ones."""

    start: int
    end: int
    section: int
    tokens: int


Atoms = list[Atom]


def split_text(text: str, tokens: Tokens, max_tokens: int, min_tokens: int) -> list[Chunk]:
    """Split a text into pieces of at most `max_tokens`; empty when all of it has fewer than `min_tokens`.

    A piece below `min_tokens` is joined to its neighbour, or the two are cut anew in the middle. Neighbours that fill half a
    piece together are joined, so that a list of short sections does not become a list of tiny examples.
    Raises ValueError when a single character has more than `max_tokens` tokens.
    """
    structure = read_structure(text)
    splitter = _Splitter(text, tokens, max_tokens - tokens.extra, max(min_tokens - tokens.extra, 0))
    pieces = splitter.repair(splitter.join(splitter.pack(splitter.atoms(structure))))
    chunks = [
        Chunk(start, end, count + tokens.extra, structure.headings[section])
        for start, end, count, section in splitter.fit(pieces)
    ]
    return chunks if any(chunk.tokens >= min_tokens for chunk in chunks) else []


class _Splitter:
    """The steps of `split_text` for one text. budget, least: most and fewest tokens of a piece, without the extra ones."""

    def __init__(self, text: str, tokens: Tokens, budget: int, least: int) -> None:
        self.text = text
        self.tokens = tokens
        self.budget = budget
        self.least = least

    def atoms(self, structure: Structure) -> Atoms:
        """Blocks, the ones over budget in sentences, the sentences over budget cut by tokens."""
        counts = self.tokens.count([self.text[block.start : block.end] for block in structure.blocks])
        found: Atoms = []
        for block, count in zip(structure.blocks, counts, strict=True):
            whole = Atom(block.start, block.end, block.section, count)
            found += [whole] if count <= self.budget else self.refine(whole, self.budget)
        return found

    def refine(self, atom: Atom, limit: int) -> Atoms:
        """An atom cut at sentences, and by tokens where a sentence has more than `limit` tokens."""
        sentences = self._cut(atom, sentence_cuts(self.text, atom.start, atom.end))
        return [piece for sentence in sentences for piece in self._by_tokens(sentence, limit)]

    def _cut(self, atom: Atom, cuts: list[int]) -> Atoms:
        edges = [atom.start, *cuts, atom.end]
        spans = list(pairwise(edges))
        counts = self.tokens.count([self.text[start:end] for start, end in spans])
        return [Atom(start, end, atom.section, count) for (start, end), count in zip(spans, counts, strict=True)]

    def _by_tokens(self, atom: Atom, limit: int) -> Atoms:
        if atom.tokens <= limit or atom.end - atom.start < 2:
            return [atom]
        starts = self.tokens.starts(self.text[atom.start : atom.end])
        cuts: list[int] = []
        last = atom.start
        for index in range(limit, len(starts), max(limit, 1)):
            position = self._word_start(last, atom.start + starts[index])
            if last < position < atom.end:
                cuts.append(position)
                last = position
        if not cuts:
            cuts = [(atom.start + atom.end) // 2]
        # A word's start lies before the token's, and a cut word may have more tokens than its half: look again.
        return [piece for part in self._cut(atom, cuts) for piece in self._by_tokens(part, limit)]

    def _word_start(self, last: int, position: int) -> int:
        """The space before the word at a position, unless that would cost over a quarter of the piece."""
        space = self.text.rfind(" ", position - (position - last) // 4, position)
        return position if space < 0 else space

    def pack(self, atoms: Atoms) -> list[Atoms]:
        """Atoms of a section in as few pieces as their order allows; a piece never crosses a heading here."""
        pieces: list[Atoms] = []
        for _, section in groupby(atoms, key=lambda atom: atom.section):
            size = self.budget  # full: a section begins a piece
            for atom in section:
                if size + atom.tokens > self.budget or size == self.budget:
                    pieces.append([])
                    size = 0
                pieces[-1].append(atom)
                size += atom.tokens
        return pieces

    def join(self, pieces: list[Atoms]) -> list[Atoms]:
        """Neighbours in one piece as long as they fill at most half of it."""
        joined: list[Atoms] = []
        size = 0
        for piece in pieces:
            more = total(piece)
            if joined and size + more <= self.budget // 2:
                joined[-1] = joined[-1] + piece
                size += more
            else:
                joined.append(piece)
                size = more
        return joined

    def repair(self, pieces: list[Atoms]) -> list[Atoms]:
        """Pieces below the least size joined to a neighbour, or cut anew together with it."""
        done: list[Atoms] = []
        rest = list(reversed(pieces))
        while rest:
            piece = rest.pop()
            if total(piece) >= self.least or not (done or rest):
                done.append(piece)
            elif done and (not rest or done[-1][-1].section == piece[0].section):
                done += self._merge(done.pop(), piece)
            else:
                merged = self._merge(piece, rest.pop())
                done += merged[:-1]
                rest.append(merged[-1])
        return done

    def _merge(self, left: Atoms, right: Atoms) -> list[Atoms]:
        both = left + right
        return [both] if total(both) <= self.budget else self.halve(both)

    def halve(self, atoms: Atoms) -> list[Atoms]:
        """Two pieces of about the same size, cut at the coarsest place that leaves both their least size."""
        limit = max(self.budget, total(atoms) // 2)
        while True:
            size = total(atoms)
            lefts = list(accumulate(atom.tokens for atom in atoms))[:-1]
            fair = [
                (abs(size - 2 * left), index)
                for index, left in enumerate(lefts, 1)
                if min(left, size - left) >= self.least and max(left, size - left) <= self.budget
            ]
            if fair:
                index = min(fair)[1]
                return [atoms[:index], atoms[index:]]
            limit //= 2
            if limit < 1:  # tiny texts only: no cut leaves both their least size
                middle = len(atoms) // 2
                return [atoms[:middle], atoms[middle:]] if middle else [atoms]
            atoms = [piece for atom in atoms for piece in (self.refine(atom, limit) if atom.tokens > limit else [atom])]

    def fit(self, pieces: list[Atoms]) -> list[tuple[int, int, int, int]]:
        """(start, end, tokens, section) of each piece without the white space around it, counted exactly.

        Token counts do not add up at the seams, so a piece may turn out too long here; it is halved until it fits.
        """
        fitted: list[tuple[int, int, int, int]] = []
        spans = [(*self._trim(piece), piece) for piece in pieces]
        counts = self.tokens.count([self.text[start:end] for start, end, _ in spans])
        for (start, end, piece), count in zip(spans, counts, strict=True):
            if start == end:
                continue
            if count <= self.budget:
                section = next(atom.section for atom in piece if atom.end > start)  # blank atoms may come before it
                fitted.append((start, end, count, section))
                continue
            halves = self.halve(piece)
            if len(halves) == 1:
                raise ValueError(f"the character at {start} has {count} tokens, more than a piece may have ({self.budget})")
            fitted += self.fit(halves)
        return fitted

    def _trim(self, piece: Atoms) -> tuple[int, int]:
        start, end = piece[0].start, piece[-1].end
        body = self.text[start:end]
        start += len(body) - len(body.lstrip())
        return start, max(start, start + len(body.strip()))


def total(atoms: Atoms) -> int:
    """Tokens of all atoms."""
    return sum(atom.tokens for atom in atoms)
