"""The gates: a signal, a bound, and the reason that a text beyond it gets. None of them measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tasks.quality.settings import GateSettings
from tasks.quality.signals.gopher import DUPLICATE_SIZES, TOP_SIZES

GOPHER = "Gopher (arXiv 2112.11446), appendix A.1"
GOPHER_REPETITION = "Gopher (arXiv 2112.11446), Table A1"
FINEWEB = "FineWeb (arXiv 2406.17557)"
C4 = "C4 (arXiv 1910.10683)"
MC4 = "mC4 (arXiv 2010.11934)"
TAGHVA = "Taghva et al. 2001, Kulp and Kontostathis 2007"
OWN = "doctune"

SCORE = "score"  # of no group: computed when all is measured
ENGLISH = frozenset({"en"})


class Direction(Enum):
    """Which side of its bound a gate rejects. The sources differ in whether the bound itself passes."""

    BELOW = "below"
    ABOVE = "above"
    AT_MOST = "at most"
    AT_LEAST = "at least"


_ASKS = {
    Direction.BELOW: "at least",
    Direction.ABOVE: "at most",
    Direction.AT_MOST: "more than",
    Direction.AT_LEAST: "less than",
}


@dataclass(frozen=True)
class Gate:
    """A rule that rejects. Gates are independent of each other: in any order, the same texts are kept.

    setting: the name of its threshold in GateSettings. code: the reason (tasks/storage/reasons.py). signal: what it looks at; a
    text without that signal passes. words: the signal in plain words. bound, unit: the threshold and what it counts. direction:
    which values are rejected. languages: those it knows; a text in another one passes (None: all languages).
    """

    setting: str
    code: str
    signal: str
    words: str
    bound: float
    direction: Direction
    source: str
    unit: str
    languages: frozenset[str] | None = None

    def rejects(self, signals: Mapping[str, float], language: str | None = None) -> bool:
        """Whether a text with these signals is rejected."""
        if self.languages is not None and language not in self.languages:
            return False
        value = signals.get(self.signal)
        if value is None:
            return False
        if self.direction is Direction.BELOW:
            return value < self.bound
        if self.direction is Direction.ABOVE:
            return value > self.bound
        if self.direction is Direction.AT_MOST:
            return value <= self.bound
        return value >= self.bound

    def asks(self) -> str:
        """What a text needs to pass, such as "at most 0.3"."""
        return f"{_ASKS[self.direction]} {self.bound:g}"

    def describe(self) -> str:
        """The rule in one line: what it looks at, what it asks for, where it comes from."""
        return f"{self.words}: {self.asks()} ({self.unit}; {self.source})"


BELOW, ABOVE, AT_MOST, AT_LEAST = Direction.BELOW, Direction.ABOVE, Direction.AT_MOST, Direction.AT_LEAST

WORDS, LINES, CHARACTERS = "share of words", "share of lines", "share of characters"

# Setting, code without "quality.", signal, words, direction, source, unit. The cheap signals come first, the score last.
_ROWS: list[tuple[str, str, str, str, Direction, str, str]] = [
    ("min_words", "length.min_words", "length.words", "words", BELOW, GOPHER, "words"),
    ("max_words", "length.max_words", "length.words", "words", ABOVE, GOPHER, "words"),
    ("max_symbols", "symbols.ratio", "symbols.ratio", "share of symbols", ABOVE, OWN, CHARACTERS),
    ("max_lorem_share", "c4.lorem", "c4.lorem", "share of placeholder text", ABOVE, C4, WORDS),
    ("max_policy_share", "c4.policy", "c4.policy", "share of notices about cookies, privacy or scripts", ABOVE, C4, WORDS),
    ("min_sentences", "c4.sentences", "c4.sentences", "whole sentences", BELOW, C4, "sentences"),
    ("max_curly_lines", "c4.curly", "c4.curly", "share of lines with a curly bracket", ABOVE, C4, LINES),
    ("max_open_lines", "c4.line_end", "c4.line_end", "share of lines without an end", ABOVE, C4, LINES),
    ("max_few_word_lines", "c4.line_words", "c4.line_words", "share of lines of few words", ABOVE, C4, LINES),
    ("max_long_word_lines", "c4.long_word", "c4.long_word", "share of lines with an endless word", ABOVE, C4, LINES),
    ("max_javascript_lines", "c4.javascript", "c4.javascript", "share of lines about JavaScript", ABOVE, C4, LINES),
    ("min_paragraphs", "c4.paragraphs", "c4.paragraphs", "lines of 200 characters", BELOW, MC4, "lines"),
    ("min_alpha_words", "gopher.alpha_words", "gopher.alpha_words", "share of words with a letter", BELOW, GOPHER, WORDS),
    (
        *("min_mean_word_length", "gopher.mean_word_length", "gopher.mean_word_length", "mean length of words"),
        *(BELOW, GOPHER, "characters"),
    ),
    (
        *("max_mean_word_length", "gopher.mean_word_length", "gopher.mean_word_length", "mean length of words"),
        *(ABOVE, GOPHER, "characters"),
    ),
    ("max_hashes_per_word", "gopher.symbol_word", "gopher.hash_word", "hash signs per word", ABOVE, GOPHER, "per word"),
    ("max_ellipses_per_word", "gopher.symbol_word", "gopher.ellipsis_word", "ellipses per word", ABOVE, GOPHER, "per word"),
    (
        *("max_ellipsis_lines", "gopher.ellipsis_lines", "gopher.ellipsis_lines", "share of lines that end in an ellipsis"),
        *(ABOVE, GOPHER, LINES),
    ),
    ("max_bullet_lines", "gopher.bullets", "gopher.bullets", "share of lines that are bullets", ABOVE, GOPHER, LINES),
    ("max_boilerplate", "office.boilerplate", "office.boilerplate", "share of notices and footers", ABOVE, OWN, WORDS),
    ("max_table_words", "office.tables", "office.tables", "share of words in tables", ABOVE, OWN, WORDS),
    ("max_figures", "office.figures", "office.figures", "share of words that are numbers", ABOVE, OWN, WORDS),
    ("max_placeholders", "office.placeholders", "office.placeholders", "share of places to fill in", ABOVE, OWN, WORDS),
    ("max_machine_lines", "office.machine_lines", "office.machine_lines", "share of machine output", ABOVE, OWN, CHARACTERS),
    ("max_navigation", "office.navigation", "office.navigation", "share of menus and lists of links", ABOVE, OWN, WORDS),
    ("max_code", "office.code", "office.code", "share of code", ABOVE, OWN, CHARACTERS),
    ("max_garbage_words", "damage.garbage_words", "damage.garbage_words", "share of garbled words", ABOVE, TAGHVA, WORDS),
    ("max_encoding_damage", "damage.encoding", "damage.encoding", "wrongly decoded places", ABOVE, OWN, "per 1,000 characters"),
    ("max_short_lines", "fineweb.short_lines", "fineweb.short_lines", "share of short lines", AT_LEAST, FINEWEB, LINES),
    (
        *("min_line_punct", "fineweb.line_punct", "fineweb.line_punct", "share of lines that end like sentences"),
        *(AT_MOST, FINEWEB, LINES),
    ),
    ("max_newlines_per_word", "fineweb.newline_word", "fineweb.newline_word", "line ends per word", ABOVE, FINEWEB, "per word"),
    (
        *("max_fineweb_dup_line_chars", "fineweb.dup_line_chars", "fineweb.dup_line_chars", "share of text in repeated lines"),
        *(AT_LEAST, FINEWEB, CHARACTERS),
    ),
    ("max_dup_line", "gopher.dup_line", "gopher.dup_line", "share of lines that are repeated", ABOVE, GOPHER_REPETITION, LINES),
    (
        *("max_dup_para", "gopher.dup_para", "gopher.dup_para", "share of paragraphs that are repeated"),
        *(ABOVE, GOPHER_REPETITION, "share of paragraphs"),
    ),
    (
        *("max_dup_line_chars", "gopher.dup_line_chars", "gopher.dup_line_chars", "share of text in repeated lines"),
        *(ABOVE, GOPHER_REPETITION, CHARACTERS),
    ),
    (
        *("max_dup_para_chars", "gopher.dup_para_chars", "gopher.dup_para_chars", "share of text in repeated paragraphs"),
        *(ABOVE, GOPHER_REPETITION, CHARACTERS),
    ),
    *[
        (
            *(f"max_top_{n}_gram", "gopher.top_n", f"gopher.top_{n}", f"share of text in the commonest phrase of {n} words"),
            *(ABOVE, GOPHER_REPETITION, CHARACTERS),
        )
        for n in TOP_SIZES
    ],
    *[
        (
            *(f"max_dup_{n}_gram", "gopher.dup_n", f"gopher.dup_{n}", f"share of text in repeated phrases of {n} words"),
            *(ABOVE, GOPHER_REPETITION, CHARACTERS),
        )
        for n in DUPLICATE_SIZES
    ],
    ("min_stop_words", "gopher.stop_words", "gopher.stop_words", "common English words", BELOW, GOPHER, "words of eight"),
    ("min_score", "score", SCORE, "probability that a person would call it natural", BELOW, OWN, "0 to 1"),
]
_LANGUAGES = {"gopher.stop_words": ENGLISH}


def gates_of(settings: GateSettings) -> tuple[Gate, ...]:
    """All gates that are on, in the shipped order."""
    return tuple(
        Gate(setting, f"quality.{code}", signal, words, bound, direction, source, unit, _LANGUAGES.get(signal))
        for setting, code, signal, words, direction, source, unit in _ROWS
        if (bound := settings.bound(setting)) is not None
    )


def describe_gates(settings: GateSettings) -> dict[str, list[dict[str, str]]]:
    """Signal -> the gates that look at it, in words: title, asks, source, code, and direction and bound. For reports."""
    described: dict[str, list[dict[str, str]]] = {}
    for gate in gates_of(settings):
        asks = f"{gate.asks()} ({gate.unit})"
        described.setdefault(gate.signal, []).append(
            {
                **{"title": gate.words, "asks": asks, "source": gate.source, "code": gate.code},
                **{"direction": gate.direction.value, "bound": repr(gate.bound)},
            }
        )
    return described
