"""Whose law governs: states, provinces and countries near the word law."""

import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.gazetteer import jurisdiction_of, jurisdiction_pattern
from tasks.annotation.schema import FieldSpec

REACH_BEFORE, REACH_AFTER = 60, 170  # characters around "law" in which a name is looked for

_LAW = re.compile(r"\b(?:laws?|legislation|statutes|code)\b", re.IGNORECASE)
_BEFORE = {
    "governed": re.compile(r"\b(?:govern(?:ed|s|ing)?)\b[^;]{0,250}$", re.IGNORECASE | re.DOTALL),
    "construed": re.compile(r"\b(?:constru\w+|interpret\w+|enforce\w*|determined)\b[^;]{0,200}$", re.IGNORECASE | re.DOTALL),
    "accordance": re.compile(
        r"\b(?:accordance\s+with|subject\s+to|pursuant\s+to|under|by)\b[^;]{0,60}$", re.IGNORECASE | re.DOTALL
    ),
    "laws_of": re.compile(r"\blaws?\s+(?:in\s+force\s+)?(?:of|in)\s+(?:the\s+)?(?:\w+\s+){0,4}$", re.IGNORECASE),
    "state_of": re.compile(r"\b(?:state|commonwealth|province|republic|country|kingdom|territory)\s+of\s+$", re.IGNORECASE),
    "organized": re.compile(
        r"\b(?:organi[sz]ed|incorporated|existing|formed|established|chartered|registered|corporation|company|created|domiciled)\b[^.;]{0,90}$",
        re.IGNORECASE,
    ),
    "and": re.compile(r"\b(?:and|or)\b[^.;]{0,25}$", re.IGNORECASE),
    "courts": re.compile(
        r"\b(?:courts?|venue|jurisdiction|arbitrat\w+|resident|license[ds]?|office|located)\b[^.;]{0,80}$", re.IGNORECASE
    ),
    "agreement": re.compile(r"\b(?:agreement|contract)\b[^;]{0,200}$", re.IGNORECASE | re.DOTALL),
    "conflict": re.compile(
        r"\b(?:conflicts?|choice|other\s+than|except|without\s+regard|principles)\b[^;.]{0,80}$", re.IGNORECASE
    ),
    "federal": re.compile(
        r"\b(?:federal|securities|bankruptcy|tax|copyright|patent|antitrust|privacy)\s+(?:\w+\s+)?laws?\b[^.;]{0,60}$",
        re.IGNORECASE,
    ),
    "heading": re.compile(
        r"\b(?:governing\s+law|applicable\s+law|choice\s+of\s+law|law\s+and\s+jurisdiction)\b[^;]{0,300}$",
        re.IGNORECASE | re.DOTALL,
    ),
}
_AFTER = {
    "law_follows": re.compile(r"\s+(?:state\s+)?laws?\b", re.IGNORECASE),
    "conflict_follows": re.compile(r"[^;]{0,160}\b(?:conflicts?|choice)\b", re.IGNORECASE | re.DOTALL),
    "regard_follows": re.compile(
        r"[^;]{0,60}\b(?:without|regardless|excluding|exclusive|irrespective|applicable|as\s+applied)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "governs_follows": re.compile(r"[^.;]{0,60}\b(?:shall|will)?\s*(?:govern|control|apply)", re.IGNORECASE),
    "place_follows": re.compile(r"[\s,]{1,3}(?:and\s+(?:the\s+)?)?(?:[A-Z]\w+)"),
    "ends": re.compile(r"\s*[.;]"),
}
_WEIGHTS = {
    "governed": 0.4, "construed": 0.2, "laws_of": 0.15, "law_follows": 0.1, "heading": 0.15, "conflict_follows": 0.1,
    "governs_follows": 0.15, "organized": -0.4, "courts": -0.1, "conflict": -0.2, "federal": -0.2,
}  # fmt: skip


def find_jurisdictions(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Names near "law" in the order of the text; the value is the name of the state, province or country."""
    text, pattern = document.text, jurisdiction_pattern()
    done = 0
    for law in _LAW.finditer(text):
        reach = max(law.start() - REACH_BEFORE, done), min(law.end() + REACH_AFTER, len(text))
        for name in pattern.finditer(text, *reach) if reach[0] < reach[1] else ():
            if text[name.start()].isupper() and name.end() < reach[1]:
                yield _judged(text, name.start(), name.end())
                done = name.end()


def _judged(text: str, start: int, end: int) -> Found:
    before, after = text[max(start - 320, 0) : start], text[end : end + 180]
    cues = [name for name, pattern in _BEFORE.items() if pattern.search(before)]
    cues += [name for name, pattern in _AFTER.items() if pattern.match(after)]
    score = 0.15 + sum(weight for cue, weight in _WEIGHTS.items() if cue in cues)
    return Found(start, end, jurisdiction_of(text[start:end]), round(min(max(score, 0.01), 0.99), 3), " ".join(cues))
