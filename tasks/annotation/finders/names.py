"""Runs of words that may be a name, and where a name may begin and end in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Legal forms of companies, without periods, in lowercase.
LEGAL_FORMS = frozenset(
    "inc incorporated corp corporation co company llc lc ltd limited lp llp lllp plc pllc pc gmbh ag kg kgaa ohg ug se sa sas sarl sàrl "
    "srl spa bv nv ab as asa aps a/s oy oyj kft zrt doo spzoo sro pte pty bhd sdn pvt kk ltda cv eirl trust bank fund na gie ulc "
    "partnership foundation university association bancorp holdings group".split()
)
# Those that end a name for certain.
CLOSING_FORMS = LEGAL_FORMS - frozenset("co company trust bank fund partnership foundation university association holdings group as se".split())
JOINING = frozenset("of and the for de la le du des di da do del der den von van zu und et e y & in on at to a an with".split())
_JOINING_MARKS = frozenset(["d/b/a", "dba", "f/k/a", "a/k/a", "fka", "-", "–"])
_BREAKING = frozenset(
    "this that these between among amongst whereas witnesseth by is are was were be been shall will may hereby herein hereinafter "
    "agreement agreements contract dated date effective entered made page exhibit schedule appendix recitals background preamble "
    "definitions section article now therefore if when which who whose its their your our we you it he she as such each either "
    "both all any no not other others name title its attn attention address tel fax telephone source table contents "
    "january february march april june july august september october november december".split()
)
_ABBREVIATIONS = frozenset("inc corp co ltd llc lp llp no st dr mr mrs ms jr sr esq plc bros mfg intl dept ass'n assoc bhd pty pte pvt sdn".split())

_TOKEN = re.compile(r"[^\W_]\w*(?:[.'’&/@+*-]\w+)*\.?|\n\s*\n|\n|[^\s\w]|_+")


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
    elif plain in _BREAKING:
        kind = "break"
    elif plain in JOINING or plain in _JOINING_MARKS:
        kind = "joining"
    elif plain in LEGAL_FORMS and not first.islower():
        kind = "form"
    elif first.isalnum():
        named = any(letter.isupper() for letter in text) or first.isdigit() or "." in text[1:-1]
        kind = "name" if named else "break"
    else:
        kind = "mark" if text in "(),.&" else "break"
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
    if tokens[at].text == "&":
        return [tokens[at]]
    if tokens[at].text == "," and at + 1 < len(tokens) and (tokens[at + 1].kind == "form" or tokens[at + 1].plain in _JOINING_MARKS):
        return [tokens[at]]
    if tokens[at].text == "(":
        for closing in range(at + 2, min(at + 6, len(tokens) - 1)):
            inside = tokens[at + 1 : closing]
            if tokens[closing].text == ")" and all(token.kind in {"name", "form"} for token in inside):
                return tokens[at : closing + 1] if tokens[closing + 1].kind in {"name", "form"} or tokens[closing + 1].text == "," else []
    return []
