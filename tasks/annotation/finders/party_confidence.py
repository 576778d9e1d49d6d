"""How likely a candidate is a party to an agreement where no ranker says so: by its shape, place and what stands around it."""

import functools
import re
from collections.abc import Sequence

from tasks.annotation.finders.gazetteer import jurisdiction_of
from tasks.annotation.finders.names import Token
from tasks.annotation.finders.vocabulary import words

DOUBTFUL = 0.45  # at most, where something that makes a party is missing: too little for a field with many values
ENOUGH_IN_PREAMBLE = 2  # names; where a preamble names so many, signature blocks add no more
DEFINED_REACH = 20_000  # characters in which an agreement says what it calls whom
_WEIGHTS = {
    "alias": 0.35,
    "kind": 0.3,
    "organized": 0.2,
    "seat": 0.15,
    "between": 0.3,
    "and_before": 0.15,
    "form": 0.2,
    "hereinafter": 0.1,
    "relation": -0.2,
    "closing": -0.3,
}
_ROLES = words("agreement_roles")
_NO_NAMES = _ROLES | words("agreement_defined")
_DEFINED = re.compile(r"[\"“](?:the )?([^\"“”]{1,40}?)[,.]?[\"”]", re.IGNORECASE)


def confidence_of(cues: frozenset[str], tokens: Sequence[Token], text: str, has_preamble: bool, sure: int) -> float:
    """0.01 to 0.99. cues: of the candidate (parties). has_preamble: whether the text has one. sure: names that are parties for
    certain and stand before, in a preamble."""
    formal = "form" in cues
    score = 0.1 + sum(weight for cue, weight in _WEIGHTS.items() if cue in cues) - 0.3 * bool({"several", "article"} & cues)
    if formal and cues & {"signs", "represents"} and not any(token.plain in _ROLES for token in tokens):
        in_closing = 0.5 if sure < ENOUGH_IN_PREAMBLE else 0.0
        score += in_closing if "closing" in cues else 0.3
    if "closed" in cues and cues & {"label", "colon"}:
        score += 0.25
    if formal and has_preamble and not cues & {"in_preamble", "signs", "represents", "label", "colon", "line"}:
        score -= 0.2  # whom the recitals tell of
    if "filing" in cues or not _has_place(cues, formal) or _is_no_name(tokens, text):
        score = min(score, DOUBTFUL)
    return round(min(max(score, 0.01), 0.99), 3)


def _has_place(cues: frozenset[str], formal: bool) -> bool:
    """Whether a candidate has a legal form, or stands where the parties of an agreement stand; one behind a comma is mostly the
    end of an address."""
    if formal or "label" in cues:
        return True
    named = "in_preamble" in cues and cues & {"kind", "organized", "between", "and_before"}
    return bool(named) and ("comma" not in cues or "kind" in cues)


def _is_no_name(tokens: Sequence[Token], text: str) -> bool:
    """Whether words are what the agreement calls somebody or something ("the Company"), a place, cells of a table, end in a
    number (of an address), or hold no name: nothing but roles, legal forms and small words ("Licensee and the Licensor",
    "Inc."), or that behind "of the" or "and the" ("Board of Directors of the Company")."""
    defined = _defined_terms(text)
    plain = [token.plain for token in tokens]
    plain = plain[1:] if plain[0] == "the" else plain
    first = " ".join(plain[: plain.index("and")]) if "and" in plain else ""
    if " ".join(plain) in defined or first in defined | _ROLES or plain[-1][-1:].isdigit():
        return True
    behind = [at + 1 for at in range(1, len(tokens)) if tokens[at].plain == "the" and tokens[at - 1].plain in {"and", "of"}]
    if not any(map(_tells, tokens[max(behind, default=0) :])) or "\t" in text[tokens[0].start : tokens[-1].end]:
        return True
    return jurisdiction_of(" ".join(token.text for token in tokens)) is not None


def _tells(token: Token) -> bool:
    """Whether a word may be of a name of its own."""
    return (
        token.kind == "name"
        and token.plain.removesuffix("'s").removesuffix("\u2019s") not in _NO_NAMES
        and sum(map(str.isalpha, token.text)) > 1
    )


@functools.lru_cache(maxsize=4)
def _defined_terms(text: str) -> frozenset[str]:
    """What stands in quotation marks, as Token.plain has it."""
    found = _DEFINED.findall(text, 0, DEFINED_REACH)
    return frozenset(" ".join(term.casefold().replace(".", "").split()) for term in found) - {""}
