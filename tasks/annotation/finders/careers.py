"""Entries of resumes: roles and employers below `Experience`, schools below `Education`."""

import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.headings import body_lines, sections_of
from tasks.annotation.finders.organisations import organisation_around
from tasks.annotation.finders.pairs import trimmed
from tasks.annotation.finders.vocabulary import alternation, words
from tasks.annotation.normalizers.dates import MONTHS
from tasks.annotation.schema import FieldSpec

Span = tuple[int, int]

LONGEST_ENTRY = 160  # characters of a line that names a role or a school
HEAD_LINES = 4

_PERIOD = re.compile(rf"\b(?:19|20)\d\d\b|\b(?i:{alternation('now')})\b")
_BREAK = re.compile(
    r"[ ]?[,;|\u00b7\u2022\t()][ ]?|(?:\b\d{1,2}[/.])?\b(?:19|20)\d\d\b|[ ]?[\u2014\u2013][ ]?|[ ]{2,}|[ ]-[ ]|[*_]{1,3}|:[ ]"
)
_ENTRY_BREAK = re.compile(rf"{_BREAK.pattern}|[ ](?i:{alternation('at_an_employer')})[ ]")
_IN_A_PLACE = re.compile(r"[ ,]+(?:in|based|from|living|aus|à|en|de)[ ](?=[^\W\d_a-z])")
_UNTIL = words("until")
_BULLET = re.compile(r"[ \t]*[-*+\u2022\u25aa\u25e6\u2023][ \t]")
_ROLE = re.compile(rf"(?i)\b(?:\w{{0,20}}(?:{alternation('jobs_compound')})(?:in|e)?|{alternation('jobs')})\b")
_SCHOOL = re.compile(rf"(?i)\b(?:\w{{0,24}}(?:{alternation('schools_compound')})\w{{0,6}}|{alternation('schools')})\b")


def find_employer(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Whom the entries below one of the field's `sections` name as employer."""
    for _, employer, sure in _entries(document.text, field.sections):
        if employer:
            yield Found(*employer, confidence=sure, cue="entry")


def find_job_title(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Roles of the entries below one of the field's `sections`, and a role that stands alone among the first lines."""
    text = document.text
    for role, _, sure in _entries(text, field.sections):
        if role:
            yield Found(*role, confidence=sure, cue="entry")
    for start in [start for start in document.line_starts[:20] if text[start : start + 1].strip()][:HEAD_LINES]:
        line_end = text.find("\n", start)
        left, right = trimmed(text, start, len(text) if line_end < 0 else line_end)
        place = _IN_A_PLACE.search(text, left, right)
        right = place.start() if place else right
        if (
            right - left <= 60
            and len(text[left:right].split()) <= 5
            and _ROLE.search(text, left, right)
            and ":" not in text[left:right]
        ):
            yield Found(left, right, confidence=0.6, cue="head")


def find_school(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Schools and universities in the lines below one of the field's `sections`."""
    text = document.text
    for heading in sections_of(text, field.sections):
        for start, end in body_lines(text, heading):
            if end - start > LONGEST_ENTRY:
                continue
            for part in _parts(text, start, end, _BREAK):
                if _SCHOOL.search(text, *part):
                    yield Found(*part, confidence=0.75, cue="school")
                    break


def _entries(text: str, titles: tuple[str, ...]) -> Iterator[tuple[Span | None, Span | None, float]]:
    """(role, employer, sure) of the lines that can be an entry of a career."""
    for heading in sections_of(text, titles):
        role_above = False
        above: list[Span] = []  # the parts of the line before, where they may be the employer of the role below
        for start, end in body_lines(text, heading):
            line = text[start:end]
            dated = bool(_PERIOD.search(line))
            if end - start > LONGEST_ENTRY or line.lstrip().startswith("|") or (_BULLET.match(line) and not dated):
                above = []
                continue
            parts = _parts(text, start, end, _ENTRY_BREAK)
            role, employer, sure = _entry(text, parts, dated, line.startswith("#"), role_above)
            role_above = role is not None and not dated
            if role and not employer and dated and above:
                employer = above[0]
            above = parts if not (role or employer or dated) and len(parts) <= 3 else []
            yield role, employer, sure


def _entry(text: str, parts: list[Span], dated: bool, marked: bool, role_above: bool) -> tuple[Span | None, Span | None, float]:
    roles = [part for part in parts if _ROLE.search(text, *part) and not _named(text, part)]
    employers = [part for part in parts if _named(text, part)]
    others = [part for part in parts if part not in roles and part not in employers]
    sure = 0.75 if roles and employers else 0.6
    if roles and not employers and (dated or marked) and others:
        employers = others
    elif employers and not roles and dated and others and not role_above:
        roles = others
    elif not roles and not employers and others and dated:
        roles, employers = others[:1], others[1:2]
    elif not roles and not employers and marked:
        employers = others[:1]
    return (roles[0] if roles else None), (employers[0] if employers else None), sure


def _named(text: str, part: Span) -> bool:
    """Whether a part begins with the name of an organisation."""
    one = organisation_around(text, *part)
    return one is not None and one.start <= part[0] + 4 and one.end > part[0]


def _parts(text: str, start: int, end: int, pattern: re.Pattern[str]) -> list[Span]:
    """Pieces of a line between commas, dashes and the like; names of companies stay whole, periods are left out."""
    parts, at = [], start
    breaks = [found.span() for found in pattern.finditer(text, start, end)]
    for left, right in [*breaks, (end, end)]:
        inside = organisation_around(text, max(left - 1, at), left)
        if inside and inside.formal and inside.start < left < inside.end - 1 and inside.start >= start:
            continue
        piece = trimmed(text, at, left, " \t*_#|-\u2013•.,/")
        at = right
        if inside and inside.formal and inside.end == piece[1] + 1:
            piece = (piece[0], inside.end)  # the full stop is the legal form's: `Union Freight Co.`
        words = text[slice(*piece)].casefold().replace(".", "").split()
        if (
            sum(map(str.isalpha, "".join(words))) > 2
            and not _PERIOD.search(text, *piece)
            and not all(word in MONTHS or word in _UNTIL for word in words)
        ):
            parts.append(piece)
    return parts
