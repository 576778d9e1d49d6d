"""The groups of signals: what is measured together, because it is counted together. None of them knows a threshold."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.quality.facts import PartFacts
from tasks.quality.signals.c4 import measure_c4
from tasks.quality.signals.damage import measure_damage
from tasks.quality.signals.fineweb import measure_fineweb
from tasks.quality.signals.gopher import (
    DUPLICATE_SIZES,
    TOP_SIZES,
    measure_gopher_lines,
    measure_gopher_phrases,
    measure_gopher_quality,
    measure_stop_words,
)
from tasks.quality.signals.language import load_identifier, measure_language
from tasks.quality.signals.length import measure_length
from tasks.quality.signals.natural import NAMES, measure_natural
from tasks.quality.signals.office import measure_office
from tasks.quality.signals.symbols import measure_symbols
from tasks.quality.text_view import TextView

DIGITS = 6  # of a stored signal
LANGUAGE = "language"


@dataclass(frozen=True)
class Measured:
    """Signals of one text.

    groups: those that were measured, in order. language: ISO 639-1 or "und", languages: its share of the text; None until the
    group "language" was measured. seconds: what each group took when it was measured.
    """

    groups: tuple[str, ...] = ()
    signals: Mapping[str, float] = field(default_factory=dict)
    language: str | None = None
    languages: Mapping[str, float] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """measure: from a text and what is known of it to its signals. signals: the names that it may give."""

    measure: Callable[[TextView, PartFacts], Mapping[str, float]]
    signals: tuple[str, ...]


def _of_view(measure: Callable[[TextView], Mapping[str, float]], *signals: str) -> Group:
    return Group(lambda view, _facts: measure(view), signals)


# All groups but the language, which also names one.
GROUPS: dict[str, Group] = {
    "length": _of_view(measure_length, "length.words", "length.characters"),
    "symbols": _of_view(measure_symbols, "symbols.ratio"),
    "c4": _of_view(
        measure_c4,
        *("c4.lorem", "c4.policy", "c4.line_end", "c4.line_words", "c4.long_word", "c4.javascript", "c4.curly"),
        *("c4.sentences", "c4.paragraphs"),
    ),
    "gopher_quality": _of_view(
        measure_gopher_quality,
        *("gopher.mean_word_length", "gopher.alpha_words", "gopher.hash_word", "gopher.ellipsis_word"),
        *("gopher.bullets", "gopher.ellipsis_lines"),
    ),
    "fineweb": _of_view(
        measure_fineweb,
        *("fineweb.line_punct", "fineweb.short_lines", "fineweb.dup_line_chars", "fineweb.newline_word"),
    ),
    "gopher_lines": _of_view(
        measure_gopher_lines,
        *("gopher.dup_line", "gopher.dup_para", "gopher.dup_line_chars", "gopher.dup_para_chars"),
    ),
    "office": Group(
        measure_office,
        tuple(
            f"office.{name}"
            for name in ("boilerplate", "tables", "figures", "placeholders", "navigation", "machine_lines", "code")
        ),
    ),
    "damage": Group(measure_damage, ("damage.garbage_words", "damage.encoding")),
    "stop_words": _of_view(measure_stop_words, "gopher.stop_words"),
    "gopher_phrases": _of_view(
        measure_gopher_phrases,
        *(f"gopher.top_{size}" for size in TOP_SIZES),
        *(f"gopher.dup_{size}" for size in DUPLICATE_SIZES),
    ),
    "natural": _of_view(measure_natural, *(f"natural.{name}" for name in NAMES)),
}
GROUP_OF = {signal: name for name, group in GROUPS.items() for signal in group.signals}
GROUP_OF["language.probability"] = GROUP_OF["language.share"] = LANGUAGE


def measure_group(name: str, view: TextView, facts: PartFacts, before: Measured) -> Measured:
    """What is known when this group is measured as well. Raises KeyError for a group that does not exist."""
    if name == LANGUAGE:
        load_identifier()  # once in a worker, which no text is to be blamed for
    started = time.perf_counter()
    language, languages = before.language, before.languages
    if name == LANGUAGE:
        written = measure_language(view)
        language, languages, signals = written.language, written.languages, dict(written.signals)
    else:
        signals = dict(GROUPS[name].measure(view, facts))
    rounded = {signal: round(value, DIGITS) for signal, value in signals.items()}
    spent = {**before.seconds, name: time.perf_counter() - started}
    return Measured((*before.groups, name), {**before.signals, **rounded}, language, languages, spent)


def keep_groups(measured: Measured, groups: Sequence[str]) -> Measured:
    """What would be known if only these groups had been measured."""
    signals = {name: value for name, value in measured.signals.items() if GROUP_OF[name] in groups}
    known = LANGUAGE in groups
    seconds = {name: spent for name, spent in measured.seconds.items() if name in groups}
    language, languages = (measured.language, measured.languages) if known else (None, None)
    return Measured(tuple(groups), signals, language, languages, seconds)
