"""The beginning of a text without its tables of contents, which can fill it and say little of what the text is."""

import re
from collections.abc import Sequence

LOOKED_AT = 80_000  # characters at the head of a text in which tables of contents are left out
LONGEST_ENTRY = 4000  # characters of a line; in some texts all entries of a chapter stand in one
LONGEST_TITLE = 300  # characters of one with its page behind a gap
MOST_BETWEEN = 8  # lines between two entries: page numbers, running headers
LEAST_LEADERS = 4  # entries with leaders that are a table of contents without a heading
LEAST_PROSE = 6  # words of four letters or more
MOST_LOWERCASE = 0.35  # share of them that begin small in titles
_HEADING = re.compile(
    r"table\s+of\s+contents?\s{0,20}(?:$|\s{3})|(?:^|\s{3})[\W_]{0,20}(?:contents|inhalt|inhaltsverzeichnis|table\s+des\s+mati[eè]res|sommaire"
    r"|[ií]ndice|inhoudsopgave|inhoud|sum[aá]rio)[\W_]{0,20}(?:page|seite)?[\W_]{0,20}$",
    re.IGNORECASE,
)
_PAGE = r"(?:\d{1,3}|[ivx]{1,5})"
_LEADER = re.compile(rf"(?:(?:\. ?){{4,200}}|…{{2,60}}|_{{4,200}}) {{0,60}}{_PAGE}\b")
_ENDS_IN_PAGE = re.compile(
    rf"[^\W\d_][)\"'”\u2019*]{{0,4}}(?:\s{{2,200}}|\t|[ *]{{0,9}}\|[ *]{{0,200}}){_PAGE}[\s|*_\\]{{0,20}}$"
)
_NUMBERED = re.compile(
    r"[\W_]*(?:\d{1,2}(?:\.\w{1,3}){0,3}\b|[IVX]{1,5}\b|\(?[a-z]\)|(?:article|section|exhibit|schedule|annex|appendix|attachment)s?\b)",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def beginning_of(text: str, characters: int) -> str:
    """The first characters of a text without the lines of its tables of contents.

    Such a table begins with its heading or with lines that have leaders, and goes on while lines are entries: numbered titles, or
    titles with a page at the end.
    """
    lines = text[:LOOKED_AT].split("\n")
    kept: list[str] = []
    length = at = 0
    while at < len(lines) and length < characters:
        end = _end_of_contents(lines, at)
        if end > at:
            at = end
            continue
        kept.append(lines[at])
        length += len(lines[at]) + 1
        at += 1
    return "\n".join(kept)[:characters]


def _end_of_contents(lines: Sequence[str], at: int) -> int:
    """The line behind the table of contents that begins at a line; the line itself where none does."""
    headed = len(lines[at]) <= LONGEST_ENTRY and bool(_HEADING.search(lines[at]))
    if not headed and not _LEADER.search(lines[at], 0, LONGEST_ENTRY):
        return at
    end, between, leaders = at + 1, 0, int(not headed)
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if _is_entry(line):
            end, between = number + 1, 0
            leaders += bool(_LEADER.search(line))
        else:
            between += 1
            if between > MOST_BETWEEN or _is_prose(line):
                break
    if headed:
        return end
    return end if leaders >= LEAST_LEADERS else at


def _is_entry(line: str) -> bool:
    if len(line) > LONGEST_ENTRY:
        return False
    paged = _LEADER.search(line) or (len(line) <= LONGEST_TITLE and _ENDS_IN_PAGE.search(line))
    return bool(paged) or (not _is_prose(line) and bool(_NUMBERED.match(line)))


def _is_prose(line: str) -> bool:
    """Whether a line has many words and not mostly capital ones."""
    words = _LONG_WORD.findall(line, 0, LONGEST_ENTRY)
    return len(words) >= LEAST_PROSE and sum(word[0].islower() for word in words) > MOST_LOWERCASE * len(words)
