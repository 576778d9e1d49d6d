"""A text, what it holds, and the text with placeholders."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.privacy.engines import find_all
from tasks.privacy.finding import KINDS, SECRETS, Finding, Kind
from tasks.privacy.settings import PrivacySettings

_PLACEHOLDER = re.compile(r"\[(?:" + "|".join(kind.upper() for kind in KINDS) + r")(?:_[0-9]+)?\]")
# Where Markdown would read a placeholder as a link, [EMAIL](..) or [EMAIL][..], or at the head of a line as a link's
# definition, [EMAIL]: .. (CommonMark 4.7, 6.3).
_LINK = "(["
_HEAD_OF_LINE = re.compile(r"[ \t>*+0-9.)-]*")


@dataclass(frozen=True)
class Screened:
    """text: with placeholders where asked; None when it is to be left out. found: kind -> findings. masked: places replaced.

    reason, detail: why it is left out; None for a text that stays.
    """

    text: str | None
    found: dict[str, int]
    masked: int
    reason: str | None = None
    detail: str | None = None


def screen_text(text: str, settings: PrivacySettings) -> Screened:
    """Find, count, mask. Masking a masked text changes nothing."""
    findings = _outside_placeholders(text, find_all(text, settings))
    found = Counter(finding.kind for finding in findings)
    dropped = {kind: found[kind] for kind in sorted(settings.kinds("drop")) if found[kind]}
    if dropped and sum(dropped.values()) >= settings.drop_from:
        reason = "privacy.secrets" if dropped.keys() <= SECRETS else "privacy.personal_data"
        return Screened(None, _sorted(found), 0, reason, ", ".join(f"{count} {kind}" for kind, count in dropped.items()))

    masker = _Masker(settings.numbered)
    to_mask = _of_kinds(findings, settings.kinds("mask"))
    masked = len(to_mask)
    while to_mask:
        text = masker.replace(text, to_mask)
        # What stood beside a value may be one by itself, now that the value is gone.
        to_mask = _of_kinds(_outside_placeholders(text, find_all(text, settings)), settings.kinds("mask"))
        masked += len(to_mask)
        found.update(finding.kind for finding in to_mask)
    return Screened(text, _sorted(found), masked)


class _Masker:
    """Replaces values by placeholders, and gives the same value the same number."""

    def __init__(self, numbered: bool) -> None:
        self._numbered = numbered
        self._numbers: dict[Kind, dict[str, int]] = {}

    def replace(self, text: str, findings: Sequence[Finding]) -> str:
        pieces = []
        at = 0
        for finding in findings:
            pieces += [text[at : finding.start], self._placeholder(finding.kind, text[finding.start : finding.end])]
            at = finding.end
            if _would_be_link(text, finding):
                pieces.append(" ")
        return "".join([*pieces, text[at:]])

    def _placeholder(self, kind: Kind, value: str) -> str:
        if not self._numbered:
            return f"[{kind.upper()}]"
        numbers = self._numbers.setdefault(kind, {})
        return f"[{kind.upper()}_{numbers.setdefault(value, len(numbers) + 1)}]"


def _would_be_link(text: str, finding: Finding) -> bool:
    after = text[finding.end : finding.end + 1]
    if after == ":":
        return bool(_HEAD_OF_LINE.fullmatch(text, text.rfind("\n", 0, finding.start) + 1, finding.start))
    return bool(after) and after in _LINK


def _of_kinds(findings: Iterable[Finding], kinds: frozenset[Kind]) -> list[Finding]:
    return [finding for finding in findings if finding.kind in kinds]


def _outside_placeholders(text: str, findings: Sequence[Finding]) -> list[Finding]:
    if not findings or "[" not in text:
        return list(findings)
    placeholders = [match.span() for match in _PLACEHOLDER.finditer(text)]
    starts = [start for start, _ in placeholders]

    def is_free(one: Finding) -> bool:
        before = bisect_left(starts, one.end) - 1  # the last placeholder that begins before it ends
        return before < 0 or placeholders[before][1] <= one.start

    return [one for one in findings if is_free(one)]


def _sorted(found: Counter[Kind]) -> dict[str, int]:
    return {kind: found[kind] for kind in sorted(found) if found[kind]}
