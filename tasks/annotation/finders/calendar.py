"""Every complete date of a text, whatever it is the date of."""

import functools
import re
from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.cues import cue_before
from tasks.annotation.normalizers.dates import dates_in
from tasks.annotation.schema import FieldSpec

CUE_REACH = 3  # characters between a cue and its date
DEFINITION_REACH = 80  # characters behind a date in which it is given a name
_BETWEEN = " \t:*_|\n"


def find_date(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Dates with their ISO days. Of a field with cues, one right before a date makes it sure and others are hardly likely.

    Surest is a date that the text itself names with a label of the field: `May 1, 2020 (the "Effective Date")`. In languages but
    English, 3/4/2001 is a day in April.
    """
    text = document.text
    named = _named(field.labels)
    for found in dates_in(text, day_first=document.language not in {None, "en"}):
        if named and (name := named.match(text, found.end, found.end + DEFINITION_REACH)):
            yield Found(found.start, found.end, found.value, 0.9, name["label"])
            continue
        cue = cue_before(text, found.start, field.cues)
        before = text[max(found.start - len(cue) - CUE_REACH, 0) : found.start]
        near = bool(cue) and before.rstrip(_BETWEEN).casefold().endswith(cue.casefold())
        yield Found(found.start, found.end, found.value, 0.7 if near or not field.cues else 0.2, cue if near else "")


@functools.lru_cache(maxsize=64)
def _named(labels: tuple[str, ...]) -> re.Pattern[str] | None:
    """What stands behind a value that is given one of the names, in brackets or quotation marks; None without names."""
    if not labels:
        return None
    names = "|".join(re.escape(label) for label in sorted(labels, key=lambda label: (-len(label), label)))
    return re.compile(
        rf"[\s,]{{0,3}}\(?[^()\"\u201c\u201d\n]{{0,40}}[\"\u201c'\u201e\u00ab]\s?(?P<label>{names})\s?[\"\u201d'\u201c\u00bb]",
        re.IGNORECASE,
    )
