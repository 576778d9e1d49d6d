"""The line rules that FineWeb added.

Source: Penedo et al., "The FineWeb Datasets" (arXiv 2406.17557), section 3.6; newlines per word from datatrove's code. Lines
are lines of prose (tasks/quality/text_view.py): no tables, no code.
"""

from tasks.quality.signals.gopher import LEAST_LINES, copies_of
from tasks.quality.text_view import TextView

TERMINAL = tuple(".?!\"':;)\u2026\u201d\u201c\u00bb\u3002\uff01\uff1f\u0964\u061f")
SHORT_LINE = 30  # characters


def measure_fineweb(view: TextView) -> dict[str, float]:
    """fineweb.line_punct: share of lines that end in terminal punctuation (with the colon, semicolon and bracket that business
    texts end lines with); low is bad. fineweb.short_lines: share of lines under SHORT_LINE characters. fineweb.dup_line_chars:
    share of characters in lines that are copies of an earlier one. fineweb.newline_word: line ends per word. High is bad.

    All are left out under LEAST_LINES lines.
    """
    lines = view.lines
    if len(lines) < LEAST_LINES:
        return {}
    characters = sum(map(len, lines))
    return {
        "fineweb.line_punct": sum(1 for line in lines if line.endswith(TERMINAL)) / len(lines),
        "fineweb.short_lines": sum(1 for line in lines if len(line) < SHORT_LINE) / len(lines),
        "fineweb.dup_line_chars": sum(map(len, copies_of(lines))) / characters,
        "fineweb.newline_word": (len(lines) - 1) / len(view.prose_words),
    }
