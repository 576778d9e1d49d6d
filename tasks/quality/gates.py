"""The gates: a signal, a bound, and the reason that a text beyond it gets. None of them measures, none knows of another."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tasks.quality.settings import GateSettings
from tasks.quality.signals.gopher import DUPLICATE_SIZES, TOP_SIZES

GOPHER = "Gopher (arXiv 2112.11446), appendix A.1"
GOPHER_REPETITION = "Gopher (arXiv 2112.11446), Table A1"
FINEWEB = "FineWeb (arXiv 2406.17557)"
C4 = "C4 (arXiv 1910.10683)"
OWN = "doctune"
SCORE = "score"
ENGLISH = frozenset({"en"})


class Direction(Enum):
    """Which side of its bound a gate rejects. The sources differ in whether the bound itself passes."""

    BELOW = "below"
    ABOVE = "above"
    AT_MOST = "at most"
    AT_LEAST = "at least"


# What a gate asks for, when it rejects on that side.
_ASKS = {
    Direction.BELOW: "at least",
    Direction.ABOVE: "at most",
    Direction.AT_MOST: "more than",
    Direction.AT_LEAST: "less than",
}


@dataclass(frozen=True)
class Gate:
    """A rule that rejects.

    code: the reason (tasks/storage/reasons.py). signal: what it looks at; a text without that signal passes. bound, unit: the
    threshold and what it counts. direction: which values are rejected. title: what the signal is, in words. setting: name of the
    threshold. languages: those that it holds for; None for all.
    """

    code: str
    signal: str
    bound: float
    direction: Direction
    source: str
    unit: str
    title: str
    setting: str
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
        """What it asks for: "at most 0.3 (share of lines)"."""
        where = f", {'/'.join(sorted(self.languages))} only" if self.languages else ""
        return f"{_ASKS[self.direction]} {self.bound:g} ({self.unit}{where})"


@dataclass(frozen=True)
class _Rule:
    """A gate without its bound, which is in the settings."""

    code: str
    signal: str
    setting: str
    direction: Direction
    source: str
    unit: str
    title: str
    languages: frozenset[str] | None = None


BELOW, ABOVE, AT_MOST, AT_LEAST = Direction.BELOW, Direction.ABOVE, Direction.AT_MOST, Direction.AT_LEAST
_LINES, _CHARACTERS, _WORDS = "share of lines", "share of characters", "share of words"

# In each group of signals the clearer reason comes first.
RULES = (
    _Rule("quality.length.min_words", "length.words", "min_words", BELOW, GOPHER, "words", "length"),
    _Rule("quality.length.max_words", "length.words", "max_words", ABOVE, GOPHER, "words", "length"),
    _Rule("quality.c4.lorem", "c4.lorem", "max_lorem_share", ABOVE, C4, _WORDS, "placeholder words"),
    _Rule("quality.c4.policy", "c4.policy", "max_policy_share", ABOVE, C4, _WORDS, "words in notices about cookies and privacy"),
    _Rule("quality.symbols.ratio", "symbols.ratio", "max_symbols", ABOVE, OWN, _CHARACTERS, "symbols"),
    _Rule("quality.gopher.alpha_words", "gopher.alpha_words", "min_alpha_words", BELOW, GOPHER, _WORDS, "words with a letter"),
    _Rule(
        *("quality.gopher.mean_word_length", "gopher.mean_word_length", "min_mean_word_length", BELOW, GOPHER, "characters"),
        "mean length of words",
    ),
    _Rule(
        *("quality.gopher.mean_word_length", "gopher.mean_word_length", "max_mean_word_length", ABOVE, GOPHER, "characters"),
        "mean length of words",
    ),
    _Rule("quality.gopher.symbol_word", "gopher.hash_word", "max_symbols_per_word", ABOVE, GOPHER, "per word", "hash signs"),
    _Rule("quality.gopher.symbol_word", "gopher.ellipsis_word", "max_symbols_per_word", ABOVE, GOPHER, "per word", "ellipses"),
    _Rule(
        *("quality.gopher.ellipsis_lines", "gopher.ellipsis_lines", "max_ellipsis_lines", ABOVE, GOPHER, _LINES),
        "lines that end in an ellipsis",
    ),
    _Rule(
        "quality.gopher.bullets", "gopher.bullets", "max_bullet_lines", ABOVE, GOPHER, _LINES, "lines that begin with a bullet"
    ),
    _Rule("quality.fineweb.short_lines", "fineweb.short_lines", "max_short_lines", AT_LEAST, FINEWEB, _LINES, "short lines"),
    _Rule(
        "fineweb.line_punct", "fineweb.line_punct", "min_line_punct", AT_MOST, FINEWEB, _LINES, "lines that end like sentences"
    ),
    _Rule(
        *("quality.fineweb.newline_word", "fineweb.newline_word", "max_newlines_per_word", ABOVE, FINEWEB, "line ends per word"),
        "line breaks",
    ),
    _Rule(
        *(
            "quality.fineweb.dup_line_chars",
            "fineweb.dup_line_chars",
            "max_fineweb_dup_line_chars",
            AT_LEAST,
            FINEWEB,
            _CHARACTERS,
        ),
        "text in repeated lines",
    ),
    _Rule("quality.gopher.dup_line", "gopher.dup_line", "max_dup_line", ABOVE, GOPHER_REPETITION, _LINES, "repeated lines"),
    _Rule(
        *("quality.gopher.dup_para", "gopher.dup_para", "max_dup_para", ABOVE, GOPHER_REPETITION, "share of paragraphs"),
        "repeated paragraphs",
    ),
    _Rule(
        *("quality.gopher.dup_line_chars", "gopher.dup_line_chars", "max_dup_line_chars", ABOVE, GOPHER_REPETITION, _CHARACTERS),
        "text in repeated lines",
    ),
    _Rule(
        *("quality.gopher.dup_para_chars", "gopher.dup_para_chars", "max_dup_para_chars", ABOVE, GOPHER_REPETITION, _CHARACTERS),
        "text in repeated paragraphs",
    ),
    *(
        _Rule(
            *("quality.gopher.top_n", f"gopher.top_{n}", f"max_top_{n}", ABOVE, GOPHER_REPETITION, _CHARACTERS),
            f"text in the most frequent phrase of {n} words",
        )
        for n in TOP_SIZES
    ),
    *(
        _Rule(
            *("quality.gopher.dup_n", f"gopher.dup_{n}", f"max_dup_{n}", ABOVE, GOPHER_REPETITION, _CHARACTERS),
            f"text in repeated phrases of {n} words",
        )
        for n in DUPLICATE_SIZES
    ),
    _Rule(
        *("quality.gopher.stop_words", "gopher.stop_words", "min_stop_words", BELOW, GOPHER, "of eight"),
        "commonest English words",
        languages=ENGLISH,
    ),
    _Rule("quality.score", SCORE, "min_score", BELOW, OWN, "probability", "that a person would call it natural"),
)


def gates_of(settings: GateSettings) -> tuple[Gate, ...]:
    """All gates that are on, with the bounds in force."""
    bounds = settings.bounds()
    return tuple(Gate(**vars(rule), bound=bound) for rule in RULES if (bound := bounds[rule.setting]) is not None)


def describe_gates(settings: GateSettings) -> dict[str, list[dict[str, str]]]:
    """Signal -> the gates that look at it, in words: title, asks, source, code. For reports."""
    described: dict[str, list[dict[str, str]]] = {}
    for gate in gates_of(settings):
        words = {"title": gate.title, "asks": gate.asks(), "source": gate.source, "code": gate.code}
        described.setdefault(gate.signal, []).append(words)
    return described
