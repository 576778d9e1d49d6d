"""Complete dates anywhere in the text, with what stands around them."""

import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.windows import windows_of
from tasks.annotation.normalizers.dates import dates_in
from tasks.annotation.schema import FieldSpec

_BEFORE = {
    "dated": re.compile(r"\bdated?\b(?:\s+(?:as\s+of|this|the|on|effective))*[\s:,\"“*|_]*$", re.IGNORECASE),
    "as_of": re.compile(r"\bas\s+(?:of|from)(?:\s+the|\s+this)?[\s:,]*$", re.IGNORECASE),
    "made": re.compile(r"\b(?:made|entered|executed|concluded|signed|agreed|granted)\b[^.;]{0,70}$", re.IGNORECASE),
    "this_day": re.compile(r"\bthis\s*$", re.IGNORECASE),
    "effective": re.compile(r"\beffective\b[^.;]{0,50}$", re.IGNORECASE),
    "on": re.compile(r"\bon(?:\s+the|\s+this)?\s*$", re.IGNORECASE),
    "agreement": re.compile(r"\b(?:agreement|contract|amendment)\b[^.;]{0,80}$", re.IGNORECASE),
    "between": re.compile(r"\b(?:between|among)\b[^.;]{0,200}$", re.IGNORECASE),
    "other_document": re.compile(
        r"\b(?:certain|that|the)\s[^.;]{0,80}\b(?:agreement|lease|plan|note|letter|license|statement|act)\b[^.;]{0,40}$",
        re.IGNORECASE,
    ),
    "amends": re.compile(
        r"\b(?:amend(?:s|ed|ment)?|supplement\w*|restate\w*|pursuant|registration|filed)\b[^.;]{0,100}$", re.IGNORECASE
    ),
    "begins_or_ends": re.compile(
        r"\b(?:until|through|expir\w+|terminat\w+|commenc\w+|begin\w+|end\w*|ending|by|before|after|since|prior|deadline|to)\b[^.;]{0,25}$",
        re.IGNORECASE,
    ),
    "date_label": re.compile(r"\bdate\s*[|:]?\s*[\"”*_|]*\s*:?\s*$", re.IGNORECASE),
    "signature": re.compile(r"(?:/s/|\bBy:|\bTitle:|\bName:|Its:)[^\n]{0,120}$"),
    "source_line": re.compile(
        r"\b(?:10-[KQ]\w*|8-K\w*|S-\d\w*|F-\d\w*|20-F\w*|source|page|rev(?:ised|ision)?|version|printed)\b[^\n]{0,40}$",
        re.IGNORECASE,
    ),
    "line_begins": re.compile(r"(?:^|\n)[\s*#|>_]*$"),
}
_AFTER = {
    "named_effective": re.compile(
        r"[\s,]{0,3}\(?\s*(?:the|hereinafter)?[^()\"“”\n]{0,40}[\"“']\s*(?:effective|execution|agreement|commencement|closing|start|signing)",
        re.IGNORECASE,
    ),
    "named": re.compile(r"[\s,]{0,3}\(\s*(?:the|hereinafter|this)?[^()\"“”\n]{0,40}[\"“']", re.IGNORECASE),
    "between_follows": re.compile(r"[^.;]{0,120}\b(?:between|among)\b", re.IGNORECASE),
    "by_follows": re.compile(r"[\s,]*(?:\([^()]{0,60}\)[\s,]*)?(?:is\s+(?:made|entered)[^.;]{0,30})?\bby\b", re.IGNORECASE),
    "line_ends": re.compile(r"[ \t*_|]*(?:\n|$)"),
}
_SIGNED = re.compile(r"/s/|\bBy:|\bTitle:|\bName:|\bIts:|\b[Ss]ignature\b|\bDate:?\s*$|_{8,}|-{8,}")
_WEIGHTS = {
    "dated": 0.25, "as_of": 0.2, "made": 0.3, "this_day": 0.15, "effective": 0.1, "between_follows": 0.25, "agreement": 0.1,
    "named_effective": 0.2, "date_label": 0.1, "amends": -0.3, "other_document": -0.1, "begins_or_ends": -0.2,
    "source_line": -0.4,
}  # fmt: skip
_BLANK = re.compile(r"\b(?:day\s+of|dated?|as\s+of|on|this|effective)\b[^.;\n]{0,30}(?:_{3,}|\[[\s_●•*·]{0,12}\])", re.IGNORECASE)


def find_dates(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Dates in the order of the text; the value is the ISO day. In languages but English, 3/4/2001 is a day in April."""
    text = document.text
    own = [cue.casefold() for cue in (*field.cues, *field.labels)]
    windows = windows_of(document)
    dates = list(dates_in(text, day_first=document.language not in {None, "en"}))
    last_signed = max((date.value for date in dates if _SIGNED.search(text, max(date.start - 200, 0), date.start)), default=None)
    blank = _BLANK.search(text, 0, windows[0].end if windows else 0)
    for found in dates:
        before, after = text[max(found.start - 220, 0) : found.start], text[found.end : found.end + 160]
        cues = [name for name, pattern in _BEFORE.items() if pattern.search(before)]
        cues += [name for name, pattern in _AFTER.items() if pattern.match(after)]
        close = " ".join(before[-60:].casefold().split()).rstrip(" :*|_")
        if any(close.endswith(cue) for cue in own):
            cues.append("own_cue")
        if found.value == last_signed and _SIGNED.search(text, max(found.start - 200, 0), found.start):
            cues.append("last_signed")
        if blank:
            cues.append("blank_date")
        kind = next((window.kind for window in windows if window.start <= found.start < window.end), None)
        cues += [kind] if kind else []
        score = 0.15 + sum(weight for cue, weight in _WEIGHTS.items() if cue in cues) + 0.35 * ("own_cue" in cues)
        score += {"head": 0.2, "preamble": 0.05, "closing": -0.05}.get(kind or "", -0.2)
        yield Found(found.start, found.end, found.value, round(min(max(score, 0.01), 0.99), 3), " ".join(cues))
