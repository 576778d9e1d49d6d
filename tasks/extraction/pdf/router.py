"""Whether a page's Markdown is to be trusted, by what shows in it and by what pdfium saw on the page.

Each doubt names a way in which liteparse fails that another engine does not share. docs/engines.md says what was measured.
"""

import re
import unicodedata
from collections import Counter

LEAST_FOUND = 0.9  # of the letters and digits that pdfium saw; an engine that has fewer has lost text
POOR_FOUND = 0.5  # with fewer the plain text is better than any structure
GAIN = 0.05  # of those letters, by which another engine must be better to be taken for having more
JUDGED_WORDS = 60  # a shorter page, such as a cover, may be all headings
HEADING_SHARE = 0.5  # of a page's words in headings; with more the text below them has been drawn in
TORN_NUMBERS = 5  # on one line: page numbers torn off their entries in a table of contents

_HEADING = re.compile(r"#{1,6} (.*)")
_NUMBERS = re.compile(rf"(?:\d{{1,4}} ){{{TORN_NUMBERS - 1},}}\d{{1,4}}")


def doubt(markdown: str) -> str | None:
    """Why a page's Markdown looks wrong, None when it does not."""
    lines = markdown.split("\n")
    words = len(markdown.split())
    headed = sum(len(found[1].split()) for line in lines if (found := _HEADING.fullmatch(line)))
    if words >= JUDGED_WORDS and headed > HEADING_SHARE * words:
        return "headings"
    if any(_NUMBERS.fullmatch(line.strip()) for line in lines):
        return "torn numbers"
    if any(_is_spaced_out(line) for line in lines):
        return "spaced letters"
    return None


def _is_spaced_out(line: str) -> bool:
    """Whether a line in capitals falls into pieces of one or two letters: "C HA PT E R 7."."""
    words = line.strip("#* ").split()
    pieces = sum(1 for word in words if len(word) <= 2 and word.isalpha() and word.isupper())
    return pieces >= 3 and 2 * pieces >= len(words)


def share_found(text: str, seen: str) -> float:
    """Share of the letters and digits of `seen` that are in `text` too, each as often; 1 when there are none."""
    expected = _letters(seen)
    total = sum(expected.values())
    return sum((_letters(text) & expected).values()) / total if total else 1.0


def _letters(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for character, times in Counter(text).items():
        for plain in unicodedata.normalize("NFKC", character):  # a ligature is its letters
            if plain.isalnum():
                found[plain] += times
    return found
