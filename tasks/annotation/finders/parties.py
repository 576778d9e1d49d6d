"""Parties of an agreement: names in its head, its preamble and its signature blocks.

High recall: a run of capitalized words gives a candidate for each place at which a name may begin or end; which of them is the
name is for the ranker. The cue lists what speaks for a candidate.
"""

import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.names import CLOSING_FORMS, OTHER_NAME, Token, runs_of, tokens_of
from tasks.annotation.finders.party_confidence import DOUBTFUL, confidence_of
from tasks.annotation.finders.vocabulary import words
from tasks.annotation.finders.windows import Window, windows_of
from tasks.annotation.schema import FieldSpec

MOST_WORDS = 16  # of a name
WIDE_GAP = 3  # spaces; columns of a layout stand that far apart
MOST_OF_RUN = 80  # candidates

_ROLES = words("agreement_roles")
_AFTER = {
    "alias": re.compile(
        r"[\s,]{0,3}\(\s*(?:(?:the|hereinafter|hereafter|herein|each|collectively|individually|together|referred|as|an?|to)\b[^()\"“”']{0,60})?[\"“”'\u2018]"
    ),
    "kind": re.compile(
        r"[\s,]{0,3}\(?(?:an?|as|the)\s+(?:[\w.&'\u2019-]+\s+){0,6}?\(?(?:corporation|company|compan|limited|partnership|individual|resident|trust|bank|"
        r"association|organi[sz]ation|non-?profit|not-for-profit|university|institution|entity|subsidiary|business|firm|proprietorship|citizen)",
        re.IGNORECASE,
    ),
    "organized": re.compile(
        r"[\s,]{0,3}(?:duly\s+)?(?:a\s+\w+\s+)?(?:organi[sz]ed|incorporated|registered|existing|established|formed)\b",
        re.IGNORECASE,
    ),
    "seat": re.compile(
        r"[\s,]{0,3}(?:with|having|located|whose|of|at|residing|acting|through|by\s+and\s+through)\s+(?:\w+\s+){0,3}?(?:its|an?|his|her|offices?|address|principal|place|registered|at|in|\d+)\b",
        re.IGNORECASE,
    ),
    "and": re.compile(r"[\s,;.]{0,3}and\b", re.IGNORECASE),
    "signs": re.compile(r"[\s,.:_*-]{0,12}(?:/s/|By\b|BY\b|Per:|Signature|Name:|SIGNED|Signed|Title:|Its:)"),
    "other": re.compile(
        r"[\s,]{0,3}(?:d/b/a|dba|doing\s+business|f/k/a|formerly|a/k/a|also\s+known|on\s+behalf)\b", re.IGNORECASE
    ),
    "hereinafter": re.compile(r"[^()]{0,90}\(?\s*(?:hereinafter|hereafter)\b", re.IGNORECASE),
    "farther": re.compile(r"[^\"“”()]{0,260}\(\s*[^()\"“”]{0,60}[\"“”]"),
}
_BEFORE = {
    "between": re.compile(r"(?:between|among|amongst)\s*:?\s*(?:\(?[\w]{1,3}[).]\s*)?(?:the\s+)?$", re.IGNORECASE),
    "and_before": re.compile(r"\band\s*:?\s*(?:\(?[\w]{1,3}[).]\s*)?(?:the\s+)?$", re.IGNORECASE),
    "colon": re.compile(r":\s*$"),
    "label": re.compile(
        r"(?:licensor|licensee|company|customer|supplier|distributor|buyer|seller|franchisor|franchisee|consultant|sponsor|contractor|agent|client|party\s+\w)\s*[)\"”]*\s*:\s*[\"“]?$",
        re.IGNORECASE,
    ),
    "line": re.compile(r"(?:^|\n)[\s*#|>]*$"),
    "numbered": re.compile(r"\(?\b[a-z0-9]{1,3}[).]\s*$", re.IGNORECASE),
    "comma": re.compile(r"[,;]\s*$"),
    "by": re.compile(r"\b(?:by|with|from|to|for)\s*$", re.IGNORECASE),
    "article": re.compile(r"\ban?\s*$", re.IGNORECASE),
    "the": re.compile(r"\bthe\s*$", re.IGNORECASE),
}
_BEFORE |= {
    "relation": re.compile(
        r"\b(?:division|subsidiary|subsidiaries|affiliate|series|parent|member|shareholder|successor|unit|agent|administrator|trustee|director|owner|"
        r"advis[eo]r|partner|holder|name|trademark|team|brand)s?\s+(?:of|for|to|in)\s+(?:the\s+)?$",
        re.IGNORECASE,
    ),
    "represents": re.compile(r"\b(?:on\s+)?behalf\s+of\s+(?:the\s+)?$", re.IGNORECASE),
    "filing": re.compile(r"\bsource:\s*$", re.IGNORECASE),
}
_BETWEEN = re.compile(r"\b(?:between|among)\b", re.IGNORECASE)
_RECITALS = re.compile(
    r"\bWHEREAS\b|W\s*I\s*T\s*N\s*E\s*S\s*S\s*E\s*T\s*H|\bRECITALS?\b|\bBACKGROUND\b|\bNOW,?\s+THEREFORE\b|agree[sd]?\s+as\s+follows|\bWhereas\b|\bRecitals?\b"
    r"|\n\s*1\.\s|ARTICLE\s+[1I]\b|TABLE\s+OF\s+CONTENTS"
)
LONGEST_PREAMBLE = 3000  # characters


