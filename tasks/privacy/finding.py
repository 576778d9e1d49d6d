"""What a finder yields, and which finding counts where several cover the same characters."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["email", "phone", "iban", "card", "national_id", "ip", "secret"]
# The more specific first: an IBAN has a checksum and a country's length, a phone number little more than digits.
KINDS: tuple[Kind, ...] = ("secret", "iban", "card", "national_id", "email", "ip", "phone")
SECRETS: frozenset[Kind] = frozenset({"secret"})


@dataclass(frozen=True)
class Finding:
    """Characters [start, end) of a text are of this kind. Holds no value, so that it may be printed."""

    kind: Kind
    start: int
    end: int


Finder = Callable[[str], Iterator[Finding]]


def resolve(findings: Iterable[Finding]) -> list[Finding]:
    """Findings that do not overlap, in order of place: secrets first, then the longest, then the more specific kind.

    Secrets come first whatever their length, as the password in `ftp://me:password@example.com` must not be taken for the head
    of an address.
    """
    ranked = sorted(
        set(findings),
        key=lambda one: (one.kind not in SECRETS, one.start - one.end, KINDS.index(one.kind), one.start),
    )
    kept: list[Finding] = []
    taken: set[int] = set()
    for finding in ranked:
        if taken.isdisjoint(range(finding.start, finding.end)):
            taken.update(range(finding.start, finding.end))
            kept.append(finding)
    return sorted(kept, key=lambda one: one.start)
