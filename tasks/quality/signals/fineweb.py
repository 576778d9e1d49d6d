"""The line rules that FineWeb added.

Source: Penedo et al., "The FineWeb Datasets" (arXiv 2406.17557), section 3.6; newlines per word from datatrove's code. Lines
are lines of prose (tasks/quality/text_view.py): no tables, no code, no blank lines.
"""

from tasks.quality.signals.gopher import LEAST_LINES
from tasks.quality.text_view import TextView

# What ends a sentence: full stop, question and exclamation mark, quotation marks, and their likes in other scripts. FineWeb took
# these five ASCII marks; datatrove now takes the ends of sentences of all scripts, and no quotation marks.
TERMINAL = frozenset(
    ".?!\"'\u201d\u201c\u2019\u00bb\u2026\u203c\u203d\u2047\u2048\u2049"
    "\u0589\u061d\u061e\u061f\u06d4\u0964\u0965\u104a\u104b\u1362\u1367\u1368\u17d4\u17d5\u3002\uff01\uff0e\uff1f\uff61"
)
SHORT_LINE = 30  # characters


def measure_fineweb(view: TextView) -> dict[str, float]:
    """fineweb.line_punct: share of lines that end in one of TERMINAL; rejected at 0.12 and under (datatrove: under 0.12).
    fineweb.short_lines: share of lines under SHORT_LINE characters; rejected from 0.67 (datatrove: at most SHORT_LINE
    characters, over 0.67).
    fineweb.dup_line_chars: share of characters in lines that are copies of an earlier one, without line ends; rejected from 0.1
    (datatrove: over 0.01, and 0.1 in FineWeb-2).
    fineweb.newline_word: line ends per word; rejected over 0.3. Only in the code, not in the paper. Blank lines are no line ends
    here: in Markdown they stand between all paragraphs. (datatrove counts them.)

    All are left out under LEAST_LINES lines.
    """
    lines = view.lines
    if len(lines) < LEAST_LINES:
        return {}
    copies = view.copied_lines
    return {
        "fineweb.line_punct": sum(1 for line in lines if line[-1] in TERMINAL) / len(lines),
        "fineweb.short_lines": sum(1 for line in lines if len(line) < SHORT_LINE) / len(lines),
        "fineweb.dup_line_chars": sum(map(len, copies)) / sum(map(len, lines)) if copies else 0.0,
        "fineweb.newline_word": (len(lines) - 1) / len(view.prose_words),
    }