def find_parties(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Names of parties, in the order of the text."""
    preambles = _preambles(document)
    sure = 0
    for window in windows_of(document):
        for run in runs_of(tokens_of(document.text, window.start, window.end), document.text):
            for first, last in _cuts(run):
                tokens = run[first : last + 1]
                if tokens[-1].end - tokens[0].start > field.max_length:
                    continue
                if found := _judged(document.text, tokens, window, preambles, sure):
                    sure += found.confidence > DOUBTFUL and "in_preamble" in found.cue
                    yield found


def _preambles(document: TextDocument) -> list[tuple[int, int]]:
    """From each "between" in a window to the recitals that follow it."""
    parts = []
    for window in windows_of(document):
        at = window.start
        while window.kind != "closing" and (between := _BETWEEN.search(document.text, at, window.end)):
            recitals = _RECITALS.search(document.text, between.end(), between.end() + LONGEST_PREAMBLE)
            parts.append((between.end(), recitals.start() if recitals else between.end() + 1000))
            at = parts[-1][1]
    return parts


def _cuts(run: list[Token]) -> list[tuple[int, int]]:
    """First and last token of the names that a run may hold."""
    starts = [at for at, token in enumerate(run) if _may_begin(run, at)]
    ends = [at for at, token in enumerate(run) if _may_end(run, at)]
    pairs = [
        (first, last) for first in starts for last in ends if first <= last < first + MOST_WORDS and not _several(run[first:last])
    ]
    return pairs[:MOST_OF_RUN]


def _several(tokens: list[Token]) -> bool:
    """Whether a legal form that closes a name is followed by more words of a name than another form: those are two names."""
    return any(
        token.plain in CLOSING_FORMS
        and at
        and tokens[at - 1].kind != "joining"
        and at + 1 < len(tokens)
        and tokens[at + 1].kind in {"name", "joining"}
        and tokens[at + 1].plain not in OTHER_NAME
        for at, token in enumerate(tokens)
    )


def _may_begin(run: list[Token], at: int) -> bool:
    token = run[at]
    before = run[at - 1] if at else None
    if token.plain == "the" and token.text[0] == "T":
        return True
    if token.kind not in {"name", "form"}:
        return False
    if before is None or before.kind in {"joining", "line", "form"} or before.text in ",&)" or before.plain in _ROLES:
        return True
    return token.start - before.end >= WIDE_GAP or (token.text.isupper() and len(token.text) > 1 and not before.text.isupper())


def _may_end(run: list[Token], at: int) -> bool:
    token = run[at]
    after = run[at + 1] if at + 1 < len(run) else None
    if token.kind not in {"name", "form"} and token.text != ")":
        return False
    if token.kind == "form" or after is None or after.kind in {"joining", "line"} or after.text in ",(":
        return True
    return after.start - token.end >= WIDE_GAP


def _judged(text: str, tokens: list[Token], window: Window, preambles: list[tuple[int, int]], sure: int) -> Found | None:
    """A candidate with its cues, None for single words that nothing speaks for. sure: names in the preamble before that are."""
    start, end = tokens[0].start, tokens[-1].end
    before, after = text[max(start - 40, 0) : start], text[end : end + 400]
    cues = [name for name, pattern in _BEFORE.items() if pattern.search(before)]
    cues += [name for name, pattern in _AFTER.items() if pattern.match(after)]
    if tokens[-1].kind == "form":
        cues.append("form")
        if tokens[-1].plain in CLOSING_FORMS:
            cues.append("closed")
    if sum(token.plain in CLOSING_FORMS for token in tokens[:-1]) and not (len(tokens) > 1 and tokens[-2].plain in CLOSING_FORMS):
        cues.append("several")
    if len(tokens) > 1 and tokens[0].plain in _ROLES:
        cues.append("begins_with_role")
    if inside := [number for number, (begins, ends) in enumerate(preambles) if begins <= start < ends]:
        cues += ["in_preamble", *(["first_preamble"] if inside[0] == 0 else [])]
    words = sum(token.kind in {"name", "form"} for token in tokens)
    if words == 1 and not {"alias", "between", "kind", "label", "signs", "and_before"} & set(cues):
        return None
    cues.append(window.kind)
    confidence = confidence_of(frozenset(cues), tokens, text, bool(preambles), sure)
    return Found(start, end, None, confidence, " ".join(cues))
