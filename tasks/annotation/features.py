"""Candidates as numbers: what the ranker sees of a place in a text and of the others that were proposed for its field.

Features that a source, a cue or a word gives have names such as `source:rules.dates`, `cue:between` or `before1:and`; which of
them a ranker uses stands in its file. What is missing (a source that was not asked, a number that does not exist) is NaN.
"""

import bisect
import dataclasses
import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.annotation.candidates import Candidate
from tasks.annotation.document import TextDocument

NUMBERS = (
    "start",
    "start_share",
    "line",
    "from_line_start",
    "to_line_end",
    "characters",
    "words",
    "capital_words",
    "capital_letters",
    "digits",
    "marks",
    "lowercase_words",
    "mentions",
    "mentions_before",
    "exact_mentions",
    "first_mention",
    "rank",
    "candidates",
    "same_value",
    "rank_of_value",
    "values",
    "inside",
    "around",
    "overlaps",
    "confidence",
    "sources",
    "best_confidence_of_value",
    "confidence_rank",
    "gap_before",
    "gap_after",
    "same_line_before",
    "longest_around",
    "best_confidence_inside",
    "best_confidence_around",
    "values_inside",
    "values_around",
    "value_order",
)
BEFORE, AFTER = 3, 3  # words of context, each by its place
WIDE = 60  # characters of context, words in which count wherever they stand

_WORD = re.compile(r"[^\W_]+(?:['\u2019.&/-][^\W_]+)*|[^\w\s]|\n")
_NOT_WORD = re.compile(r"[^\w\s]|_")


@dataclass(frozen=True)
class Proposal:
    """A place for which one or several sources spoke. text: what stands there. value: normalized, None where no source said.
    by_source: source -> its confidence."""

    field: str
    start: int
    end: int
    text: str
    value: str | None
    cues: frozenset[str]
    by_source: dict[str, float] = dataclasses.field(hash=False)

    @property
    def confidence(self) -> float:
        """Of the source that is surest."""
        return max(self.by_source.values())

    @functools.cached_property
    def key(self) -> str:
        """What proposals of equal values have in common."""
        return comparable(self.value or self.text)


def comparable(value: str) -> str:
    """What two spellings of a value have in common: casefolded, without punctuation, white space collapsed."""
    return " ".join(_NOT_WORD.sub("", value.casefold()).split()) or value


def merge(candidates: Iterable[Candidate], text: str) -> list[Proposal]:
    """Candidates of one field with equal offsets as one proposal each, in the order of the text."""
    places: dict[tuple[int, int], list[Candidate]] = {}
    for candidate in candidates:
        places.setdefault((candidate.start, candidate.end), []).append(candidate)
    proposals = []
    for (start, end), group in sorted(places.items()):
        by_source: dict[str, float] = {}
        for candidate in group:
            by_source[candidate.source] = max(by_source.get(candidate.source, 0.0), candidate.confidence)
        value = next((candidate.value for candidate in group if candidate.value), None)
        cues = frozenset(cue for candidate in group for cue in candidate.cue.split())
        proposals.append(Proposal(group[0].field, start, end, text[start:end], value, cues, by_source))
    return proposals


def describe(document: TextDocument, proposals: Sequence[Proposal]) -> tuple[np.ndarray, list[dict[str, float]]]:
    """Numbers (proposals x NUMBERS, float32) and named features of the proposals of one field of a document."""
    if not proposals:
        return np.zeros((0, len(NUMBERS)), np.float32), []
    groups: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        groups.setdefault(proposal.key, []).append(proposal)
    folded = document.text.casefold() if document.text.isascii() else document.text.lower()
    context = _Context(document, list(proposals), groups, folded if len(folded) == len(document.text) else document.text)
    numbers = np.array([context.numbers(at) for at in range(len(proposals))], np.float32)
    return numbers, [context.names(at) for at in range(len(proposals))]


