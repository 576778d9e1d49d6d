"""A text with what several sources ask of it, computed once."""

import bisect
import functools
import re
from dataclasses import dataclass

_HEADING = re.compile(r"^#{1,6} +(?P<title>\S.*?)[ \t]*#*$", re.MULTILINE)


@dataclass(frozen=True)
class TextDocument:
    """The normalized text of a document part (Markdown where the format had structure). language: ISO 639-1 or None."""

    text: str
    language: str | None = None

    @functools.cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offset of the first character of every line."""
        return (0, *(found.end() for found in re.finditer("\n", self.text)))

    def line_of(self, offset: int) -> int:
        """0-based number of the line in which a character stands."""
        return bisect.bisect_right(self.line_starts, offset) - 1

    @functools.cached_property
    def headings(self) -> tuple[tuple[int, int, str], ...]:
        """(start, end, title) of the Markdown headings; start and end enclose the title."""
        return tuple((found.start("title"), found.end("title"), found["title"]) for found in _HEADING.finditer(self.text))

    def heading_before(self, offset: int) -> str | None:
        """Title of the last heading that begins before a character."""
        at = bisect.bisect_left([start for start, _, _ in self.headings], offset) - 1
        return self.headings[at][2] if at >= 0 else None
