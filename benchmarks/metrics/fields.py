"""Field F1: which of the values that were found stand in the truth."""

import string
from collections.abc import Iterable
from dataclasses import dataclass, field

from tasks.annotation.scoring import Counts

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”\u2018\u2019„«»\u2013\u2014·•…")


@dataclass(frozen=True)
class Truth:
    """What is right for a field of a document. values: each a set of normalized spellings of which any one is right. neutral:
    normalized spellings that are neither rewarded nor punished."""

    values: tuple[frozenset[str], ...] = ()
    neutral: frozenset[str] = field(default_factory=frozenset)


def normalize(value: str) -> str:
    """Lowercase, without punctuation, white space collapsed."""
    return " ".join(value.lower().translate(_NO_PUNCTUATION).split())


def count(found: Iterable[str], truth: Truth) -> Counts:
    """Counts of one field of one document. Values that are equal after normalization count once; each value of the truth can be
    met once, and a second spelling of it is neither right nor wrong."""
    met: set[int] = set()
    wrong = 0
    for value in dict.fromkeys(map(normalize, found)):
        places = [at for at, spellings in enumerate(truth.values) if value in spellings]
        met.update(places)
        wrong += not places and value not in truth.neutral
    return Counts(len(met), wrong, len(truth.values) - len(met))
