"""The gates: a signal, a bound, and the reason that a text beyond it gets. None of them measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from tasks.quality.settings import BasicGateSettings, GateSettings
from tasks.quality.signals.gopher import DUPLICATE_SIZES, TOP_SIZES

GOPHER = "Gopher (arXiv 2112.11446), appendix A.1"
GOPHER_REPETITION = "Gopher (arXiv 2112.11446), Table A1"
FINEWEB = "FineWeb (arXiv 2406.17557)"
C4 = "C4 (arXiv 1910.10683)"
OWN = "doctune"


class Direction(Enum):
    """Which side of its bound a gate rejects. The sources differ in whether the bound itself passes."""

    BELOW = "below"
    ABOVE = "above"
    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True)
class Gate:
    """A rule that rejects.

    code: the reason (tasks/storage/reasons.py). signal: what it looks at; a text without that signal passes. bound, unit: the
    threshold and what it counts. direction: which values are rejected. english_only: says nothing of other languages.
    tier: "basic" gates look at cheap signals, "deep" gates at costly ones.
    """

    code: str
    signal: str
    bound: float
    direction: Direction
    source: str
    unit: str
    tier: Literal["basic", "deep"]
    english_only: bool = False

    def rejects(self, signals: Mapping[str, float], language: str | None = None) -> bool:
        """Whether a text with these signals is rejected."""
        if self.english_only and language != "en":
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


BELOW, ABOVE, AT_MOST, AT_LEAST = Direction.BELOW, Direction.ABOVE, Direction.AT_MOST, Direction.AT_LEAST

# Code without "quality.", signal, bound (None: the gate is off), direction, source, unit.
_Row = tuple[str, str, float | None, Direction, str, str]


def basic_gates(settings: BasicGateSettings) -> tuple[Gate, ...]:
    """The cheap gates that are on, in their order. Their signals are all there already: the likeliest to reject comes first."""
    s = settings
    rows: list[_Row] = [
        ("length.min_words", "length.words", s.min_words, BELOW, GOPHER, "words"),
        ("length.max_words", "length.words", s.max_words, ABOVE, GOPHER, "words"),
        ("c4.lorem", "c4.lorem", s.max_lorem_share, ABOVE, C4, "share of words"),
        ("c4.policy", "c4.policy", s.max_policy_share, ABOVE, C4, "share of words"),
        ("symbols.ratio", "symbols.ratio", s.max_symbols, ABOVE, OWN, "share of characters"),
        ("gopher.alpha_words", "gopher.alpha_words", s.min_alpha_words, BELOW, GOPHER, "share of words"),
        ("gopher.mean_word_length", "gopher.mean_word_length", s.min_mean_word_length, BELOW, GOPHER, "characters"),
        ("gopher.mean_word_length", "gopher.mean_word_length", s.max_mean_word_length, ABOVE, GOPHER, "characters"),
        ("gopher.symbol_word", "gopher.hash_word", s.max_symbols_per_word, ABOVE, GOPHER, "per word"),
        ("gopher.symbol_word", "gopher.ellipsis_word", s.max_symbols_per_word, ABOVE, GOPHER, "per word"),
        ("gopher.ellipsis_lines", "gopher.ellipsis_lines", s.max_ellipsis_lines, ABOVE, GOPHER, "share of lines"),
        ("gopher.bullets", "gopher.bullets", s.max_bullet_lines, ABOVE, GOPHER, "share of lines"),
    ]
    return tuple(_gate(row, "basic") for row in rows if row[2] is not None)


def deep_gates(settings: GateSettings) -> tuple[Gate, ...]:
    """The costly gates that are on, in their order: the clearer reason comes first. The language comes before them all."""
    s = settings
    line, characters, repetition = "share of lines", "share of characters", GOPHER_REPETITION
    rows: list[_Row] = [
        ("fineweb.short_lines", "fineweb.short_lines", s.max_short_lines, AT_LEAST, FINEWEB, line),
        ("fineweb.line_punct", "fineweb.line_punct", s.min_line_punct, AT_MOST, FINEWEB, line),
        ("fineweb.newline_word", "fineweb.newline_word", s.max_newlines_per_word, ABOVE, FINEWEB, "line ends per word"),
        ("fineweb.dup_line_chars", "fineweb.dup_line_chars", s.max_fineweb_dup_line_chars, AT_LEAST, FINEWEB, characters),
        ("gopher.dup_line", "gopher.dup_line", s.max_dup_line, ABOVE, repetition, line),
        ("gopher.dup_para", "gopher.dup_para", s.max_dup_para, ABOVE, repetition, "share of paragraphs"),
        ("gopher.dup_line_chars", "gopher.dup_line_chars", s.max_dup_line_chars, ABOVE, repetition, characters),
        ("gopher.dup_para_chars", "gopher.dup_para_chars", s.max_dup_para_chars, ABOVE, repetition, characters),
    ]
    for name, sizes, bounds in (("top", TOP_SIZES, s.max_top_ngrams), ("dup", DUPLICATE_SIZES, s.max_dup_ngrams)):
        for size, bound in zip(sizes, bounds or (), strict=bounds is not None):
            rows.append((f"gopher.{name}_n", f"gopher.{name}_{size}", bound, ABOVE, repetition, characters))
    rows.append(("gopher.stop_words", "gopher.stop_words", s.min_stop_words, BELOW, GOPHER, "words of eight"))
    return tuple(_gate(row, "deep") for row in rows if row[2] is not None)


def score_gate(settings: GateSettings) -> tuple[Gate, ...]:
    """The last gate: the weighted score (tasks/quality/score.py); none when it is off."""
    row: _Row = ("score", "score", settings.min_score, BELOW, OWN, "0 to 1")
    return (_gate(row, "deep"),) if row[2] is not None else ()


def _gate(row: _Row, tier: Literal["basic", "deep"]) -> Gate:
    code, signal, bound, direction, source, unit = row
    if bound is None:
        raise ValueError(f"{code}: the gate is off")
    return Gate(f"quality.{code}", signal, bound, direction, source, unit, tier, english_only=signal == "gopher.stop_words")
