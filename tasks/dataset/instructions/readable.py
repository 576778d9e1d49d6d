"""What a person would read and ask about: no program code, no encoded data, no heading that names nothing."""

import re
from collections.abc import Iterator

from tasks.dataset.structure import fenced_spans

MOST_ENCODED = 0.1  # share of a passage's characters
MOST_CODE = 0.4  # share of its lines
LONGEST_CODE = 300  # characters of a line that may be code
_ENCODED = re.compile(r"(?<![^\s\"'=(<,:])[A-Za-z0-9+/=_-]{40,}|(?:\b[0-9A-Fa-f]{2,8}\b[ :\n]){8,}")
_CODE = re.compile(
    r"\s{0,40}(?:[{}\[\]();]{1,9},?\s*$|[\"'][\w$.-]{1,60}[\"']\s?:|</?[a-zA-Z][\w:-]{0,40}[\s/>]|<[!?]"
    r"|(?:def|class|import|from|return|const|let|var|function|public|private|#include)\s[^.]{0,200}[({;:=*]"
    r"|(?:for|if|while|with|elif|else|try|except|switch)\b[^.]{0,200}[:{]\s*$|return\s\w{1,40};?\s*$"
    r"|[\w.]{1,60}\([^()]{0,200}\)[;,]?\s*$|[\w.\[\]]{1,60}\s?[-+*/:]?=\s?\S|[\w.-]{0,60}[_$][\w.$-]{0,60}\s?[:=]\s"
    r"|\\[a-zA-Z]{2,30}[{\[]|//|/\*|#!|.*(?:[{}]|\);)\s*$)"
)
_TABLE = re.compile(r"\s*\|")
_WORD = re.compile(r"[^\W\d_]{3,}")
_MARKUP = re.compile(r"[\[\]<>|\\`{}$]|&#?\w+;|@|\w\.[a-z]{2,4}\b")
_SENTENCE = re.compile(r"\b(?:are|can|has|have|is|may|must|shall|was|were|will)\b", re.IGNORECASE)
_LONG = 7  # words of a heading that is rather a sentence when it has a verb
_NAMELESS = re.compile(
    r"(?:table of )?contents|list of (?:figures|tables)|index|inhalt|inhaltsverzeichnis|table des mati[eè]res|sommaire|[ií]ndice"
    r"|(?:page|seite|p[aá]gina|chapter|kapitel|section|figure|table|slide|sheet)\W*\w{0,6}(?: (?:of|von|de|sur) \w{1,6})?",
    re.IGNORECASE,
)


def is_readable(text: str) -> bool:
    """Whether a passage is mostly neither code nor encoded data (base64, hexadecimal)."""
    encoded = sum(len(found) for found in _ENCODED.findall(text) if any(map(str.isdigit, found)) and any(map(str.isalpha, found)))
    if encoded > MOST_ENCODED * len(text):
        return False
    lines = [line for line in text.split("\n") if line.strip()]
    code = sum(map(_is_code, lines))
    fenced = sum(end - start for start, end in fenced_spans(text))
    return (code < 2 or code <= MOST_CODE * len(lines)) and fenced <= len(text) / 2


def length_of_prose(text: str) -> int:
    """Characters of the lines that are no rows of tables, no code and not fenced."""
    return sum(map(len, _prose(text)))


def _prose(text: str) -> Iterator[str]:
    at = 0
    for start, end in [*fenced_spans(text), (len(text), len(text))]:
        for line in text[at:start].split("\n"):
            if not _TABLE.match(line) and not _is_code(line):
                yield line.strip()
        at = end


def _is_code(line: str) -> bool:
    return len(line) <= LONGEST_CODE and bool(_CODE.match(line))


def names_something(heading: str) -> bool:
    """Whether a heading can be asked for: two words at least (one, in scripts without capitals), mostly letters, and no number of
    a page or chapter, table of contents, address, piece of a sentence or remains of markup."""
    words = _WORD.findall(heading)
    letters = sum(map(str.isalpha, heading))
    if letters < 0.6 * len("".join(heading.split())) or _MARKUP.search(heading) or _NAMELESS.fullmatch(heading.strip(" .:*_")):
        return False
    if len(words) < 2 and not (words and words[0].lower() == words[0].upper()):
        return False
    if heading[-1] in ".,;:\u2026-\u2013\u2014" or heading[:1].islower() or heading.count("(") != heading.count(")"):
        return False
    return len(heading.split()) < _LONG or "?" in heading or not _SENTENCE.search(heading)
