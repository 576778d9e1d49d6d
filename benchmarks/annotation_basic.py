"""The naive annotator that the project's is compared with: first match per field, as a quick extractor does it. Frozen.

- document name: the first line that has a letter;
- agreement date: the first date in the text, written with the month's name or in figures;
- governing law: the first state or country after the first "laws of";
- party: the first two runs of capitalized words that end in a legal form.
"""

import re

from tasks.annotation.normalizers.dates import dates_in

_LINE = re.compile(r"[^\n]*[A-Za-z][^\n]*")
_LAWS_OF = re.compile(r"laws\s+of\s+(?:the\s+)?(?:(?:State|Commonwealth|Province|Republic)\s+of\s+)?([A-Z]\w+(?:\s+[A-Z]\w+)?)")
_COMPANY = re.compile(
    r"(?:[A-Z][\w&.'-]*\s+){1,6}?(?:Inc|INC|Corp|CORP|Corporation|CORPORATION|LLC|Ltd|LTD|Limited|LIMITED|GmbH|Company|COMPANY)\b\.?"
)
PARTIES = 2


def annotate_naively(text: str) -> dict[str, list[str]]:
    """Values per field; dates as ISO days."""
    line = _LINE.search(text)
    date = next(dates_in(text[:100_000]), None)
    laws = _LAWS_OF.search(text)
    companies = dict.fromkeys(found[0] for found in _COMPANY.finditer(text[:20_000]))
    return {
        "document_name": [line[0].strip()] if line else [],
        "agreement_date": [date.value] if date else [],
        "governing_law": [laws[1]] if laws else [],
        "party": list(companies)[:PARTIES],
    }
