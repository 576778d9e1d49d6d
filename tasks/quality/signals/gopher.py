"""The rules of Gopher: quality (cheap) and repetition (costlier).

Source: Rae et al., "Scaling Language Models: Methods, Analysis & Insights from Training Gopher" (arXiv 2112.11446), appendix
A.1 and Table A1, whose thresholds are named here. No reference code was published, and implementations disagree about words
and duplicates; what is meant here is said at each function. Words are those of tasks/quality/text_view.py.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasks.quality.text_view import TextView, copies_of

if TYPE_CHECKING:
    import numpy as np

STOP_WORDS = frozenset(["the", "be", "to", "of", "and", "that", "have", "with"])
BULLETS = frozenset("-*+\u2022\u2023\u25aa\u25cf\u25e6\u2043\u25a0\u25b6")
ELLIPSES = ("...", "\u2026")
_ELLIPSIS_RUN = re.compile(r"\.{3,}|\u2026+")  # a dot leader of a table of contents is one ellipsis, however long
TOP_SIZES = (2, 3, 4)
DUPLICATE_SIZES = (5, 6, 7, 8, 9, 10)
LEAST_LINES = 5  # with fewer lines or paragraphs one repetition would already pass a share of 0.2
LEAST_WORDS_FOR_STOP_WORDS = 50
LEAST_WORDS_FOR_PHRASES = 100  # in less text, one repeated phrase says nothing
MOST_UNSPACED = 0.5  # above this share of one-letter words (Chinese, Thai) word rules measure the script, not the text


def measure_gopher_quality(view: TextView) -> dict[str, float]:
    """Over prose and table cells:
    gopher.mean_word_length: characters per word; rejected under 3 and over 10. The mean, as in the paper; dolma takes the median.
    gopher.alpha_words: share of words with a letter; rejected under 0.8. Over white-space words: counting punctuation as words,
    as datatrove does, refuses 28 to 62 % of good documents.
    gopher.hash_word, gopher.ellipsis_word: occurrences per word; rejected over 0.1. A heading's hashes are Markdown, no noise,
    and a dot leader is one ellipsis.

    Over lines of prose:
    gopher.bullets: share that begin with one of BULLETS; rejected over 0.9. datatrove knows two of them, dolma two others.
    gopher.ellipsis_lines: share that end in an ellipsis; rejected over 0.3.
    """
    signals: dict[str, float] = {}
    words = len(view.words)
    if words and view.unspaced_share <= MOST_UNSPACED:
        signals["gopher.mean_word_length"] = view.characters / words
    if words:
        without = sum(count for word, count in view.odd_words.items() if not any(map(str.isalpha, word)))
        signals["gopher.alpha_words"] = (words - without) / words
        # A heading's hashes are Markdown, not noise of a page.
        with_hash = [line.lstrip("#") for line in view.lines if "#" in line] + [row for row in view.cells if "#" in row]
        signals["gopher.hash_word"] = sum(line.count("#") for line in with_hash) / words
        signals["gopher.ellipsis_word"] = (_count_ellipses(view.lines) + _count_ellipses(view.cells)) / words
    if view.lines:
        signals["gopher.bullets"] = sum(1 for line in view.lines if line[0] in BULLETS) / len(view.lines)
        signals["gopher.ellipsis_lines"] = sum(1 for line in view.lines if line.endswith(ELLIPSES)) / len(view.lines)
    return signals


def _count_ellipses(lines: Sequence[str]) -> int:
    return sum(len(_ELLIPSIS_RUN.findall(line)) for line in lines if "..." in line or "\u2026" in line)


def measure_stop_words(view: TextView) -> dict[str, float]:
    """gopher.stop_words: how many of the eight English STOP_WORDS occur in the prose (0 to 8); rejected under 2, in English only.

    Different ones, as in datatrove (dolma counts occurrences), without regard to case and punctuation beside them. Left out
    with fewer than LEAST_WORDS_FOR_STOP_WORDS words: tables and lists have no need of them.
    """
    if len(view.prose_words) < LEAST_WORDS_FOR_STOP_WORDS:
        return {}
    missing = set(STOP_WORDS)
    for word in view.prose_words:
        missing.discard(word.lower().strip(".,;:!?\"'()"))
        if not missing:
            break
    return {"gopher.stop_words": float(len(STOP_WORDS) - len(missing))}


def measure_gopher_lines(view: TextView) -> dict[str, float]:
    """Repeated lines and paragraphs of the prose; tables and code repeat by nature and do not count.

    gopher.dup_line, gopher.dup_para: share of lines (paragraphs) that are copies of an earlier one; the first one is no copy.
    Rejected over 0.3. gopher.dup_line_chars, gopher.dup_para_chars: share of characters in them; rejected over 0.2. Blank lines
    and line ends are not counted, unlike in datatrove. Left out under LEAST_LINES lines (paragraphs). Lines and paragraphs
    without a letter or digit (rules, lines to write on) are no copies.
    """
    signals: dict[str, float] = {}
    for name, units in (("dup_line", view.lines), ("dup_para", view.paragraphs)):
        if len(units) >= LEAST_LINES:
            copies = view.copied_lines if units is view.lines else copies_of(units)
            signals[f"gopher.{name}"] = len(copies) / len(units)
            signals[f"gopher.{name}_chars"] = sum(map(len, copies)) / sum(map(len, units)) if copies else 0.0
    return signals


def measure_gopher_phrases(view: TextView) -> dict[str, float]:
    """Repeated phrases (n-grams of words) of the prose, as shares of the characters of its words. They are case-sensitive.

    gopher.top_2 to top_4: the most frequent n-gram, its occurrences times its length, at most 1; 0 when none occurs twice; the
    longest of equally frequent ones. Rejected over 0.20, 0.18, 0.16. datatrove counts the spaces in and between the words, too.
    gopher.dup_5 to dup_10: words covered by an n-gram that occurred before, each counted once ("taking care not to count
    characters that occur in overlapping n-grams more than once", says the paper). Rejected over 0.15, 0.14 to 0.10. datatrove
    passes on by n words after a repeated n-gram, so it misses the rest of a phrase that is no multiple of n long.

    Left out under LEAST_WORDS_FOR_PHRASES words and in scripts without spaces between words.
    """
    if len(view.prose_words) < LEAST_WORDS_FOR_PHRASES or view.unspaced_share > MOST_UNSPACED:
        return {}
    import numpy as np

    words = view.prose_words
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    ids = np.fromiter(map(numbers.__getitem__, words), dtype=np.int64, count=len(words))
    lengths = np.fromiter(map(len, numbers), dtype=np.int64, count=len(numbers))[ids]
    ends = np.concatenate(([0], np.cumsum(lengths)))  # characters before each word
    total = int(ends[-1])

    signals: dict[str, float] = {}
    starts = np.arange(len(words))  # of the phrases whose first size - 1 words occur elsewhere too: only these can be repeated
    prefix = ids
    for size in range(1, max(DUPLICATE_SIZES) + 1):
        if size > 1:
            inside = starts + size <= len(words)
            starts, prefix = starts[inside], prefix[inside]
            # Exact, no hash: the number of the prefix and the number of the word that follows it.
            prefix = prefix * len(numbers) + ids[starts + size - 1]
        starts, prefix, first, counts = _repeated(starts, prefix)
        if size in TOP_SIZES:
            most = int(counts.max()) if len(counts) else 0
            at = first[counts == most]
            longest = int((ends[at + size] - ends[at]).max()) if len(at) else 0
            signals[f"gopher.top_{size}"] = min(1.0, most * longest / total)
        elif size in DUPLICATE_SIZES:
            edges = np.zeros(len(words) + 1, dtype=np.int64)
            copies = starts[first[prefix] != starts]
            edges[copies] += 1
            edges[copies + size] -= 1
            signals[f"gopher.dup_{size}"] = int(lengths[np.cumsum(edges[:-1]) > 0].sum()) / total
    return signals


def _repeated(starts: "np.ndarray", keys: "np.ndarray") -> tuple["np.ndarray", "np.ndarray", "np.ndarray", "np.ndarray"]:
    """Of the phrases at `starts` with these keys those that occur twice or more: (their starts, in order; numbers that are equal
    for equal phrases, from 0; and by that number where a phrase first starts and how often it occurs)."""
    import numpy as np

    if not len(keys):
        return starts, keys, starts, starts
    order = np.argsort(keys)
    ordered = keys[order]
    opens = np.concatenate(([True], ordered[1:] != ordered[:-1]))  # where a run of equal keys begins
    runs = np.flatnonzero(opens)
    counts = np.diff(runs, append=len(keys))
    several = counts > 1
    numbers = np.empty(len(keys), dtype=np.int64)
    numbers[order] = np.where(several, np.cumsum(several) - 1, -1)[np.cumsum(opens) - 1]
    first = np.minimum.reduceat(starts[order], runs)[several]
    stay = numbers >= 0
    return starts[stay], numbers[stay], first, counts[several]