class _Context:
    """The proposals of a field seen together."""

    def __init__(self, document: TextDocument, proposals: list[Proposal], groups: dict[str, list[Proposal]], folded: str) -> None:
        self.document, self.proposals, self.groups, self.folded = document, proposals, groups, folded
        self.keys = [proposal.key for proposal in proposals]
        self.group_order = {key: at for at, key in enumerate(groups)}
        self.starts = [proposal.start for proposal in proposals]
        by_confidence = sorted({proposal.confidence for proposal in proposals}, reverse=True)
        self.confidence_rank = {confidence: at for at, confidence in enumerate(by_confidence)}
        self.longest = max(proposal.end - proposal.start for proposal in proposals)
        self.group_cues = {key: Counter(cue for one in group for cue in one.cues) for key, group in groups.items()}
        self.group_sources = {key: _best_by_source(group) for key, group in groups.items()}
        padded = {key: f" {key} " for key in groups}
        self.values_inside = {key: sum(padded[other] in padded[key] for other in groups) - 1 for key in groups}
        self.values_around = {key: sum(padded[key] in padded[other] for other in groups) - 1 for key in groups}
        in_order = sorted({proposal.value or proposal.text for proposal in proposals})
        self.value_order = {value: at / len(in_order) for at, value in enumerate(in_order, 1)}
        self.mentions: dict[str, tuple[int, int, int]] = {}

    def numbers(self, at: int) -> list[float]:
        proposal, text = self.proposals[at], self.document.text
        surface = proposal.text
        words = surface.split()
        line = self.document.line_of(proposal.start)
        line_start = self.document.line_starts[line]
        line_end = text.find("\n", proposal.end)
        inside, around, overlaps = self._neighbours(at)
        mentions, exact, first = self._mentions(surface)
        group = self.groups[self.keys[at]]
        previous = self.proposals[at - 1].end if at else 0
        following = self.starts[bisect.bisect_left(self.starts, proposal.end) :][:1]
        return [
            proposal.start,
            proposal.start / max(len(text), 1),
            line,
            min(proposal.start - line_start, 500),
            min((line_end if line_end >= 0 else len(text)) - proposal.end, 500),
            len(surface),
            len(words),
            sum(word[0].isupper() for word in words),
            sum(letter.isupper() for letter in surface) / len(surface),
            sum(letter.isdigit() for letter in surface),
            len(_NOT_WORD.findall(surface)),
            sum(word[0].islower() for word in words),
            mentions,
            proposal.start > first,
            exact,
            first,
            at,
            len(self.proposals),
            len(group),
            self.group_order[self.keys[at]],
            len(self.groups),
            len(inside),
            len(around),
            overlaps,
            proposal.confidence,
            len(proposal.by_source),
            max(one.confidence for one in group),
            self.confidence_rank[proposal.confidence],
            min(proposal.start - previous, 2000),
            min(following[0] - proposal.end, 2000) if following else float("nan"),
            sum(self.document.line_starts[line] <= start < proposal.start for start in self.starts[max(at - 30, 0) : at]),
            max((one.end - one.start for one in around), default=0),
            max((one.confidence for one in inside), default=float("nan")),
            max((one.confidence for one in around), default=float("nan")),
            self.values_inside[self.keys[at]],
            self.values_around[self.keys[at]],
            self.value_order[proposal.value or surface],
        ]

    def names(self, at: int) -> dict[str, float]:
        """Named features that the proposal has; what it has not is 0, but NaN for sources."""
        proposal, key, text = self.proposals[at], self.keys[at], self.document.text
        found: dict[str, float] = {f"source:{source}": confidence for source, confidence in proposal.by_source.items()}
        found |= {f"value_source:{source}": confidence for source, confidence in self.group_sources[key].items()}
        found |= {f"cue:{cue}": 1.0 for cue in proposal.cues}
        found |= {f"value_cue:{cue}": float(count) for cue, count in self.group_cues[key].items()}
        before = _WORD.findall(text, max(proposal.start - WIDE, 0), proposal.start)
        after = _WORD.findall(text, proposal.end, proposal.end + WIDE)
        inside = _WORD.findall(proposal.text)
        for distance, word in enumerate(before[::-1][:BEFORE], 1):
            found[f"before{distance}:{_folded(word)}"] = 1.0
        for distance, word in enumerate(after[:AFTER], 1):
            found[f"after{distance}:{_folded(word)}"] = 1.0
        found |= {f"before:{_folded(word)}": 1.0 for word in before}
        found |= {f"after:{_folded(word)}": 1.0 for word in after}
        found |= {f"inside:{_folded(word)}": 1.0 for word in inside}
        if inside:
            found[f"first:{_folded(inside[0])}"] = found[f"last:{_folded(inside[-1])}"] = 1.0
        return found

    def _neighbours(self, at: int) -> tuple[list[Proposal], list[Proposal], int]:
        """Proposals within this one, those that enclose it, and how many overlap it otherwise."""
        proposal = self.proposals[at]
        low = bisect.bisect_left(self.starts, proposal.start - self.longest)
        high = bisect.bisect_left(self.starts, proposal.end)
        inside, around, overlaps = [], [], 0
        for other in self.proposals[low:high]:
            if other is proposal or other.end <= proposal.start:
                continue
            if proposal.start <= other.start and other.end <= proposal.end:
                inside.append(other)
            elif other.start <= proposal.start and proposal.end <= other.end:
                around.append(other)
            else:
                overlaps += 1
        return inside, around, overlaps

    def _mentions(self, surface: str) -> tuple[int, int, int]:
        """How often it stands in the text in any case, in this case, and where first."""
        if surface not in self.mentions:
            folded = surface.casefold()
            self.mentions[surface] = (self.folded.count(folded), self.document.text.count(surface), self.folded.find(folded))
        return self.mentions[surface]


def _best_by_source(group: Iterable[Proposal]) -> dict[str, float]:
    best: dict[str, float] = {}
    for proposal in group:
        for source, confidence in proposal.by_source.items():
            best[source] = max(best.get(source, 0.0), confidence)
    return best


def _folded(word: str) -> str:
    return "0" if word.isdigit() else word.casefold()


def matrix(numbers: np.ndarray, names: Sequence[Mapping[str, float]], vocabulary: Sequence[str]) -> np.ndarray:
    """Numbers and the named features of a vocabulary side by side (proposals x features, float32)."""
    places = {name: len(NUMBERS) + at for at, name in enumerate(vocabulary)}
    table = np.zeros((len(names), len(NUMBERS) + len(vocabulary)), np.float32)
    table[:, : len(NUMBERS)] = numbers
    for name, place in places.items():
        if name.startswith(("source:", "value_source:")):
            table[:, place] = np.nan
    for row, present in enumerate(names):
        for name, value in present.items():
            if name in places:
                table[row, places[name]] = value
    return table
