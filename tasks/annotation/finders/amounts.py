"""Amounts of money, percentages and numbers in running text."""

import re
from collections.abc import Iterator

from tasks.annotation import amounts
from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.cues import cue_before
from tasks.annotation.finders.pairs import trimmed
from tasks.annotation.schema import FieldSpec

FORMULA = 80  # characters in which a formula of TeX opens and closes
_OPERATOR = re.compile(r"[\\^_{}=]|\s[/+]\s")
_FORMULA = re.compile(r"\$(?=[^$\n]{1,80}\$(?!\d))[^$\n]{0,79}[^\s$]\$")  # `$2 / 3$`, and not `$2 or $3`
_TEX = re.compile(r"\s?(?:\\[a-zA-Z]{2}|[\^{]|_\{)")  # what goes on in one: `$2\cdot`


def find_money(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Amounts with a currency; surer after one of the field's cues."""
    for found in amounts.MONEY.finditer(document.text):
        if found.group().endswith("$") and _in_formula(document.text, found.start()):
            continue
        if found.group().startswith("$") and (
            _TEX.match(document.text, found.end()) or _FORMULA.match(document.text, found.start())
        ):
            continue
        start, end = trimmed(document.text, *found.span())
        cue = cue_before(document.text, start, field.cues)
        yield Found(start, end, confidence=0.75 if cue else (0.2 if field.cues else 0.6), cue=cue)


def find_percent(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Percentages; surer after one of the field's cues."""
    for found in amounts.PERCENT.finditer(document.text):
        cue = cue_before(document.text, found.start(), field.cues)
        yield Found(*found.span(), confidence=0.75 if cue else (0.3 if field.cues else 0.6), cue=cue)


def find_number(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Numbers after one of the field's cues; every number of the text when the field has none."""
    for found in amounts.PLAIN.finditer(document.text):
        cue = cue_before(document.text, found.start(), field.cues)
        if cue or not field.cues:
            yield Found(*found.span(), confidence=0.7 if cue else 0.4, cue=cue)


def _in_formula(text: str, start: int) -> bool:
    """Whether a `$` shortly before, on the same line and without digits behind it, opens a formula that the next one closes."""
    before = text[max(start - FORMULA, text.rfind("\n", 0, start) + 1, 0) : start]
    at = before.rfind("$")
    return at >= 0 and (not before[at + 1 : at + 2].strip().isdigit() or bool(_OPERATOR.search(before, at)))
