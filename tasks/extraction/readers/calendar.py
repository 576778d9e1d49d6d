"""Calendars (RFC 5545) and contact cards (RFC 6350): what is said in them, as lines of names and values."""

import re
from collections.abc import Iterable, Iterator

from tasks.extraction.reading import LimitError, Part, Source
from tasks.extraction.settings import ExtractionSettings
from tasks.extraction.texts import cut_pieces, decode_pieces, text_lines

_NAMES = {
    **{"SUMMARY": "Summary", "DESCRIPTION": "Description", "LOCATION": "Location", "DTSTART": "Start", "DTEND": "End"},
    **{"COMMENT": "Comment", "CATEGORIES": "Categories", "DUE": "Due", "RRULE": "Repeats", "ORGANIZER": "Organizer"},
    **{"FN": "Name", "ORG": "Organization", "TITLE": "Title", "ROLE": "Role", "NOTE": "Note", "EMAIL": "Email", "TEL": "Phone"},
    **{"ADR": "Address", "BDAY": "Birthday", "URL": "URL", "NICKNAME": "Nickname"},
}
_PROPERTY = re.compile(r"(?:[\w-]{1,60}\.)?([A-Za-z-]{1,60})((?:;[^:;\"]{0,200}(?:\"[^\"]{0,200}\")?){0,20}):(.*)$", re.DOTALL)
_ESCAPE = re.compile(r"\\([\\,;nN])")
_LONGEST = 32 * 1024 * 1024  # characters of one property: cards hold pictures


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a calendar or contact cards; identifiers, time zones and pictures are no text."""
    with source.view() as view:
        lines = _described(_unfolded(text_lines(decode_pieces(view, source.encoding))))
        for text in cut_pieces(lines, settings.part_characters):
            yield Part(text)


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    waiting: list[str] = []
    size = 0
    for line in lines:
        if line[:1] in (" ", "\t"):
            waiting.append(line[1:])
            size += len(line)
            if size > _LONGEST:
                raise LimitError(f"a property of more than {_LONGEST} characters")
            continue
        yield "".join(waiting)
        waiting, size = [line], len(line)
    yield "".join(waiting)


def _described(lines: Iterable[str]) -> Iterator[str]:
    inside: list[str] = []
    for line in lines:
        found = _PROPERTY.match(line)
        if found is None:
            continue
        name, value = found.group(1).upper(), found.group(3)
        if name == "BEGIN":
            inside = [*inside[-20:], value.strip().upper()]
            yield "\n"
        elif name == "END":
            inside = inside[:-1]
        elif name in _NAMES and not {"VTIMEZONE", "VALARM"} & set(inside):
            text = _ESCAPE.sub(lambda each: "\n" if each.group(1) in "nN" else each.group(1), value).strip("; \n")
            if text:
                yield f"{_NAMES[name]}: {text}\n"
