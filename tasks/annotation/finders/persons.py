"""Names of people: after a title, beside a word that only people go with, at the end of a letter, at the head of a resume."""

import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.capitals import Word, runs_of
from tasks.annotation.finders.organisations import is_legal_form, organisation_around
from tasks.annotation.finders.pairs import trimmed
from tasks.annotation.finders.vocabulary import alternation, words
from tasks.annotation.schema import FieldSpec

_ONE_TITLE = rf"(?:(?:{alternation('titles_short')})\.?|(?:{alternation('titles')}))[ \u00a0]"
_TITLE = re.compile(rf"(?<![\w.-])(?:{_ONE_TITLE}){{1,4}}(?=[^\W\d_])")
# Titles of one letter are initials elsewhere: they want two words behind them.
_SHORT = frozenset({"M", "D", "M.", "D."})
_PARTICLES = words("particles")
_CONNECTORS = words("connectors") - _PARTICLES
MOST_WORDS = 5
_SPOKE = re.compile(rf"[ ,]{{1,2}}(?:{alternation('speech')})\b")
# A role in lower case before a name: `chief financial officer Angela Moritz`.
_ROLE = re.compile(rf"\b(?:{alternation('roles_before_names')}),? (?=[^\W\d_a-zß-öø-ÿ])")
_CLOSING = re.compile(rf"^(?:{alternation('closings')}),?[ \t]*\n{{1,4}}", re.IGNORECASE | re.MULTILINE)
_NOT_IN_NAMES = words("not_in_names")
_TITLES_OF_RESUMES = re.compile(rf"(?i)\b(?:{alternation('titles_of_resumes')})\b[\s:\u2013\u2014-]*")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['\u2019.-](?=[^\W\d_])){0,30}\.?")
HEAD_LINES = 8


def find_person(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """People by their titles, by verbs and roles beside their names, and by the end of a letter."""
    text = document.text
    for found in _TITLE.finditer(text):
        end = _name_end(text, found.end())
        words = text[found.end() : end].split()
        initials = all(len(word.strip(".")) == 1 for word in words)
        if words and not initials and (len(words) > 1 or found.group().strip() not in _SHORT):
            yield Found(found.start(), end, confidence=0.85, cue=found.group().strip())
    for run in runs_of(text):
        if _is_name(run) and _SPOKE.match(text, run[-1].end) and not organisation_around(text, run[0].start, run[-1].end):
            yield Found(run[0].start, run[-1].end, confidence=0.7, cue="said")
    for found in _ROLE.finditer(text):
        end = _name_end(text, found.end())
        if len(text[found.end() : end].split()) > 1 and not organisation_around(text, found.end(), end):
            yield Found(found.end(), end, confidence=0.65, cue=found.group().strip())
    for found in _CLOSING.finditer(text):
        line_end = text.find("\n", found.end())
        start, end = trimmed(text, found.end(), len(text) if line_end < 0 else line_end)
        if is_name_line(text[start:end]) and not organisation_around(text, start, end):
            yield Found(start, end, confidence=0.7, cue="closing")


def _name_end(text: str, start: int) -> int:
    """Where a name that begins at start ends: capitalised words, with the particles of family names between them."""
    end, at, count = start, start, 0
    for found in _WORD.finditer(text, start, start + 120):
        word = found.group()
        if text[at : found.start()] not in {"", " ", "\u00a0"} or count == MOST_WORDS:
            break
        if word.endswith(".") and len(word) > 3 and word.rstrip(".").casefold() not in {"dipl", "prof"}:
            word = word[:-1]  # the end of the sentence
            return found.end() - 1 if word[:1].isupper() else end
        if word[:1].isupper():
            end = found.end()
        elif word not in _PARTICLES:
            break
        at, count = found.end(), count + 1
    return end


def _is_name(run: tuple[Word, ...]) -> bool:
    """Two to four words, each capitalised or a particle, none with digits."""
    return is_name_line(" ".join(word.text for word in run)) and not any(word.breaks for word in run[:-1])


def is_name_line(line: str) -> bool:
    """Whether a line can be nothing but the name of a person."""
    words = line.replace(",", " ").split()
    if not 2 <= len(words) <= MOST_WORDS or any(map(str.isdigit, line)):
        return False
    if any(not re.fullmatch(r"[^\W\d_](?:[^\W\d_]|['\u2019.-]){0,30}", word) for word in words):
        return False
    if any(word.casefold().strip(".") in _NOT_IN_NAMES or is_legal_form(word) or word in _CONNECTORS for word in words):
        return False
    return all(word[:1].isupper() or word in _PARTICLES for word in words) and words[0][0].isupper()


def person_bounds(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The name that the value of a form begins with, with its titles; None when there is none."""
    left, right = trimmed(text, start, end)
    title = _TITLE.match(text, left, right)
    name = min(_name_end(text, title.end() if title else left), right)
    if title and name > title.end():
        return left, name
    return (left, name) if is_name_line(text[left:name]) and not organisation_around(text, left, name) else None


def find_head_name(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """The first line or heading that can be a name, among the first lines: whose resume it is."""
    text = document.text
    lines = [start for start in document.line_starts[:40] if text[start : start + 1].strip()][:HEAD_LINES]
    for number, start in enumerate(lines):
        line_end = text.find("\n", start)
        left, right = trimmed(text, start, len(text) if line_end < 0 else min(line_end, start + 200))
        title = _TITLES_OF_RESUMES.match(text, left, right)
        left = title.end() if title else left
        right = _before_mark(text, left, right)
        if is_name_line(text[left:right]) and not organisation_around(text, left, right):
            yield Found(left, right, confidence=round(0.75 - 0.05 * number, 2), cue="head")
            return


def _before_mark(text: str, start: int, end: int) -> int:
    """The end of what stands before the first mark between contact data, such as `|`."""
    marks = [at for mark in ("|", "·", "  ", "\t", " \u2013 ", " — ", " - ") if (at := text.find(mark, start, end)) > 0]
    return trimmed(text, start, min([*marks, end]))[1]
