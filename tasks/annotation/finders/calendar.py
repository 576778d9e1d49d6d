"""Every complete date of a text, whatever it is the date of."""

from collections.abc import Iterator

from tasks.annotation.candidates import Found
from tasks.annotation.document import TextDocument
from tasks.annotation.finders.cues import cue_before
from tasks.annotation.normalizers.dates import dates_in
from tasks.annotation.schema import FieldSpec

CUE_REACH = 3  # characters between a cue and its date
_BETWEEN = " \t:*_|\n"


def find_date(document: TextDocument, field: FieldSpec) -> Iterator[Found]:
    """Dates with their ISO days. Of a field with cues, one right before a date makes it sure and others are hardly likely.

    In languages but English, 3/4/2001 is a day in April.
    """
    for found in dates_in(document.text, day_first=document.language not in {None, "en"}):
        cue = cue_before(document.text, found.start, field.cues)
        before = document.text[max(found.start - len(cue) - CUE_REACH, 0) : found.start]
        near = bool(cue) and before.rstrip(_BETWEEN).casefold().endswith(cue.casefold())
        yield Found(found.start, found.end, found.value, 0.7 if near or not field.cues else 0.2, cue if near else "")
