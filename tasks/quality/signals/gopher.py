"""The rules of Gopher: quality (cheap) and repetition (costlier).

Source: Rae et al., "Scaling Language Models: Methods, Analysis & Insights from Training Gopher" (arXiv 2112.11446), appendix
A.1 and Table A1. Implementations disagree about words and duplicates; what is meant here is said at each function. Words are
those of tasks/quality/text_view.py.
"""

import re
from collections.abc import Sequence

from tasks.quality.text_view import TextView

STOP_WORDS = frozenset(["the", "be", "to", "of", "and", "that", "have", "with"])
BULLETS = ("-", "*", "+", "\u2022", "\u2023", "\u25aa", "\u25cf", "\u25e6", "\u2043", "\u25a0", "\u25b6")
ELLIPSES = ("...", "\u2026")
_ELLIPSIS_RUN = re.compile(r"\.{3,}|\u2026+")  # a dot leader of a table of contents is one ellipsis, however long
TOP_SIZES = (2, 3, 4)
DUPLICATE_SIZES = (5, 6, 7, 8, 9, 10)
LEAST_LINES = 5  # with fewer lines or paragraphs one repetition would already pass a share of 0.2
LEAST_WORDS_FOR_STOP_WORDS = 50
LEAST_WORDS_FOR_PHRASES = 100  # in less text, one repeated phrase says nothing
MOST_UNSPACED = 0.5  # above this share of one-letter words (Chinese, Thai) word rules measure the script, not the text

_BASE = 0x9E3779B97F4A7C15  # odd 64-bit multiplier (golden ratio) of the rolling hash over word numbers


def measure_gopher_quality(view: TextView) -> dict[str, float]:
    """Over prose and table cells: gopher.mean_word_length (characters), gopher.alpha_words (share of words with a letter),
    gopher.hash_word and gopher.ellipsis_word (occurrences per word). Over lines of prose: gopher.bullets (share that begin
    with a bullet), gopher.ellipsis_lines (share that end in an ellipsis).

    Mean, as in the paper, not the median that dolma takes; alpha_words over white-space words, because counting punctuation
    as words refuses 28 to 62 % of good documents. Low is bad for alpha_words, both for the length, high for the others.
    """
    signals: dict[str, float] = {}
    words = view.words
    if words and view.unspaced_share <= MOST_UNSPACED:
        signals["gopher.mean_word_length"] = sum(map(len, words)) / len(words)
    if words:
        signals["gopher.alpha_words"] = sum(1 for word in words if _has_letter(word)) / len(words)
        # A heading's hashes are Markdown, not noise of a page.
        bare = [line.lstrip("#") for line in view.lines] + view.cells
        signals["gopher.hash_word"] = sum(line.count("#") for line in bare) / len(words)
        ellipses = sum(len(_ELLIPSIS_RUN.findall(line)) for line in bare)
        signals["gopher.ellipsis_word"] = ellipses / len(words)
    if view.lines:
        signals["gopher.bullets"] = sum(1 for line in view.lines if line.startswith(BULLETS)) / len(view.lines)
        signals["gopher.ellipsis_lines"] = sum(1 for line in view.lines if line.endswith(ELLIPSES)) / len(view.lines)
    return signals


def _has_letter(word: str) -> bool:
    return word.isalpha() or any(map(str.isalpha, word))


def measure_stop_words(view: TextView) -> dict[str, float]:
    """gopher.stop_words: how many of the eight English STOP_WORDS occur in the prose (0 to 8). Low is bad, in English only.

    Left out with fewer than LEAST_WORDS_FOR_STOP_WORDS words: tables and lists have no need of them.
    """
    if len(view.prose_words) < LEAST_WORDS_FOR_STOP_WORDS:
        return {}
    found = STOP_WORDS.intersection(word.lower().strip(".,;:!?\"'()") for word in view.prose_words)
    return {"gopher.stop_words": float(len(found))}


def measure_gopher_lines(view: TextView) -> dict[str, float]:
    """Repetition of lines and paragraphs of the prose; high is bad. Tables and code repeat by nature and do not count.

    gopher.dup_line, gopher.dup_para: share of lines (paragraphs) that are copies of an earlier one; the first one is no copy.
    gopher.dup_line_chars, gopher.dup_para_chars: share of characters in them. Left out under LEAST_LINES lines (paragraphs).
    Lines and paragraphs without a letter or digit (rules, lines to write on) are no copies.
    """
    signals: dict[str, float] = {}
    for name, units in (("dup_line", view.lines), ("dup_para", view.paragraphs)):
        if len(units) >= LEAST_LINES:
            copies = copies_of(units)
            signals[f"gopher.{name}"] = len(copies) / len(units)
            signals[f"gopher.{name}_chars"] = sum(map(len, copies)) / sum(map(len, units))
    return signals


def measure_gopher_phrases(view: TextView) -> dict[str, float]:
    """Repetition of phrases in the prose; high is bad.

    gopher.top_2 to top_4: share of characters in the most frequent n-gram of words, its occurrences times its length; 0 when
    none occurs twice. gopher.dup_5 to dup_10: share of characters in words covered by an n-gram that occurred before, each
    word counted once. N-grams are case-sensitive, without the spaces; left out under LEAST_WORDS_FOR_PHRASES words.
    """
    if len(view.prose_words) < LEAST_WORDS_FOR_PHRASES or view.unspaced_share > MOST_UNSPACED:
        return {}
    return _measure_ngrams(view.prose_words)


def copies_of(units: Sequence[str]) -> list[str]:
    """The units that are copies of an earlier one and hold a letter or digit."""
    seen: set[str] = set()
    copies = []
    for unit in units:
        if unit in seen and any(map(str.isalnum, unit)):
            copies.append(unit)
        seen.add(unit)
    return copies


def _measure_ngrams(words: Sequence[str]) -> dict[str, float]:
    """All n-gram shares in one pass over n: the hash of an n-gram is the hash of its first n-1 words, times a base, plus one.

    64-bit hashes instead of the words: two different n-grams of one text share a hash with a probability below 1e-9.
    """
    import numpy as np

    numbers: dict[str, int] = {}
    ids = np.fromiter((numbers.setdefault(word, len(numbers) + 1) for word in words), dtype=np.uint64, count=len(words))
    ids *= np.uint64(0xD6E8FEB86659FD93)  # spread the small numbers over 64 bits (odd, so no two become one)
    ids ^= ids >> np.uint64(32)
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    starts = np.concatenate(([0], np.cumsum(lengths)))  # characters before each word
    total = int(starts[-1])
    signals: dict[str, float] = {}
    hashes = ids
    for size in range(2, max(DUPLICATE_SIZES) + 1):
        if size > len(words):
            break
        hashes = hashes[:-1] * np.uint64(_BASE) + ids[size - 1 :]
        _, first, inverse, counts = np.unique(hashes, return_index=True, return_inverse=True, return_counts=True)
        if size in TOP_SIZES:
            most = int(counts.max())
            at = first[counts == most]
            longest = int((starts[at + size] - starts[at]).max())
            signals[f"gopher.top_{size}"] = min(1.0, most * longest / total) if most > 1 else 0.0
        elif size in DUPLICATE_SIZES:
            repeated = np.flatnonzero(first[inverse] != np.arange(len(hashes)))
            edges = np.zeros(len(words) + 1, dtype=np.int64)
            np.add.at(edges, repeated, 1)
            np.add.at(edges, repeated + size, -1)
            covered = np.cumsum(edges[:-1]) > 0
            signals[f"gopher.dup_{size}"] = int(lengths[covered].sum()) / total
    return signals
