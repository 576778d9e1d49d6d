"""Runs of words that may be a name, and where a name may begin and end in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.annotation.finders.vocabulary import words

LEGAL_FORMS = words("agreement_forms")
CLOSING_FORMS = LEGAL_FORMS - words("agreement_open_forms")  # which end a name for certain
OTHER_NAME = words("agreement_other_name")
_JOINING = words("agreement_joining") | OTHER_NAME
_BREAKING = words("agreement_breaking")
_BREAKING_UNLESS_CAPITALS = words("agreement_breaking_unless_capitals")
_ABBREVIATIONS = words("agreement_abbreviations")

_TOKEN = re.compile(r"[^\W_]\w*(?:[.'\u2019&/@+*-]\w+)*[.'\u2019]?|\n\s*\n|\n|[^\s\w]|_+")


@dataclass(frozen=True)
class Token:
    """A word or mark. kind: `name` (begins with a capital or digit, or has one inside), `form` (legal form), `joining`, `mark`,
    `line` (line break), `break` (never part of a name)."""

    start: int
    end: int
    text: str
    kind: str

    @property
    def plain(self) -> str:
        """Lowercase, without periods."""
        return self.text.casefold().replace(".", "")


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """Words and marks of a part of a text."""
    return [_token(found.start(), found[0]) for found in _TOKEN.finditer(text, start, end)]


def _token(start: int, text: str) -> Token:
    plain = text.casefold().replace(".", "")
    first = text[0]
    if text.startswith("\n"):
        kind = "break" if text.count("\n") > 1 else "line"
    elif plain in _BREAKING or (plain in _BREAKING_UNLESS_CAPITALS and not (text.isupper() and len(text) > 1)):
        kind = "break"
    elif plain in _JOINING:
        kind = "joining"
    elif plain in LEGAL_FORMS and not first.islower():
        kind = "form"
    elif first.isalnum():
        named = any(letter.isupper() for letter in text) or first.isdigit() or "." in text[1:-1]
        kind = "name" if named else "break"
    else:
        kind = "mark" if text in "(),.&/" else "break"
    if kind == "name" and text.endswith(".") and not _keeps_period(text):
        text = text[:-1]
    return Token(start, start + len(text), text, kind)


def _keeps_period(text: str) -> bool:
    return "." in text[:-1] or len(text) == 2 or text[:-1].casefold() in _ABBREVIATIONS


def runs_of(tokens: list[Token], text: str) -> Iterator[list[Token]]:
    """Longest sequences of tokens that may be names: capitalized words with what joins them. A comma stays when a legal form
    follows, parentheses stay around few capitalized words before more of a name."""
    run: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        taken = [token] if token.kind in {"name", "form", "joining", "line"} else _marked(tokens, at)
        ended = bool(run) and text[run[-1].end : token.start].strip() != ""  # a period that ended a sentence
        if ended or not taken:
            if run:
                yield run
            run = []
        run += taken
        at += max(len(taken), 1)
    if run:
        yield run


def _marked(tokens: list[Token], at: int) -> list[Token]:
    """The mark at a place with what belongs to it inside of a name; nothing when it ends the name."""
    if tokens[at].text in "&/":
        return [tokens[at]]
    if tokens[at].text == "," and at + 1 < len(tokens) and (tokens[at + 1].kind == "form" or tokens[at + 1].plain in OTHER_NAME):
        return [tokens[at]]
    if tokens[at].text == "(":
        for closing in range(at + 2, min(at + 6, len(tokens) - 1)):
            inside = tokens[at + 1 : closing]
            if tokens[closing].text == ")" and all(token.kind in {"name", "form"} for token in inside):
                return (
                    tokens[at : closing + 1]
                    if tokens[closing + 1].kind in {"name", "form"} or tokens[closing + 1].text == ","
                    else []
                )
    return []
