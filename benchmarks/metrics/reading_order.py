"""NID: whether the text of a page stands there, and in the right order.

Normalized Indel similarity (insertions and deletions) of the running text: without tables, marks of headings and marks of
emphasis, white space collapsed. opendataloader-bench, which names it, keeps the tables as HTML and the marks of headings
in; so its figure counts a wrong table and a missed heading twice.
"""

import re

from benchmarks.metrics.markdown import TABLE, collapse, tables_as_html

_HEADING_MARK = re.compile(r"^#{1,6}\s+", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*{1,3}|~~|__)(\S(?:[^\n]*?\S)?)\1")


def measure_nid(found: str, truth: str) -> float | None:
    """Similarity in [0, 1]; None when the truth has no running text."""
    from rapidfuzz import fuzz

    expected = running_text(truth)
    return fuzz.ratio(running_text(found), expected) / 100 if expected else None


def running_text(markdown: str) -> str:
    """The text that is compared."""
    text = _HEADING_MARK.sub("", TABLE.sub(" ", tables_as_html(markdown)))
    bare = _EMPHASIS.sub(r"\2", text)
    while bare != text:  # emphasis within emphasis
        text, bare = bare, _EMPHASIS.sub(r"\2", bare)
    return collapse(text)
