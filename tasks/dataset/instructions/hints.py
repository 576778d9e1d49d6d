"""Weak evidence that a field stands in a passage although no rule found it there: then nobody says that it does not."""

import functools
import re
from collections.abc import Sequence

from tasks.dataset.instructions.material import Field, Span

_MONTHS = (
    r"jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|enero|febrero|marzo|abril|mayo|septiembre|diciembre|janv|f[eé]vr|avril"
    r"|juin|juil|ao[uû]t|gennaio|giugno|luglio|ottobre|dicembre"
)
# What a value of a type looks like, however it is written: more than any rule takes for one.
_SHAPES = {
    "date": re.compile(
        rf"\b\d{{1,4}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{2,4}}\b|\b(?:{_MONTHS})[^\W\d]{{0,8}}\.?,?\s+\d|\d[^\W\d]{{0,2}}\.?\s+(?:of\s+|de\s+)?"
        rf"(?:{_MONTHS})|\b\d{{1,2}}(?:st|nd|rd|th)?\s+day\s+of\b",
        re.IGNORECASE,
    ),
    "money": re.compile(
        r"[$€£¥]\s?\d|\d\s?[€£¥]|\b(?:EUR|USD|GBP|CHF|CAD|AUD|JPY)\s?\d|\d\s?(?:EUR|USD|GBP|CHF|dollars|euros?)\b", re.I
    ),
    "party": re.compile(
        r"\b(?:Inc|INC|L\.?L\.?C|Ltd|LTD|Limited|LIMITED|Corp|CORP|Corporation|CORPORATION|L\.?L\.?P|L\.P|PLC|plc|GmbH|AG|KG|S\.?A|B\.?V"
        r"|N\.?V|S\.?r\.?l|SARL|SAS|Bank|BANK|University|UNIVERSITY)\b(?!\s*[\"”])"
    ),
    "place": re.compile(
        r"\bgovern(?:ed|ing)\b[^.;]{0,80}\blaws?\b|\blaws?\s+of\b|\b\w+\s+law\s+(?:shall|will)\s+govern", re.IGNORECASE
    ),
}
_WORDS_OF_A_CUE = 2  # at least; single words such as `and` hint at nothing


def hinted(field: Field, passage: Span, text: str, annotated: Sequence[Span]) -> bool:
    """Whether a passage has a label or cue of a field, or a value of its type that is no value of another field.

    annotated: what any field was found at, in order of the text.
    """
    phrases = _phrases(field.labels, field.cues)
    return bool(phrases and phrases.search(text, *passage)) or unexplained(field, passage, text, annotated)


def unexplained(field: Field, passage: Span, text: str, annotated: Sequence[Span]) -> bool:
    """Whether something in a passage has the shape of the field's type and is nothing that was found: a list of the values that
    were found may be incomplete."""
    shape = _SHAPES.get(field.type)
    return shape is not None and any(
        not any(left < found.end() and found.start() < right for left, right in annotated)
        for found in shape.finditer(text, *passage)
    )


@functools.lru_cache(maxsize=256)
def _phrases(labels: tuple[str, ...], cues: tuple[str, ...]) -> re.Pattern[str] | None:
    """Any of the cues and labels of several words, or a label of one before a colon."""
    several = sorted({" ".join(phrase.split()) for phrase in (*labels, *cues) if len(phrase.split()) >= _WORDS_OF_A_CUE})
    single = sorted({label for label in labels if len(label.split()) == 1})
    parts = [re.escape(phrase).replace(r"\ ", r"\s+") for phrase in several]
    parts += [rf"{re.escape(label)}\s{{0,3}}[:|]" for label in single]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE) if parts else None
